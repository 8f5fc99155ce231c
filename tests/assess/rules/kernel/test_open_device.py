"""KRN007."""

import pytest

from assess.model import Severity
from assess.rules.kernel.open_device import open_device
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def holding(*paths: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    for descriptor, path in enumerate(paths):
        host.open(process, path, descriptor=descriptor)
    return host


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("/dev/net/tun", Severity.MINOR),
        ("/dev/ttyS0", Severity.MAJOR),
        ("/dev/sdb1", Severity.MAJOR),
        ("/dev/mem", Severity.BLOCKER),
        ("/dev/fuse", Severity.MAJOR),
        ("/dev/something", Severity.MINOR),
    ],
)
def test_a_device_is_found_with_what_it_takes(path: str, severity: Severity) -> None:
    said = judge(open_device, holding("/dev/null", path).build())

    assert said.about == [("web01/x", severity)]
    assert path in said.messages[0]


def test_what_every_container_has_is_not_found() -> None:
    usual = ("/dev/null", "/dev/urandom", "/dev/pts/3", "/dev/shm/sem.x", "/dev/tty", "/dev/tty1", "/dev/console")

    assert judge(open_device, holding(*usual).build()).silent


def test_a_device_is_told_once() -> None:
    assert len(judge(open_device, holding("/dev/fuse", "/dev/fuse").build()).findings) == 1


def test_a_process_whose_files_could_not_be_seen_is_no_pass() -> None:
    host = holding()
    host.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))

    assert [each.reason for each in judge(open_device, host.build()).undetermined] == ["not root"]
