"""What comes out of an archive is what it says, within the limits, and nowhere else."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import SandboxLimits, limits_at, read_within, unpack_tar
from inventory.errors import BrownfieldError

from .attacks import ATTACKS, Attack, archive, member

PLENTY = SandboxLimits(1 << 30)


@pytest.mark.parametrize("layer", [False, True], ids=["volume", "layer"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.build.__name__)
def test_a_hostile_archive_reaches_nothing_and_is_told_in_one_line(
    attack: Attack, layer: bool, target: Path, tmp_path: Path
) -> None:
    canary, words = tmp_path / "canary", ""
    try:
        unpack_tar(io.BytesIO(attack.build(canary)), target, PLENTY, layer=layer)
    except BrownfieldError as error:
        words = str(error)
    assert not canary.exists()
    assert bool(words) == (attack.refused_layer if layer else attack.refused), words
    assert words.isprintable() and len(words) < 500 and "Traceback" not in words and "Error" not in words


def test_owners_modes_times_and_kinds_are_those_of_the_archive(target: Path) -> None:
    data = archive(
        member("", kind=tarfile.DIRTYPE, uid=33, gid=34, mode=0o2750),
        member("d", kind=tarfile.DIRTYPE, uid=70_000, gid=4_294_967_294, mode=0o1555, mtime=1_000),
        member("d/file", b"content", uid=33, gid=34, mode=0o640, mtime=2_000),
        member("d/link", kind=tarfile.SYMTYPE, linkname="../../../etc/passwd", uid=5, gid=6, mtime=3_000),
        member("d/hard", kind=tarfile.LNKTYPE, linkname="d/file"),
        member("d/fifo", kind=tarfile.FIFOTYPE, mode=0o622),
        member("late/parent/file", b"x"),
    )
    assert unpack_tar(io.BytesIO(data), target, PLENTY) == {}
    d, file, link = target / "d", (target / "d/file").stat(), (target / "d/link").lstat()
    assert (target.stat().st_uid, target.stat().st_gid, stat.S_IMODE(target.stat().st_mode)) == (33, 34, 0o2750)
    assert (d.stat().st_uid, d.stat().st_gid, d.stat().st_mtime) == (70_000, 4_294_967_294, 1_000)
    assert stat.S_IMODE(d.stat().st_mode) == 0o1555
    assert (file.st_uid, file.st_gid, file.st_mtime, stat.S_IMODE(file.st_mode)) == (33, 34, 2_000, 0o640)
    assert (d / "file").read_bytes() == b"content" and (d / "hard").samefile(d / "file")
    assert ((d / "link").readlink(), link.st_uid, link.st_gid, link.st_mtime) == (
        Path("../../../etc/passwd"),
        5,
        6,
        3_000,
    )
    assert stat.S_ISFIFO((d / "fifo").stat().st_mode) and stat.S_IMODE((d / "fifo").stat().st_mode) == 0o622
    assert (target / "late/parent/file").read_bytes() == b"x"


def test_a_layer_removes_what_lower_layers_brought(target: Path) -> None:
    lower = archive(member("etc/gone", b"1"), member("etc/kept", b"2"), member("var/old/a", b"3"), member("dir/x", b""))
    upper = archive(
        member("etc/.wh.gone"),
        member("var/old/new", b"4"),
        member("var/old/.wh..wh..opq"),
        member("dir", kind=tarfile.SYMTYPE, linkname="etc"),
        member("dir/through", b"5"),
    )
    for data in (lower, upper):
        unpack_tar(io.BytesIO(data), target, PLENTY, layer=True)
    files = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    assert files == ["etc/kept", "etc/through", "var/old/new"]


def test_whiteouts_in_data_are_files_like_others(target: Path) -> None:
    (target / "kept").write_bytes(b"")
    unpack_tar(io.BytesIO(archive(member(".wh.kept"), member(".wh..wh..opq"))), target, PLENTY)
    assert sorted(path.name for path in target.iterdir()) == [".wh..wh..opq", ".wh.kept", "kept"]


def _attributes(**values: bytes) -> dict[str, str]:
    return {
        f"SCHILY.xattr.{name.replace('_', '.', 1)}": value.decode("utf-8", "surrogateescape")
        for name, value in values.items()
    }


CAPABILITY = b"\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"


def test_an_image_keeps_what_gives_a_program_privileges_and_data_does_not(target: Path) -> None:
    pax = _attributes(
        security_capability=CAPABILITY,
        trusted_overlay=b"x",
        security_selinux=b"label",
        user_note=b"kept",
    )
    data = archive(
        member("ping", b"x", mode=0o4755, pax_headers=pax), member("spool", kind=tarfile.DIRTYPE, mode=0o2770)
    )
    (target / "layer").mkdir()
    (target / "volume").mkdir()
    assert unpack_tar(io.BytesIO(data), target / "layer", PLENTY, layer=True) == {"attribute": 1}
    assert unpack_tar(io.BytesIO(data), target / "volume", PLENTY) == {"privilege": 2, "attribute": 1}
    image, copy = target / "layer/ping", target / "volume/ping"
    assert stat.S_IMODE(image.stat().st_mode) == 0o4755 and os.getxattr(image, "security.capability") == CAPABILITY
    assert stat.S_IMODE(copy.stat().st_mode) == 0o755
    assert os.listxattr(copy) == ["user.note"]
    assert stat.S_IMODE((target / "volume/spool").stat().st_mode) == 0o2770


def test_devices_and_links_to_nothing_are_left_out_of_data(target: Path) -> None:
    data = archive(
        member("disk", kind=tarfile.BLKTYPE, devmajor=8, devminor=0),
        member("mem", kind=tarfile.CHRTYPE, devmajor=1, devminor=1),
        member("hard", kind=tarfile.LNKTYPE, linkname="etc/shadow"),
    )
    assert unpack_tar(io.BytesIO(data), target, PLENTY) == {"device": 2, "link": 1}
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("name", ["n" * 256, "d/" * 257 + "x", "/".join(["e" * 200] * 25)])
def test_names_that_no_kernel_takes_are_left_out(name: str, target: Path) -> None:
    assert unpack_tar(io.BytesIO(archive(member(name, b"x"), member("next", b"y"))), target, PLENTY) == {"long": 1}
    assert [path.name for path in target.iterdir()] == ["next"]


def test_directories_deeper_than_the_stack_of_the_interpreter_are_replaced(target: Path) -> None:
    """Links make a path that is short in the archive as deep as one likes."""
    members, deep = [], "d"
    for number in range(5):
        members.append(member(f"{deep}{'/d' * 240}", kind=tarfile.DIRTYPE))
        link = f"l{number}"
        members.append(member(link, kind=tarfile.SYMTYPE, linkname=f"{deep}{'/d' * 240}"))
        deep = f"{link}/d"
    data = archive(*members, member("d", b"a file in its place"))
    unpack_tar(io.BytesIO(data), target, PLENTY, layer=True)
    assert (target / "d").read_bytes() == b"a file in its place"


def test_more_bytes_than_the_limit_are_refused_before_they_are_written(target: Path) -> None:
    data = archive(member("one", b"1" * 60_000), member("two", b"2" * 60_000))
    with pytest.raises(RuntimeFailed, match=r"need at least 0\.1 MB, and the limit is 0\.1 MB"):
        unpack_tar(io.BytesIO(data), target, SandboxLimits(100_000))
    assert [path.name for path in target.iterdir()] == ["one"]


def test_more_files_than_the_limit_are_refused(target: Path) -> None:
    data = archive(*[member(str(number)) for number in range(11)])
    with pytest.raises(RuntimeFailed, match="more than 10 inodes"):
        unpack_tar(io.BytesIO(data), target, SandboxLimits(1 << 30, 10))


def test_a_stream_that_never_ends_is_ended_by_the_clock(target: Path) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            time.sleep(0.2)
            return super().read(512)

    with pytest.raises(RuntimeFailed, match="took too long"):
        unpack_tar(Slow(archive(member("a", b"x" * 100_000))), target, SandboxLimits(1 << 30, seconds=1))


def test_a_full_disk_is_one_sentence(target: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "small", str(target)]).returncode:
        pytest.skip("only root mounts a small file system")
    try:
        with pytest.raises(RuntimeFailed, match="No space left"):
            unpack_tar(io.BytesIO(archive(member("big", b"x" * 200_000))), target, PLENTY)
        with pytest.raises(RuntimeFailed, match="and the limit is"):
            unpack_tar(io.BytesIO(archive(member("big", b"x" * 200_000))), target, limits_at(target))
    finally:
        subprocess.run(["umount", str(target)], check=True)


def test_what_the_sender_raises_is_raised(target: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError("the host went away")

    with pytest.raises(ConnectionResetError):
        unpack_tar(Broken(), target, PLENTY)


def test_a_file_is_read_as_the_container_would(target: Path, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_bytes(b"this machine's")
    (target / "etc").mkdir()
    (target / "etc/passwd").write_bytes(b"the image's")
    (target / "etc/passwd").chmod(0)
    os.chown(target / "etc/passwd", 33, 33)
    (target / "absolute").symlink_to("/etc/passwd")
    (target / "climbing").symlink_to("../../../../../../../etc/passwd")
    (target / "out").symlink_to(tmp_path / "passwd")
    (target / "loop").symlink_to("loop")
    os.mkfifo(target / "fifo")
    os.mknod(target / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    for path in ("/etc/passwd", "/absolute", "/climbing"):
        assert read_within(target, path) == b"the image's"
    for path in ("/out", "/loop", "/fifo", "/zero", "/etc", "/absent", "/proc/self/environ"):
        assert read_within(target, path) is None
    assert read_within(target, "/etc/passwd", 3) == b"the"
