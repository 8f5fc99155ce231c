"""Mounts with their sizes, from both tables of the kernel; what is remote is never asked."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.mounts import Mounts
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.mounts import FRAGMENT, SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded


def mounts(recording: SectionRecording) -> Mounts:
    value = found(SECTION, recording)
    assert isinstance(value, Mounts)
    return value


def test_a_disk_has_its_size_and_a_pseudo_file_system_has_none() -> None:
    by_target = {mount.target: mount for mount in mounts(recorded("vm01", "mounts")).mounts}

    root = by_target["/"]
    assert (root.source, root.filesystem, root.root) == ("/dev/vda", "ext4", "/")
    assert "rw" in root.options
    assert root.size_bytes is not None
    assert root.used_bytes is not None
    assert 0 < root.used_bytes < root.size_bytes
    assert by_target["/proc"].size_bytes is None
    assert not root.remote


def test_fstab_is_read_and_its_credentials_are_hidden() -> None:
    recording = answer(
        "mounts",
        table=b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
        fstab=b"# comment\n\nUUID=1 / ext4 errors=remount-ro 0 1\n"
        b"//nas/x /srv/my\\040data cifs user=a,password=Hunter2,ro\nproc /proc proc\nnonsense\n",
    )
    value = mounts(SECTION.redact(recording, REDACTOR))

    assert [(entry.target, entry.filesystem) for entry in value.fstab] == [
        ("/", "ext4"),
        ("/srv/my data", "cifs"),
        ("/proc", "proc"),
    ]
    assert value.fstab[1].options[0] == "user=a"
    assert value.fstab[1].options[1].startswith("password=<redacted:")
    assert value.fstab[1].options[2] == "ro"
    assert [entry.target for entry in mounts(recorded("vm01", "mounts")).fstab] == ["/"]


def test_the_table_of_an_old_kernel_is_understood() -> None:
    """Before 2.6.26 there is only /proc/mounts, with rootfs beneath the root."""
    table = b"rootfs / rootfs rw 0 0\n/dev/sda1 / ext3 rw,data=ordered 0 0\nnas:/x /mnt/a\\040b nfs rw,vers=3 0 0\n"
    root, disk, remote = mounts(answer("mounts", table=table)).mounts

    assert (root.filesystem, disk.options, disk.root) == ("rootfs", ("rw", "data=ordered"), "/")
    assert (remote.target, remote.remote, remote.size_bytes) == ("/mnt/a b", True, None)


def test_optional_fields_of_mountinfo_are_passed_over() -> None:
    line = b"36 35 98:0 /sub /mnt rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n"
    (mount,) = mounts(answer("mounts", table=line)).mounts

    assert (mount.root, mount.filesystem, mount.options) == ("/sub", "ext3", ("rw", "noatime", "errors=continue"))


def test_without_proc_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("mounts", table=b""), Platform.POSIX), Unknown)


def test_only_reachable_local_file_systems_are_asked_for_their_size() -> None:
    """Not a remote one, not one that a remote one covers, not one beneath a remote one, and none of unknown kind."""
    table = "\\n".join(
        ["/dev/a / ext4 rw 0 0", "/dev/b /data xfs rw 0 0", "/dev/c /covered ext4 rw 0 0", "nas:/x /covered nfs rw 0 0",
         "nas:/y /net nfs4 rw 0 0", "/dev/d /net/local ext4 rw 0 0", "x /odd fuse.new rw 0 0", "proc /proc proc rw 0 0",
         "/dev/e /a\\\\040b ext4 rw 0 0", "tmpfs /run/user/0 tmpfs rw 0 0"]
    )  # fmt: skip
    functions = FRAGMENT.split("part table")[0].replace("cat /proc/mounts | awk", f"printf '{table}\\n' | awk")
    for shell in filter(lambda words: shutil.which(words[0]), (["sh"], ["ksh"], ["busybox", "sh"])):
        done = subprocess.run([*shell, "-c", f"{functions}\nbf_targets"], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["/", "/data"], done


def test_this_machine() -> None:
    value = mounts(ask(SECTION)["mounts"])
    root = [mount for mount in value.mounts if mount.target == "/"][-1]
    status = os.statvfs("/")

    if root.size_bytes is None:
        pytest.skip(f"the root is of type {root.filesystem}")
    assert root.size_bytes == status.f_blocks * status.f_frsize // 1024 * 1024


def test_what_is_no_mount_is_an_error() -> None:
    for table in (b"nonsense\n", b"36 35 98:0 / / rw - ext3\n"):
        with pytest.raises(ParseError, match="table:1"):
            parse(answer("mounts", table=table))


@given(
    st.sampled_from(["table", "sizes", "fstab"]),
    st.one_of(st.binary(max_size=80), st.text("\n /-a1\\0", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        assert isinstance(parse(answer("mounts", **{"table": b"a / ext4 rw 0 0\n", name: content})), Found | Unknown)
    except ParseError as error:
        assert str(error)
