"""From a stored scan to its assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from assess.assessment import assess_estate, names_of
from assess.comparison import judgement_of
from assess.judgement.reading import judgement_beside
from assess.local_target import local_target
from assess.model import Assessment
from assess.priorities import priorities_of
from assess.rules import RULES
from assess.target_profiles import chosen_targets
from assess.targets import targets_of
from inventory.errors import WorkspaceError
from inventory.observation import Origin
from inventory.reading import reading_of
from inventory.store.database import Store
from inventory.store.history import History
from inventory.store.records import Scan


def assess_scan(
    store: Store, scan: Scan, inventory: str = "", prioritize: str | None = None, targets: Sequence[str] = ()
) -> Assessment:
    """Judge what a scan brought home, on the container hosts in it, else on the engine of this machine.

    ``targets`` are names of profiles and of scanned container hosts to judge on instead; raises UnknownTarget.

    ``inventory`` is the path as the user gave it (default: as the scan keeps it). Its time is when the scan ended, so
    that the same scan gives the same assessment. Names of workloads are those of earlier scans where these had one.
    ``prioritize`` says what comes first (``security,cost``), None: what brownfield.yaml says.
    """
    snapshots = tuple(store.snapshots(scan))
    chosen = chosen_targets(targets, targets_of(snapshots), local_target)
    judgement = judgement_beside(Path(scan.inventory), known_rules())
    if prioritize is not None:
        judgement = replace(judgement, priorities=priorities_of(prioritize))
    names = {snapshot.host: store.names(snapshot.host) for snapshot in snapshots}
    made = scan.finished or max((snapshot.taken for snapshot in snapshots), default=scan.started)
    return assess_estate(
        snapshots, chosen, made, inventory or scan.inventory, names, quote=_Lines(store, scan), judgement=judgement
    )


def known_rules() -> tuple[tuple[str, str], ...]:
    """(id, name) of each built-in rule, for the check of people's own files."""
    return tuple((rule.id, rule.name) for rule in RULES)


def keep_names(store: Store, assessment: Assessment) -> None:
    """Keep the names of workloads for the next scan."""
    for host, names in names_of(assessment).items():
        store.remember(host, names)


def keep_history(store: Store, scan: Scan, assessment: Assessment) -> None:
    """Keep what this version has read and judged, so that a later one can say what it reads and judges differently."""
    history = History(store)
    program = version("brownfield")
    snapshots = (host.snapshot for host in assessment.hosts)
    history.keep_readings(scan, ((each.host, reading_of(each)) for each in snapshots if each.observations), program)
    history.keep_judgement(scan, judgement_of(assessment), program)


def chosen_scan(store: Store, number: int | None) -> Scan:
    """The scan of this number, or the latest; raises WorkspaceError when there is none."""
    if number is None:
        return latest_scan(store)
    scan = store.scan(number)
    if scan is None:
        raise WorkspaceError(f"there is no scan {number} in this workspace; assess scans lists them")
    return scan


def latest_scan(store: Store) -> Scan:
    """The scan that reports are about; raises WorkspaceError when there is none."""
    scan = store.latest()
    if scan is None:
        raise WorkspaceError("there is no scan in this workspace yet; run: assess scan hosts.ini")
    return scan


class _Lines:
    """The line of a recording that a finding rests on. Findings come host by host, so a few parts are kept at hand."""

    def __init__(self, store: Store, scan: Scan) -> None:
        self._recording = lru_cache(maxsize=4)(lambda host: store.recording(scan, host))
        self._lines = lru_cache(maxsize=64)(self._read)

    def __call__(self, host: str, origin: Origin) -> str:
        lines = self._lines(host, origin.section, origin.part)
        return lines[origin.line - 1] if 0 < origin.line <= len(lines) else ""

    def _read(self, host: str, section: str, part: str) -> list[str]:
        recording = self._recording(host)
        found = recording and recording.section(section)
        answer = found and found.part(part)
        return answer.lines() if answer else []
