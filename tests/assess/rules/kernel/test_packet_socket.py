"""KRN008."""

from assess.model import Severity
from assess.rules.kernel.packet_socket import packet_socket
from inventory.model.sockets import PacketSocket, Sockets
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def with_packet_socket(holder: int, ethernet_protocol: int = 0x0003) -> Snapshot:
    host = HostBuilder()
    host.init()
    for pid in (50, 60):
        process = host.process(pid, f"/opt/s{pid}/s{pid}")
        if pid == holder:
            host.open(process, "socket:[777]")
    packets = (PacketSocket("raw", ethernet_protocol, 2, 0, 777, origin("sockets", 1, "packet")),)
    host.overrides["sockets"] = Found(Sockets((), (), (), packet=packets))
    return host.build()


def test_who_holds_a_packet_socket_is_found_with_what_it_takes() -> None:
    said = judge(packet_socket, with_packet_socket(50, 0x88CC))

    assert said.about == [("web01/s50", Severity.MAJOR)]
    assert "LLDP" in said.messages[0]


def test_a_socket_that_nobody_seen_holds_is_nobodys() -> None:
    assert judge(packet_socket, with_packet_socket(0)).silent


def test_files_that_could_not_be_seen_are_no_pass() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s")
    host.unknown("open_files", "not root")

    assert [each.reason for each in judge(packet_socket, host.build()).undetermined] == ["not root"]
