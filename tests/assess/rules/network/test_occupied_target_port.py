"""NET002."""

from assess.model import Severity
from assess.rules.network.occupied_target_port import occupied_target_port
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder

BUSY = target(listening_ports=(("tcp", 22), ("tcp", 25), ("udp", 53)))


def listening(port: int, protocol: str = "tcp", address: str = "0.0.0.0") -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/x/x"), port, protocol=protocol, address=address)
    return host


def test_a_port_of_the_target_itself_is_taken() -> None:
    said = judge(occupied_target_port, listening(25).build(), targets=(BUSY,))

    assert said.about == [("web01/x", Severity.MAJOR)]
    assert said.findings[0].target == "box"


def test_other_ports_other_transports_and_loopback_are_free() -> None:
    for host in (listening(80), listening(53), listening(25, address="127.0.0.1"), listening(25, "udp")):
        assert judge(occupied_target_port, host.build(), targets=(BUSY,)).silent
