"""Mutated archives of real tools: one error or none, nothing outside of the directory, and never a crash."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import SandboxLimits
from containerize.sandbox.strict_tar import StrictTar
from containerize.tar.archive_index import index
from containerize.tar.reader import HostileStream, read_members

from .attacks import ATTACKS, archive, member
from .mutation import mutate

ROOT = Path(__file__).parents[3]
LIMITS = SandboxLimits(1 << 26, 10_000)

_CONFINED = """
import io, os, random, struct, sys, json
sys.path.append({root!r})
from containerize.sandbox.admission import Admission, ArchiveRefused
from containerize.sandbox.child import _reason
from containerize.sandbox.isolation import Confinement, confine
from containerize.sandbox.removal import remove_tree
from containerize.sandbox.syscall_filter import WRITING
from containerize.sandbox.unpack import Unpacking
from containerize.tar.reader import HostileStream
from tests.containerize.sandbox.mutation import mutate
with open({seeds!r}, "rb") as file:
    seeds = [bytes.fromhex(line) for line in file.read().decode().split()]
confine(Confinement({target!r}, False, (0, 1, 3, 4, 31), WRITING, 3600, 1 << 26))
rng, outcomes = random.Random({seed}), dict()
for number in range({count}):
    layer = bool(rng.randrange(2))
    data = mutate(rng.choice(seeds), rng)
    try:
        Unpacking(layer, Admission(1 << 26, 10_000, layer=layer)).unpack(io.BytesIO(data))
        outcome = "unpacked"
    except (ArchiveRefused, HostileStream, OSError) as error:
        outcome = type(error).__name__
        assert _reason(error).isprintable()
    except BaseException as error:
        sys.stderr.write("%s: %s in %s" % (type(error).__name__, error, data.hex()[:20000]))
        sys.stderr.flush()
        os._exit(1)
    outcomes[outcome] = outcomes.get(outcome, 0) + 1
    remove_tree(b"/", keep=True)
sys.stdout.write(json.dumps(outcomes))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Archives of the tools that hosts have, of Python and of the attacks, small enough to be mutated often."""
    top = tmp_path_factory.mktemp("seeds") / "top"
    (top / "d/inner").mkdir(parents=True)
    (top / "d/file").write_bytes(b"content" * 100)
    (top / "d/empty").write_bytes(b"")
    (top / "d/inner" / ("n" * 120)).write_bytes(b"long")
    (top / "link").symlink_to("d")
    (top / "hard").hardlink_to(top / "d/file")
    os.mkfifo(top / "fifo")
    found = []
    for form in ("v7", "ustar", "gnu", "pax"):
        made = subprocess.run(
            ["tar", "-C", str(top), f"--format={form}", "--xattrs", "-b1", "-cf", "-", "."],
            capture_output=True,
            check=False,
        )
        found.append(made.stdout)
    if shutil.which("busybox"):
        found.append(subprocess.run(["busybox", "tar", "-C", str(top), "-cf", "-", "."], capture_output=True).stdout)
    found.append(
        archive(member("etc/.wh.a"), member("d", kind=tarfile.DIRTYPE), member("d/.wh..wh..opq"), member("d/x"))
    )
    canary = top / "canary"
    found += [data for each in ATTACKS if len(data := each.build(canary)) < 20_000]
    assert len(found) >= 6 and all(found)
    return found


def _inputs(seeds: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    for _ in range(count):
        yield mutate(rng.choice(seeds), rng)


def _read_all(data: bytes) -> None:
    try:
        for each in read_members(io.BytesIO(data)):
            for _ in each.chunks():
                pass
    except HostileStream as error:
        assert str(error).isprintable()
    with contextlib.suppress(HostileStream):
        list(index(io.BytesIO(data)))
    strict = StrictTar(io.BytesIO(data), LIMITS)
    try:
        written = b"".join(strict)
    except (HostileStream, RuntimeFailed):
        return
    # What an engine gets is a tar in which nothing surprises.
    with tarfile.open(fileobj=io.BytesIO(written), mode="r:", errors="surrogateescape") as tar:
        for found in tar:
            assert not found.isdev() or found.isfifo()
            assert not found.name.startswith("/") and ".." not in found.name.split("/")
            assert 0 <= found.uid < 2**32 - 1 and 0 <= found.gid < 2**32 - 1 and 0 <= found.mtime < 2**33
            assert found.isdir() or not found.mode & 0o6000
    assert not list(StrictTar(io.BytesIO(written), LIMITS).left_out)


def _unpack_all(seeds: list[bytes], place: Path, count: int, seed: int) -> dict[str, int]:
    target, canary = place / "target", place / "canary"
    target.mkdir()
    canary.write_bytes(b"as it was")
    (place / "archives").write_text("\n".join(each.hex() for each in seeds))
    code = _CONFINED.format(root=str(ROOT), seeds=str(place / "archives"), target=str(target), seed=seed, count=count)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert sorted(path.name for path in place.iterdir()) == ["archives", "canary", "target"]
    assert canary.read_bytes() == b"as it was"
    assert list(target.iterdir()) == []
    outcomes: dict[str, int] = json.loads(done.stdout)
    assert sum(outcomes.values()) == count
    return outcomes


def test_mutated_archives_are_read_or_refused(seeds: list[bytes]) -> None:
    for data in _inputs(seeds, 300, 11):
        _read_all(data)


def test_mutated_archives_are_unpacked_or_refused(seeds: list[bytes], target: Path, tmp_path: Path) -> None:
    place = tmp_path / "fuzz"
    place.mkdir()
    outcomes = _unpack_all(seeds, place, 400, 11)
    assert outcomes["unpacked"] > 40 and outcomes["HostileStream"] > 40


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_very_many_mutated_archives_are_read_or_refused(seeds: list[bytes]) -> None:
    for data in _inputs(seeds, 100_000, 12):
        _read_all(data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_very_many_mutated_archives_are_unpacked_or_refused(seeds: list[bytes], target: Path, tmp_path: Path) -> None:
    place = tmp_path / "fuzz"
    place.mkdir()
    _unpack_all(seeds, place, 100_000, 12)
