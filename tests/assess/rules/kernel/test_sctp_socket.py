"""KRN010."""

from assess.model import Severity
from assess.rules.kernel.sctp_socket import sctp_socket
from inventory.model.sockets import SctpEndpoint, Sockets
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder, origin


def with_sctp(*addresses: str) -> Snapshot:
    host = HostBuilder()
    host.init()
    host.open(host.process(50, "/opt/s/s"), "socket:[777]")
    endpoint = SctpEndpoint(addresses, 2905, (), 0, True, 0, 777, origin("sockets", 1, "sctp"))
    host.overrides["sockets"] = Found(Sockets((), (), (), sctp=(endpoint,)))
    return host.build()


def test_sctp_needs_a_module_and_a_port_of_its_own() -> None:
    said = judge(sctp_socket, with_sctp("10.77.0.11"))

    assert said.about == [("web01/s", Severity.MINOR)]
    assert said.findings[0].remedy == "Load sctp on box. Publish 2905/sctp."


def test_a_target_that_has_the_module_needs_no_more() -> None:
    said = judge(sctp_socket, with_sctp("10.77.0.11"), targets=(target(modules=frozenset({"sctp"})),))

    assert said.findings[0].remedy == "Publish 2905/sctp."


def test_several_addresses_are_not_for_a_container() -> None:
    assert judge(sctp_socket, with_sctp("10.77.0.11", "10.78.0.11")).about == [("web01/s", Severity.MAJOR)]


def test_a_host_without_sctp_is_silent() -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/s/s"), 80)

    assert judge(sctp_socket, host.build()).silent
