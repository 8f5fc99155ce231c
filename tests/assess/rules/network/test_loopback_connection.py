"""NET007."""

from assess.model import Severity
from assess.rules.network.loopback_connection import loopback_connection
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
    said = judge(loopback_connection, pair("127.0.0.1").build())

    assert said.about == [("web01/shop", Severity.MINOR)]
    assert "redis-server" in said.messages[0]


def test_a_connection_over_the_network_is_not_found() -> None:
    assert judge(loopback_connection, pair("10.77.0.99").build()).silent


def proxy(*lines: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(60, "/opt/meters/gateway"), 7400)
    host.process(50, "/opt/proxy/proxy", "--config", "/etc/proxy/proxy.conf")
    host.config("/etc/proxy/proxy.conf", *lines)
    return host


def test_a_service_that_the_configuration_names_is_found_without_a_connection() -> None:
    said = judge(loopback_connection, proxy("server {", "proxy_pass http://127.0.0.1:7400/;").build())

    assert said.about == [("web01/proxy", Severity.MINOR)]
    assert said.messages == ["The service reaches gateway at 127.0.0.1:7400."]
    assert said.findings[0].evidence[0].fact == "/etc/proxy/proxy.conf:2 names 127.0.0.1:7400"


def test_neither_a_comment_nor_a_port_where_nobody_listens_is_found() -> None:
    lines = ("# proxy_pass http://127.0.0.1:7400/;", "status localhost:9000", "listen 10.127.0.0.1:7400")

    assert judge(loopback_connection, proxy(*lines).build()).silent
