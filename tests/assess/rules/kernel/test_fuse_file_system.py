"""KRN036."""

import pytest

from assess.model import Severity
from assess.rules.kernel.fuse_file_system import fuse_file_system
from inventory.model.mounts import Mount, Mounts
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


@pytest.mark.parametrize(
    ("kind", "found"),
    [("fuse.sshfs", True), ("fuseblk", True), ("fusectl", False), ("ext4", False), ("fuse.lxcfs", False)],
)
def test_a_mounted_file_system_of_a_program_is_found(kind: str, found: bool) -> None:
    host = HostBuilder()
    mount = Mount("it", "/srv/x", kind, (), "/", None, None, origin("mounts"))
    host.overrides["mounts"] = Found(Mounts((mount,), ()))

    assert judge(fuse_file_system, host.build()).about == ([("web01", Severity.MINOR)] if found else [])
