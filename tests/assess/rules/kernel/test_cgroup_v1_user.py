"""KRN030."""

import pytest

from assess.model import Severity
from assess.rules.kernel.cgroup_v1_user import cgroup_v1_user
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def using(opened: str = "", script: str = "") -> Snapshot:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/s/s")
    if opened:
        host.open(process, opened)
    host.init_script("s", script, 50)
    return host.build()


@pytest.mark.parametrize(
    ("opened", "script"),
    [
        ("/sys/fs/cgroup/memory/s/memory.limit_in_bytes", ""),
        ("", "cgexec -g cpu:s /opt/s/s"),
        ("", "echo 1 > /sys/fs/cgroup/cpu/x"),
    ],
)
def test_version_1_is_missed_on_a_target_with_version_2(opened: str, script: str) -> None:
    snapshot = using(opened, script)

    assert judge(cgroup_v1_user, snapshot).about == [("web01/s", Severity.MAJOR)]
    assert judge(cgroup_v1_user, snapshot, targets=(target(cgroup_version=1),)).silent
    assert judge(cgroup_v1_user, snapshot, targets=(target(cgroup_version=0),)).missing == {""}


def test_version_2_and_the_word_alone_are_not() -> None:
    assert judge(cgroup_v1_user, using("/sys/fs/cgroup/system.slice/s/memory.max", "echo cgi")).silent
