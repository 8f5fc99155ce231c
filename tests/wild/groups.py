"""Selection of cases: groups that each take less than half an hour, and samples drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from tests.wild.results import Result
from tests.wild.service_file import Case

GROUP_SECONDS = 25 * 60
"""A group is planned for less than the 30 minutes that it may take."""
USUAL_SECONDS = 120.0
"""Planned for a case that was never measured."""


def groups(cases: Iterable[Case], known: Mapping[str, Result]) -> list[list[Case]]:
    """Cases in the order of their names, cut where a group would take too long."""
    made: list[list[Case]] = []
    filled = float(GROUP_SECONDS)
    for case in sorted(cases, key=lambda each: each.id):
        result = known.get(case.id)
        seconds = max(USUAL_SECONDS, result.seconds) if result else USUAL_SECONDS
        if filled + seconds > GROUP_SECONDS:
            made.append([])
            filled = 0
        made[-1].append(case)
        filled += seconds
    return made


def sample(cases: Sequence[Case], size: int, seed: int) -> list[Case]:
    """Draw cases; the same for the same seed and the same service files. No service twice while others are left."""
    drawn = sorted(cases, key=lambda each: each.id)
    random.Random(seed).shuffle(drawn)
    first: list[Case] = []
    again: list[Case] = []
    names: set[str] = set()
    for case in drawn:
        (again if case.name in names else first).append(case)
        names.add(case.name)
    return [*first, *again][:size]
