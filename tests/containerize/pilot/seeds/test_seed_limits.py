"""A copy of live data never takes more than this machine has room for, whatever the host says it holds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from containerize.pilot.reference_service import ReferenceService
from containerize.pilot.seeds import file_copy
from containerize.pilot.seeds.seeding import Bounded, SeedFailed, Seeding
from containerize.plan.model import Volume
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, Runtime, RuntimeFailed
from containerize.sandbox.launch import limits_at, unpack_tar
from inventory.host import Host
from inventory.transports.transport import Completed, Transport
from tests.containerize.plans import make_plan


@dataclass
class Directory:
    """A volume that is a directory, as the embedded runtime has it."""

    place: Path

    def room(self) -> int:
        return limits_at(self.place).size

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        return unpack_tar(tar, self.place, limits_at(self.place, most))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    (path / "small").write_bytes(b"x" * 10_000)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("only root fills a volume")
    path = tmp_path / "volume"
    path.mkdir()
    return path


def seeding(transport: Transport, data: Path, place: Path) -> Seeding:
    volume = Volume(str(data), 33, 33, 0o750, "copy", "holds data")
    plan = make_plan((), volumes=(volume,))
    live = ReferenceService(Host("here", "127.0.0.1"), transport)
    spec = ContainerSpec("app", "app", ())
    return Seeding(PilotId.new(), cast(Runtime, Directory(place)), plan, volume, "data", spec, live, {})


class Lying:
    """A host whose du says that four kilobytes are there."""

    def __init__(self, transport: Transport) -> None:
        self.stream = transport.stream

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 60.0, limit: int = 0) -> Completed:
        assert "du -skx" in command
        return Completed(0, b"4 .\n", b"")


@pytest.fixture
def liar(here: Transport) -> Transport:
    return cast(Transport, Lying(here))


def test_a_data_directory_is_copied(here: Transport, data: Path, target: Path) -> None:
    (data / "program").write_bytes(b"x")
    (data / "program").chmod(0o4755)
    seeded = file_copy.seed(seeding(here, data, target))
    assert seeded.words.endswith("without 1 setuid and setgid bits and file capabilities")
    assert (target / "small").read_bytes() == b"x" * 10_000
    assert (target / "program").stat().st_mode & 0o7777 == 0o755


def test_a_sparse_file_is_counted_as_it_is_sent(here: Transport, data: Path, tmp_path: Path) -> None:
    one = seeding(here, data, tmp_path)
    if one.runtime.room() < 12 << 30:
        pytest.skip("the limit is the room here")
    before = one.most()
    os.truncate(data / "small", 1 << 32)
    assert one.most() >= before + (1 << 33) - (1 << 20)


def test_a_host_that_lies_about_its_size_fills_no_disk(liar: Transport, data: Path, target: Path) -> None:
    os.truncate(data / "small", 1 << 40)
    with pytest.raises(RuntimeFailed, match=r"need at least 1099\.5 GB, and the limit is 1\.1 GB"):
        file_copy.seed(seeding(liar, data, target))
    assert list(target.iterdir()) == []


def test_more_than_there_is_room_for_is_refused_before_it_is_sent(here: Transport, data: Path, target: Path) -> None:
    (data / "large").write_bytes(b"x" * 3_000_000)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tiny", str(target)]).returncode:
        pytest.skip("only root mounts a small file system")
    try:
        with pytest.raises(SeedFailed, match=r"holds 3\.\d MB, and there is room for \d\.\d MB here; make room"):
            file_copy.seed(seeding(here, data, target))
    finally:
        subprocess.run(["umount", str(target)], check=True)


def test_an_endless_dump_is_refused(liar: Transport, data: Path, tmp_path: Path) -> None:
    class Endless:
        chunk = bytes(1 << 24)

        def read(self, size: int = -1) -> bytes:
            return self.chunk

    one = seeding(liar, data, tmp_path)
    bounded = Bounded(cast(BinaryIO, Endless()), 1 << 28, one)
    with pytest.raises(SeedFailed, match="much more than it holds"):
        while bounded.read(1 << 24):
            pass
    assert bounded.size <= (1 << 28) + (1 << 24)
