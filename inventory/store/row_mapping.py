"""The rows of scan_hosts and sections as typed values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import zstandard
from sqlalchemy.engine import RowMapping

from inventory.depth import Depth
from inventory.model.sightings import Sightings
from inventory.platforms import Platform
from inventory.recording import Recording, RecordingError, SectionRecording
from inventory.snapshot import Snapshot
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.snapshot_building import build_snapshot
from inventory.store.stored_sightings import sightings_observation

_NO_OUTCOME = "this host was not scanned yet: the scan stopped before it"
_MAX_DECOMPRESSED = 1 << 30


def result_of(row: RowMapping) -> HostResult:
    """A row of scan_hosts whose host was asked, without its recording."""
    return HostResult(
        host=row["host"],
        address=row["address"],
        groups=tuple(row["groups"]),
        platform=Platform(row["platform"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        taken=row["taken"],
        seconds=row["seconds"],
        user=row["login"],
        privileged=row["privileged"],
        peer=row["peer"] or "",
    )


def recording_of(row: RowMapping, blobs: Iterable[tuple[str, bytes]], depth: Depth) -> Recording | None:
    """The recording of a row of scan_hosts from its sections (name, compressed), in their order; None for no answer."""
    if row["outcome"] is None or row["policy"] is None:
        return None
    kept: list[SectionRecording] = []
    missing: dict[str, str] = dict(row["missing"] or {})
    for name, blob in blobs:
        try:
            kept.append(SectionRecording.from_compressed(name, blob))
        except RecordingError as error:
            missing[name] = f"the recording is damaged: {error}"
    return Recording(
        host=row["host"],
        platform=row["platform"],
        taken=row["taken"],
        sections=tuple(kept),
        user=row["login"],
        privileged=row["privileged"],
        outside=_decompressed(row["outside"]),
        missing=missing,
        redaction_policy=row["policy"],
        depth=depth,
    )


def snapshot_of(row: RowMapping, recording: Recording | None, sightings: Sightings | None, depth: Depth) -> Snapshot:
    """The facts of a row of scan_hosts, read from its recording by the parsers of SECTIONS."""
    if row["outcome"] is None:
        empty = HostResult(
            row["host"], row["address"], tuple(row["groups"]), Platform.OTHER, Outcome.UNREACHABLE, _NO_OUTCOME
        )
        return build_snapshot(empty, None, depth)
    snapshot = build_snapshot(result_of(row), recording, depth)
    return snapshot if sightings is None else replace(snapshot, sightings=sightings_observation(sightings))


def _decompressed(outside: bytes | None) -> bytes:
    """The output outside of frames; damage to it is not an error."""
    try:
        return zstandard.ZstdDecompressor().decompress(outside or b"", max_output_size=_MAX_DECOMPRESSED)
    except zstandard.ZstdError:
        return b""
