"""NET011."""

import pytest

from assess.model import Severity
from assess.rules.network.broadcast_server import broadcast_server
from tests.support.judging import Verdicts, judge
from tests.support.snapshots import HostBuilder


def listening(port: int, protocol: str = "udp", address: str = "0.0.0.0") -> Verdicts:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/s/s"), port, protocol=protocol, address=address)
    return judge(broadcast_server, host.build())


@pytest.mark.parametrize(("port", "word"), [(67, "DHCP"), (137, "NetBIOS"), (1434, "SQL Server"), (47808, "BACnet")])
def test_servers_that_are_found_by_broadcast(port: int, word: str) -> None:
    said = listening(port)

    assert said.about == [("web01/s", Severity.MAJOR)]
    assert word in said.messages[0]


def test_the_same_port_of_tcp_or_loopback_is_none_nor_is_another() -> None:
    assert listening(1434, "tcp").silent
    assert listening(137, address="127.0.0.1").silent
    assert listening(53).silent
