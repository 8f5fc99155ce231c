"""KRN012."""

from assess.model import Severity
from assess.rules.kernel.udplite_socket import udplite_socket
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def test_udp_lite_is_found_and_udp_is_not() -> None:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/s/s")
    host.listen(process, 5004, protocol="udp")
    assert judge(udplite_socket, host.build()).silent

    host.listen(process, 5005, protocol="udplite6")
    assert judge(udplite_socket, host.build()).about == [("web01/s", Severity.INFO)]
