"""What the writer writes, Python's own tarfile reads; and the same members are the same bytes."""

from __future__ import annotations

import io
import os
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.tar.reader import MAX_TIME, read_members
from containerize.tar.writer import MemberKind, TarError, TarMember, TarWriter

_NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda name: name not in (".", "..")
)
_PATHS = st.lists(_NAMES, min_size=1, max_size=8).map(lambda names: "/" + "/".join(names))
_IDS = st.one_of(st.integers(0, 70_000), st.just(2**32 - 2), st.just(8**7), st.just(8**7 - 1))


def _written(*members: tuple[TarMember, bytes]) -> bytes:
    out = io.BytesIO()
    writer = TarWriter(out)
    for member, content in members:
        writer.add(member, [content] if content else [])
    writer.finish()
    return out.getvalue()


@given(_PATHS, _IDS, _IDS, st.integers(0, 0o7777), st.integers(0, 2**33), st.binary(max_size=2000))
def test_a_file_is_read_back_as_it_was_written(
    path: str, uid: int, gid: int, mode: int, mtime: int, content: bytes
) -> None:
    data = _written((TarMember(path, "file", mode, uid, gid, mtime, len(content)), content))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        (found,) = archive.getmembers()
        read = archive.extractfile(found)
        assert read is not None
        assert ("/" + found.name, found.uid, found.gid, found.mode, found.size) == (path, uid, gid, mode, len(content))
        assert found.mtime == min(mtime, 8**11 - 1)
        assert read.read() == content
        assert (found.uname, found.gname) == ("", "")


@given(
    _PATHS, st.one_of(_PATHS, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
)
def test_a_link_keeps_its_target(path: str, target: str) -> None:
    data = _written((TarMember(path, "symlink", 0o777, 0, 0, 0, link=target), b""))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        (found,) = archive.getmembers()
        assert found.issym()
        assert found.linkname == target


def test_a_name_that_is_no_utf8_keeps_its_bytes() -> None:
    path = os.fsdecode(b"/srv/caf\xe9.txt")
    data = _written((TarMember(path, "file", 0o644, 0, 0, 0, 1), b"x"))
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
        assert os.fsencode(archive.getmembers()[0].name) == b"srv/caf\xe9.txt"


def test_capabilities_travel_as_bytes() -> None:
    value = b"\x01\x00\x00\x02\x00\x20\x80\x00" + bytes(12)
    member = TarMember("/bin/ping", "file", 0o755, 0, 0, 0, 1, xattrs=(("security.capability", value),))
    data = _written((member, b"x"))
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
        header = archive.getmembers()[0].pax_headers["SCHILY.xattr.security.capability"]
    assert header.encode("utf-8", "surrogateescape") == value


def test_directories_end_with_a_slash_and_hard_links_name_the_other_path() -> None:
    data = _written(
        (TarMember("/usr", "directory", 0o755, 0, 0, 0), b""),
        (TarMember("/usr/a", "file", 0o644, 0, 0, 0, 2), b"hi"),
        (TarMember("/usr/b", "hardlink", 0o644, 0, 0, 0, link="/usr/a"), b""),
    )
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        kinds = [(each.name, each.isdir(), each.islnk(), each.linkname) for each in archive.getmembers()]
    assert kinds == [("usr", True, False, ""), ("usr/a", False, False, ""), ("usr/b", False, True, "usr/a")]


@pytest.mark.parametrize("path", ["etc/passwd", "/../etc/passwd", "/a//b", "/a/./b", "/", "/a/", "/a\0b", ""])
def test_a_path_that_is_not_clean_is_refused(path: str) -> None:
    with pytest.raises(TarError):
        _written((TarMember(path, "directory", 0o755, 0, 0, 0), b""))


@pytest.mark.parametrize("content", [b"", b"toolong"])
def test_content_of_another_size_than_announced_is_refused(content: bytes) -> None:
    with pytest.raises(TarError):
        _written((TarMember("/a", "file", 0o644, 0, 0, 0, 3), content))


@pytest.mark.parametrize("field", ["uid", "gid"])
@pytest.mark.parametrize("number", [-1, 2**32 - 1, 2**40])
def test_an_owner_that_no_system_has_is_refused(field: str, number: int) -> None:
    numbers = {"uid": 0, "gid": 0, field: number}
    with pytest.raises(TarError, match="that no system has"):
        _written((TarMember("/a", "file", 0o644, mtime=0, **numbers), b""))


@pytest.mark.parametrize("path", ["/" + "n" * 256, "/" + "/".join(["n" * 200] * 21), "/" + "ü" * 128])
def test_a_name_that_no_kernel_takes_is_refused(path: str) -> None:
    with pytest.raises(TarError, match="longer than a kernel allows"):
        _written((TarMember(path, "file", 0o644, 0, 0, 0), b""))


@pytest.mark.parametrize("name", ["user.a=b", "user.a\nb", "user.a\0b"])
def test_an_attribute_that_would_forge_a_record_is_refused(name: str) -> None:
    with pytest.raises(TarError, match="attribute"):
        _written((TarMember("/a", "file", 0o644, 0, 0, 0, xattrs=((name, b"x"),)), b""))


@given(_PATHS, st.sampled_from(["file", "directory", "symlink", "hardlink", "fifo"]), _IDS, st.integers(-5, 2**40))
def test_what_is_written_is_read_back_strictly(path: str, kind: MemberKind, uid: int, mtime: int) -> None:
    data = _written((TarMember(path, kind, 0o644, uid, 0, mtime, link="/x" if "link" in kind else ""), b""))
    (found,) = read_members(io.BytesIO(data))
    assert ("/" + os.fsdecode(found.name), found.kind, found.uid) == (path, kind, uid)
    assert found.mtime == min(max(mtime, 0), MAX_TIME)
