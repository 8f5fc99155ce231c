"""The stream of a host is read strictly: plain files with clean names, and nothing else."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.tar.reader import MAX_ID, MAX_NAME, MAX_SIZE, MAX_TIME, HostileStream, read_files, read_members
from containerize.tar.writer import TarMember, TarWriter, headers


def _read(data: bytes) -> dict[bytes, bytes]:
    return {each.name: b"".join(each.chunks()) for each in read_files(io.BytesIO(data))}


def _archive(info: tarfile.TarInfo, content: bytes = b"", form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("name", ["a", "usr/bin/env", "x/" * 60 + "long", "y" * 90 + "/" + "z" * 90])
def test_all_forms_of_tar_are_read(form: int, name: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = 5
    assert _read(_archive(info, b"hello", form)) == {name.encode(): b"hello"}


@pytest.mark.parametrize(
    "program",
    [
        ["tar", "--null", "--no-recursion", "--format=gnu", "-C", "FOLDER", "-T", "-", "-cf", "-"],
        ["xargs", "-0", "-n", "2", "busybox", "tar", "-C", "FOLDER", "-cf", "-"],
    ],
)
def test_the_tools_of_hosts_are_read(program: list[str], tmp_path: Path) -> None:
    if "busybox" in program and shutil.which("busybox") is None:
        pytest.skip("no busybox")
    names = {
        "plain": b"1",
        "new\nline": b"5",
        "with space and ü": b"2" * 5000,
        "deep/" * 30 + "file": b"",
        "n" * 150: b"4",
    }
    for name, content in names.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    listed = "\0".join(f"./{name}" for name in names).encode()
    command = [str(tmp_path) if word == "FOLDER" else word for word in program]
    run = subprocess.run(command, input=listed, stdout=subprocess.PIPE, check=True)
    assert _read(run.stdout) == {name.encode(): content for name, content in names.items()}


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.DIRTYPE, "directory"),
        (tarfile.FIFOTYPE, "named pipe"),
        (tarfile.GNUTYPE_SPARSE, "sparse file"),
    ],
)
def test_what_is_no_plain_file_ends_the_stream(kind: bytes, word: str) -> None:
    info = tarfile.TarInfo("etc/passwd")
    info.type = kind
    with pytest.raises(HostileStream, match=word):
        _read(_archive(info))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//b", "/etc/x", "a/./b"])
def test_a_name_that_leaves_the_directory_ends_the_stream(name: str) -> None:
    info = tarfile.TarInfo("placeholder")
    info.size = 1
    data = bytearray(_archive(info, b"x"))
    data[:100] = name.encode().ljust(100, b"\0")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    with pytest.raises(HostileStream, match="leaves the directory"):
        _read(bytes(data))


def test_a_header_that_claims_gigabytes_is_not_read() -> None:
    data = bytearray(headers(TarMember("/x", "file", 0o644, 0, 0, 0, MAX_NAME + 1)))
    data[156:157] = b"L"
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    with pytest.raises(HostileStream, match="far too long"):
        _read(bytes(data) + b"\0" * 1024)


def test_a_stream_that_is_cut_off_is_noticed_in_the_content_and_in_the_padding() -> None:
    info = tarfile.TarInfo("x")
    info.size = 3000
    data = _archive(info, b"y" * 3000)
    for end in (512 + 1000, 512 + 3000 + 10):
        with pytest.raises(HostileStream, match=r"cut off|ended in the middle"):
            _read(data[:end])


def test_the_message_of_a_shell_is_no_archive() -> None:
    with pytest.raises(HostileStream, match="not a tar archive"):
        _read(b"Welcome to app01! Authorised use only.\n" * 40)


def test_a_content_that_was_not_read_is_skipped() -> None:
    out = io.BytesIO()
    writer = TarWriter(out)
    writer.add(TarMember("/a", "file", 0o644, 0, 0, 0, 1000), [b"a" * 1000])
    writer.add(TarMember("/b", "file", 0o644, 0, 0, 0, 1), [b"b"])
    writer.finish()
    assert [each.name for each in read_files(io.BytesIO(out.getvalue()))] == [b"a", b"b"]


@given(st.binary(max_size=3000))
def test_no_bytes_raise_anything_but_the_one_error(data: bytes) -> None:
    with contextlib.suppress(HostileStream):
        _read(data)


@given(st.binary(min_size=512, max_size=512), st.binary(max_size=600))
def test_no_header_with_a_right_sum_raises_anything_but_the_one_error(header: bytes, rest: bytes) -> None:
    block = bytearray(header)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    try:
        for each in read_files(io.BytesIO(bytes(block) + rest)):
            b"".join(each.chunks())
    except HostileStream:
        pass


_FIELD = st.one_of(
    st.binary(min_size=12, max_size=12),
    st.text("01234567 \0", min_size=12, max_size=12).map(str.encode),
    st.integers(-(2**90), 2**90).map(lambda number: b"\x80" + (number % 2**88).to_bytes(11, "big")),
)
_PAX = st.dictionaries(
    st.sampled_from(["path", "linkpath", "size", "uid", "gid", "mtime", "SCHILY.xattr.user.x", "comment"]),
    st.one_of(st.integers(-(2**80), 2**80).map(str), st.text(max_size=300), st.just("a/" * 400)),
    max_size=4,
)


@given(_FIELD, _FIELD, _FIELD, _FIELD, st.sampled_from(b"012345678LKxgS7\0"), _PAX)
def test_what_is_read_is_within_what_a_kernel_takes(
    uid: bytes, gid: bytes, size: bytes, mtime: bytes, kind: int, pax: dict[str, str]
) -> None:
    info = tarfile.TarInfo("name")
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[108:116], block[116:124], block[124:136], block[136:148] = uid[:8], gid[:8], size, mtime
    block[156] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    extended = b""
    if pax:
        info.pax_headers = pax
        extended = info.create_pax_header({**info.get_info(), "name": "x"}, "utf-8")[:-512]
    with contextlib.suppress(HostileStream):
        for each in read_members(io.BytesIO(extended + bytes(block) + bytes(2048))):
            assert 0 <= each.uid <= MAX_ID and 0 <= each.gid <= MAX_ID
            assert 0 <= each.size <= MAX_SIZE and 0 <= each.mtime <= MAX_TIME and 0 <= each.mode <= 0o7777
            assert each.kind == "file" or each.size == 0
            parts = each.name.split(b"/") if each.name else []
            assert not {b"", b".", b".."} & set(parts) and b"\0" not in each.name + each.link
            assert each.too_long or (len(each.name) < 4096 and all(len(part) <= 255 for part in parts))


@pytest.mark.parametrize("field", ["uid", "gid"])
@pytest.mark.parametrize("number", [2**32 - 1, 2**32, 2**40, 2**63])
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_an_owner_that_no_system_has_ends_the_stream(field: str, number: int, form: int) -> None:
    info = tarfile.TarInfo("x")
    setattr(info, field, number if form == tarfile.PAX_FORMAT else min(number, 2**55))
    with pytest.raises(HostileStream, match="that no system has"):
        list(read_members(io.BytesIO(_archive(info, form=form))))


@pytest.mark.parametrize(("time", "taken"), [(2**63 - 1, MAX_TIME), (-1, 0), (-(2**62), 0), (2**33 - 1, 2**33 - 1)])
def test_a_time_that_any_user_can_set_does_not_end_the_stream(time: int, taken: int) -> None:
    info = tarfile.TarInfo("x")
    info.mtime = time
    (found,) = read_members(io.BytesIO(_archive(info, form=tarfile.PAX_FORMAT)))
    assert (found.mtime, found.clamped) == (taken, time != taken)


@pytest.mark.parametrize("letter", [b"L", b"K", b"x", b"g"])
def test_endless_headers_end_the_stream(letter: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = letter, 0
    with pytest.raises(HostileStream, match="too many headers"):
        list(read_members(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT) * 100_000)))


def test_what_follows_the_end_of_an_archive_is_not_read() -> None:
    info = tarfile.TarInfo("x")
    data = _archive(info)
    assert [each.name for each in read_members(io.BytesIO(data + b"message" * 512 + data))] == [b"x"]
