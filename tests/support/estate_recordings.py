"""Whole recordings of the estate's hosts, read back as snapshots."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from inventory.platforms import Platform
from inventory.recording import Recording, SectionRecording
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.snapshot_building import build_snapshot
from tests.support.snapshots import TAKEN

FOLDER = Path(__file__).parents[1] / "fixtures" / "estate"
ADDRESSES = {"web01": "127.0.77.11", "db01": "127.0.77.12", "app01": "127.0.77.13", "vm01": "127.0.77.14"}


@lru_cache(maxsize=16)
def recorded_host(host: str, user: str = "root") -> Snapshot:
    """A host of the estate as it was when it was recorded, seen by ``user``."""
    result = recorded_result(host, user)
    return build_snapshot(result, result.recording)


def recorded_result(host: str, user: str = "root") -> HostResult:
    """What a worker brought home from a host of the estate, recording included."""
    folder = FOLDER / (host if user == "root" else f"{host}-{user}")
    sections = tuple(
        SectionRecording.from_compressed(section.name, (folder / f"{section.name}.zst").read_bytes())
        for section in SECTIONS
        if (folder / f"{section.name}.zst").exists()
    )
    return HostResult(
        host=host,
        address=ADDRESSES.get(host, host),
        groups=(),
        platform=Platform.POSIX,
        outcome=Outcome.ANSWERED,
        taken=TAKEN,
        user=user,
        privileged=user == "root",
        recording=Recording(host, Platform.POSIX.value, TAKEN, sections, user, user == "root", redaction_policy=1),
    )
