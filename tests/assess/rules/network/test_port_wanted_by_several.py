"""NET001."""

from assess.model import Severity
from assess.rules.network.port_wanted_by_several import port_wanted_by_several
from tests.support.judging import TARGET, judge, target
from tests.support.snapshots import HostBuilder


def web(name: str, port: int = 80, address: str = "0.0.0.0", protocol: str = "tcp") -> HostBuilder:
    host = HostBuilder(name)
    host.init()
    host.listen(host.process(50, "/usr/sbin/nginx"), port, address=address, protocol=protocol)
    return host


def test_every_service_that_wants_the_port_is_told_of_the_others() -> None:
    said = judge(port_wanted_by_several, web("a").build(), web("b", protocol="tcp6", address="::").build())

    assert said.about == [("a/nginx", Severity.MAJOR), ("b/nginx", Severity.MAJOR)]
    assert said.messages[0] == "It wants port 80/tcp, and so does b/nginx."
    assert said.findings[0].evidence[0].origin is not None


def test_it_is_minor_where_there_are_targets_enough() -> None:
    targets = (TARGET, target(name="box2"))

    said = judge(port_wanted_by_several, web("a").build(), web("b").build(), targets=targets)

    assert {finding.severity for finding in said.findings} == {Severity.MINOR}


def test_other_ports_other_transports_and_loopback_do_not_clash() -> None:
    hosts = (
        web("a").build(),
        web("b", 81).build(),
        web("c", protocol="udp").build(),
        web("d", address="127.0.0.1").build(),
    )

    assert judge(port_wanted_by_several, *hosts).silent


def test_host_functions_want_no_port_because_they_stay() -> None:
    hosts = []
    for name in ("a", "b"):
        host = HostBuilder(name)
        host.init()
        host.listen(host.process(50, "/usr/sbin/sshd"), 22)
        hosts.append(host.build())

    assert judge(port_wanted_by_several, *hosts).silent


def test_one_service_with_several_sockets_on_a_port_does_not_clash_with_itself() -> None:
    host = web("a")
    host.listen(host.processes[-1], 80, protocol="tcp6", address="::")
    host.listen(host.processes[-1], 80)

    assert judge(port_wanted_by_several, host.build()).silent


def test_two_services_of_one_host_on_different_addresses_clash_on_a_host_with_one() -> None:
    host = web("a", address="10.0.0.1")
    host.listen(host.process(60, "/usr/sbin/lighttpd"), 80, address="10.0.0.2")

    assert len(judge(port_wanted_by_several, host.build()).findings) == 2


def test_many_are_counted_and_not_all_named() -> None:
    said = judge(port_wanted_by_several, *(web(f"h{number:02}").build() for number in range(30)))

    assert len(said.findings) == 30
    assert "and 24 more" in said.messages[0]


def test_a_host_whose_owners_of_sockets_could_not_be_seen_is_undetermined() -> None:
    blind = web("b")
    blind.unknown("open_files", "not root")

    said = judge(port_wanted_by_several, web("a").build(), blind.build())

    assert [(each.workload, each.section) for each in said.undetermined] == [("b/nginx", "open_files")]
