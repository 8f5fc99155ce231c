"""The kernel's events, and the kernel itself."""

from __future__ import annotations

import contextlib
import os
import resource
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.build.traced.fanotify import FAN_OPEN, MountWatch, TracingUnavailable, parse_events


def _event(mask: int = FAN_OPEN, descriptor: int = 7, *, version: int = 3, extra: bytes = b"") -> bytes:
    return struct.pack("=IBBHQii", 24 + len(extra), version, 0, 24, mask, descriptor, 1) + extra


def test_events_are_read_one_after_the_other_with_what_newer_kernels_add() -> None:
    assert list(parse_events(_event() + _event(descriptor=8, extra=b"\0" * 8) + _event(0x4000, -1))) == [
        (FAN_OPEN, 7),
        (FAN_OPEN, 8),
        (0x4000, -1),
    ]


def test_another_version_is_said_and_not_guessed() -> None:
    with pytest.raises(TracingUnavailable, match="version 4"):
        list(parse_events(_event(version=4)))


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes) -> None:
    with contextlib.suppress(TracingUnavailable):
        assert len(list(parse_events(data))) <= len(data) // 24


def _mounted(place: Path) -> str:
    """Shell words that run what follows in a mount namespace of its own with a file system at ``place``."""
    return f"mount -t tmpfs test {place} && echo one > {place}/one && echo two > {place}/two && ln -s one {place}/link"


@pytest.mark.skipif(os.geteuid() != 0, reason="fanotify needs root")
def test_only_what_is_opened_through_the_mount_is_seen(tmp_path: Path) -> None:
    place, outside = tmp_path / "place", tmp_path / "outside"
    place.mkdir()
    outside.write_text("x")
    script = (
        f"{_mounted(place)} && echo ready; read x; cat {place}/link {outside} >&2; test -e {place}/two; echo; read x"
    )
    other = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with other:
        assert other.stdin is not None and other.stdout is not None
        if other.stdout.readline() != "ready\n":
            pytest.skip("no mount namespace can be made here")
        with MountWatch() as watch:
            watch.mark(f"/proc/{other.pid}/root{place}")
            other.stdin.write("go\n")
            other.stdin.flush()
            assert other.stdout.readline() == "\n"
            outside.read_text()
        assert watch.seen() == {f"{place}/one"}, "the link leads there; two was only asked about"
        other.stdin.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="fanotify needs root")
def test_more_files_at_once_than_a_process_may_have_open(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    many = (
        f"for n in $(seq 3000); do echo > {place}/file$n; done; echo ready; read x; cat {place}/file* >&2; echo; read x"
    )
    other = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", f"mount -t tmpfs test {place} && {many}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with other:
        assert other.stdin is not None and other.stdout is not None
        if other.stdout.readline() != "ready\n":
            pytest.skip("no mount namespace can be made here")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
        try:
            watch = MountWatch()
            watch.mark(f"/proc/{other.pid}/root{place}")
            other.stdin.write("go\n")
            other.stdin.flush()
            assert other.stdout.readline() == "\n"
            with watch:
                pass  # only now does anybody read
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert len([path for path in watch.seen() if "/file" in path]) == 3000
        other.stdin.close()


def test_a_user_who_may_not_trace_is_told_what_to_do(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may")
    with pytest.raises(TracingUnavailable, match="as root"):
        MountWatch()
