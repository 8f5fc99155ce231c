"""KRN009."""

import pytest

from assess.model import Severity
from assess.rules.kernel.netlink_socket import netlink_socket
from inventory.model.sockets import NetlinkSocket, Sockets
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def with_netlink(protocol: int, *, groups: int = 0, inode: int = 777, port_id: int = 50) -> Snapshot:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/s/s")
    host.open(process, "socket:[777]")
    sockets = (NetlinkSocket(protocol, port_id, groups, inode, origin("sockets", 1, "netlink")),)
    host.overrides["sockets"] = Found(Sockets((), (), (), netlink=sockets))
    return host.build()


@pytest.mark.parametrize(
    ("protocol", "groups", "word", "severity"),
    [
        (6, 0, "IPsec", Severity.MAJOR),
        (12, 0, "packet filter", Severity.MAJOR),
        (9, 0, "audit", Severity.MINOR),
        (15, 1, "device events", Severity.MINOR),
        (0, 1, "routes", Severity.MINOR),
    ],
)
def test_what_it_does_with_the_kernel_is_told(protocol: int, groups: int, word: str, severity: Severity) -> None:
    said = judge(netlink_socket, with_netlink(protocol, groups=groups))

    assert said.about == [("web01/s", severity)]
    assert word in said.messages[0]


@pytest.mark.parametrize("protocol", [0, 4, 16])
def test_what_every_program_opens_for_a_moment_is_not(protocol: int) -> None:
    assert judge(netlink_socket, with_netlink(protocol)).silent


def test_an_old_kernel_that_tells_no_inode_tells_who_opened_it() -> None:
    assert judge(netlink_socket, with_netlink(9, inode=0)).about == [("web01/s", Severity.MINOR)]
    assert judge(netlink_socket, with_netlink(9, inode=0, port_id=4242)).silent
