"""What a workload cannot read is in no image, and a user's words pull nothing of others into one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.transports.transport import Transport
from tests.containerize.secret_values.test_secrets_masked import Build


@pytest.fixture
def build(tmp_path: Path, here: Transport, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    place = Path("/opt") if os.access("/opt", os.W_OK) else Path.home()
    with tempfile.TemporaryDirectory(prefix="brownfield-test-", dir=place) as top:
        yield Build(Path(top) / "own", tmp_path, here, monkeypatch)


@pytest.fixture
def other(build: Build) -> Iterator[str]:
    """A place that is no part of the workload's application."""
    with tempfile.TemporaryDirectory(prefix="brownfield-other-", dir=Path(build.top).parents[1]) as folder:
        yield folder


def _inside(build: Build) -> set[str]:
    build.run()
    return {each.path for each in build.plan.files} | {each.path for each in build.plan.secrets}


def _left_out(build: Build) -> dict[str, str]:
    return {each.path: each.reason for each in build.plan.left_out}


def test_what_none_of_its_accounts_can_read_stays_out(build: Build, other: str) -> None:
    top = build.top
    build.host.directory(f"{other}/team", mode=0o700, uid=1001)
    build.host.file(f"{other}/team/app/config.py", "colour = 'blue'\n", uid=1001)
    build.host.file(f"{other}/key.der", b"only for root", mode=0o600)
    build.host.file(f"{other}/open.txt", b"for everybody")
    build.host.file(f"{top}/opt/app/private.txt", b"of another", mode=0o600, uid=1001)
    build.host.file(
        f"{top}/opt/app/app.conf", f"a {other}/team/app/config.py\nb {other}/key.der\nc {other}/open.txt\n", uid=900
    )
    inside, left_out = _inside(build), None
    left_out = _left_out(build)
    assert f"{other}/open.txt" in inside
    assert f"{top}/opt/app/app.conf" in inside
    assert not inside & {f"{other}/team/app/config.py", f"{other}/key.der", f"{top}/opt/app/private.txt"}
    for path in (f"{other}/team", f"{other}/key.der", f"{top}/opt/app/private.txt"):
        assert "can read" in left_out[path], path
    assert b"only for root" not in b"".join(build.run().values())


def test_what_a_user_writes_pulls_nothing_that_only_root_can_read(build: Build, other: str) -> None:
    build.uid = 0
    build.host.file(f"{other}/key.der", b"only for root", mode=0o600)
    build.host.directory(f"{other}/team", mode=0o700)
    build.host.file(f"{other}/team/app.py", b"x = 1\n")
    build.host.file(f"{other}/open.txt", b"for everybody")
    named = f"a {other}/team/app.py\nb {other}/key.der\nc {other}/open.txt\nd {other}/team\n"
    build.host.file(f"{build.top}/opt/app/user.conf", named, uid=1000)
    inside = _inside(build)
    assert f"{other}/open.txt" in inside
    assert not inside & {f"{other}/key.der", f"{other}/team/app.py"}
    assert "user.conf" in _left_out(build)[f"{other}/key.der"]
    assert b"only for root" not in b"".join(build.run().values())


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o644])
def test_a_directory_that_a_user_can_write_counts_like_the_file(build: Build, other: str, mode: int) -> None:
    build.uid = 0
    build.host.file(f"{other}/key.der", b"only for root", mode=0o600)
    if mode == 0o644:
        build.host.directory(f"{build.top}/opt/app/conf.d", uid=1000)
    build.host.file(f"{build.top}/opt/app/conf.d/x.conf", f"k {other}/key.der\n", mode=mode)
    assert f"{other}/key.der" not in _inside(build)


def test_what_root_writes_pulls_what_root_can_read(build: Build, other: str) -> None:
    build.uid = 0
    build.host.file(f"{other}/key.der", b"only for root", mode=0o600)
    build.host.file(f"{build.top}/opt/app/root.conf", f"k {other}/key.der\n")
    # A user names it first.
    build.host.file(f"{build.top}/opt/app/a.conf", f"k {other}/key.der\n", uid=1000)
    assert f"{other}/key.der" in _inside(build)
    assert f"{other}/key.der" not in _left_out(build)
