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

from containerize.tar_read import MAX_NAME, HostileStream, read_files
from containerize.tar_write import TarMember, TarWriter, headers


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
    with pytest.raises(HostileStream, match="no tar archive"):
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
