"""NET007."""

from assess.model import Severity
from assess.rules.network.reached_over_loopback import reached_over_loopback
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def pair(remote: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(60, "/usr/bin/redis-server"), 6379, address="127.0.0.1")
    shop = host.process(50, "/opt/shop/shop")
    host.connect(shop, remote, 6379, local=remote)
    host.connect(shop, remote, 6379, local=remote, local_port=40001)
    return host


def test_a_connection_over_loopback_names_the_service_at_its_end_once() -> None:
    said = judge(reached_over_loopback, pair("127.0.0.1").build())

    assert said.about == [("web01/shop", Severity.MINOR)]
    assert "redis-server" in said.messages[0]


def test_a_connection_over_the_network_is_not_found() -> None:
    assert judge(reached_over_loopback, pair("10.77.0.99").build()).silent
