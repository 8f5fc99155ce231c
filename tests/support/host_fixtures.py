"""Whole hosts in ``tests/fixtures/hosts``: bundles that ``assess bundle`` wrote, put there as they are.

Beside ``NAME.tar.gz`` lies ``NAME.toml`` with what a parser must come back with: for each section how many facts of
each kind. It is written by::

    python -m tests.support.host_fixtures NAME

and read before it is committed. A section that the file does not name is one that the host was not asked.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path

from inventory.history.fact_keys import items
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.privacy.recording_bundle import SUFFIX, unpack
from inventory.recording import Recording
from inventory.snapshot import Snapshot
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.snapshot_building import build_snapshot

FOLDER = Path(__file__).parents[1] / "fixtures" / "hosts"

Totals = dict[str, dict[str, int]]


def names() -> list[str]:
    """The hosts that are there."""
    return sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))


def recording_of(name: str) -> Recording:
    """What the host answered."""
    return unpack(FOLDER / f"{name}{SUFFIX}")


def snapshot_of(recording: Recording) -> Snapshot:
    """What parsers make of it."""
    platform = Platform(recording.platform)
    result = HostResult(recording.host, "", (), platform, Outcome.ANSWERED, taken=recording.taken, user=recording.user)
    return build_snapshot(result, recording, recording.depth)


def totals_of(snapshot: Snapshot) -> Totals:
    """How many facts of each kind each section has; ``{"absent": 1}`` for one that the host has none of."""
    totals: Totals = {}
    for name, observation in snapshot.observations.items():
        if isinstance(observation, Found):
            totals[name] = dict(sorted(Counter(item.kind for item in items(observation.value)).items()))
        elif isinstance(observation, Absent):
            totals[name] = {"absent": 1}
    return totals


def expected(name: str) -> Totals:
    """What the file beside the bundle says."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def main() -> None:
    """Write what today's parsers come back with."""
    for name in sys.argv[1:]:
        lines: list[str] = []
        for section, kinds in totals_of(snapshot_of(recording_of(name))).items():
            lines += [f"[{section}]", *(f'"{kind}" = {number}' for kind, number in kinds.items()), ""]
        (FOLDER / f"{name}.toml").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
