"""NET006."""

from assess.model import Severity
from assess.rules.network.single_listen_address import single_listen_address
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def listening(address: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/x/x"), 80, address=address)
    return host


def test_one_address_is_found() -> None:
    said = judge(single_listen_address, listening("10.77.0.11").build())

    assert said.about == [("web01/x", Severity.MINOR)]


def test_all_addresses_and_loopback_are_not() -> None:
    for address in ("0.0.0.0", "::", "127.0.0.1", "::1"):
        assert judge(single_listen_address, listening(address).build()).silent
