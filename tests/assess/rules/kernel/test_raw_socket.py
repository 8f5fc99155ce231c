"""KRN006."""

import pytest

from assess.model import Severity
from assess.rules.kernel.raw_socket import raw_socket
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def with_socket(protocol: str, port: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/ping/ping"), port, protocol=protocol)
    return host


@pytest.mark.parametrize(
    ("protocol", "number", "severity", "word"),
    [("raw", 1, Severity.MINOR, "ICMP"), ("raw6", 58, Severity.MINOR, "ICMPv6"), ("raw", 112, Severity.MAJOR, "VRRP")],
)
def test_a_raw_socket_is_found_with_its_protocol(protocol: str, number: int, severity: Severity, word: str) -> None:
    said = judge(raw_socket, with_socket(protocol, number).build())

    assert said.about == [("web01/ping", severity)]
    assert word in said.messages[0]


def test_other_sockets_are_not() -> None:
    assert judge(raw_socket, with_socket("tcp", 112).build()).silent


def test_files_that_could_not_be_seen_are_no_pass() -> None:
    host = with_socket("tcp", 80)
    host.unknown("open_files", "not root")

    assert [each.section for each in judge(raw_socket, host.build()).undetermined] == ["open_files"]
