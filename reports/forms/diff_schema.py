"""The documents of ``assess diff --json`` and ``assess reparse --json``."""

from __future__ import annotations

from typing import Annotated

import msgspec

from assess.assessment_comparison import FindingChange, VerdictChange
from assess.export.json_schema import Moment, Version
from inventory.described import doc
from inventory.formats import fact_json
from inventory.history.snapshot_diff import HostDifference
from inventory.store.scan_records import Scan

SCHEMA_VERSION = "1.0"

_VERDICTS = doc("Workloads that were added, removed, or are judged differently.")
_FINDINGS = doc("Findings that were added, removed, or have another severity.")


class ScanRow(msgspec.Struct, frozen=True):
    """A scan."""

    id: Annotated[int, doc("Number of the scan.", ge=1)]
    started: Annotated[Moment, doc("Start of the scan, UTC.")]
    inventory: Annotated[str, doc("The hosts file.")]

    @classmethod
    def of(cls, scan: Scan) -> ScanRow:
        """The row of a scan."""
        return cls(scan.id, fact_json.moment(scan.started), scan.inventory)


class ScanDifference(msgspec.Struct, frozen=True):
    """Difference of two scans, as printed by `assess diff --json`."""

    schema_version: Version
    old: Annotated[ScanRow, doc("The earlier scan.")]
    new: Annotated[ScanRow, doc("The later scan.")]
    hosts_added: Annotated[list[str], doc("Hosts of the later scan only.")]
    hosts_removed: Annotated[list[str], doc("Hosts of the earlier scan only.")]
    hosts: Annotated[list[HostDifference], doc("Hosts of both scans that differ.")]
    verdicts: Annotated[tuple[VerdictChange, ...], _VERDICTS]
    findings: Annotated[tuple[FindingChange, ...], _FINDINGS]


class ScanReadAgain(msgspec.Struct, frozen=True):
    """A scan as this version reads it, compared with the version that read it before."""

    scan: Annotated[ScanRow, doc("The scan.")]
    program: Annotated[str | None, doc("Version that read it before; null if nothing was stored.")]
    hosts: Annotated[list[HostDifference], doc("Hosts that this version reads differently.")]
    verdicts: Annotated[tuple[VerdictChange, ...], _VERDICTS]
    findings: Annotated[tuple[FindingChange, ...], _FINDINGS]


class VersionDifference(msgspec.Struct, frozen=True):
    """Difference between this version and the one that read the recordings before, as printed by
    `assess reparse --json`.
    """

    schema_version: Version
    program: Annotated[str, doc("This version.")]
    scans: Annotated[list[ScanReadAgain], doc("Every scan that was read again.")]
