"""The effort of moving an application, in hours, from its findings (``effort.toml``)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assess.knowledge.data_files import data_toml
from assess.model import Severity, Verdict, WorkloadAssessment
from assess.planning.model import Effort

NO_EFFORT = Effort(0.0, 0.0, ())
"""Of what does not move."""


@dataclass(frozen=True, slots=True)
class Work:
    """The work for one instance: ``parts`` as in :class:`Effort`, ``undecided`` the number of rules without an answer.
    ``stays``: none of it is done.
    """

    stays: bool
    parts: tuple[tuple[str, float], ...] = ()
    undecided: int = 0


def work_of(each: WorkloadAssessment) -> Work:
    """The work for a workload if it is the model of an application."""
    if each.verdict is Verdict.STAY or each.workload.kind != "service":
        return Work(stays=True)
    table = _table()
    base, severities = table["base"], table["severity"]
    parts: list[tuple[str, float]] = [(name, float(base[name])) for name in ("image", "pilot", "cutover")]
    if each.workload.data:
        parts.append(("data", float(base["data"])))
    seen: Counter[str] = Counter()
    best = max(each.fits, key=lambda fit: fit.score, default=None)
    for finding in each.findings:
        if finding.severity is Severity.INFO or (best is not None and finding.target not in (None, best.target)):
            continue
        hours = float(severities[finding.severity])
        if not hours:
            continue
        share = 1.0 if not seen[finding.rule] else 0.25
        seen[finding.rule] += 1
        parts.append((f"{finding.name} ({finding.rule})", hours * share))
    return Work(False, tuple(parts), len({one.rule for one in each.undetermined}))


def effort(work: Work, instances: int, moved_ports: int = 0) -> Effort:
    """The work for so many instances of one application, of which the plan moves so many ports."""
    if work.stays:
        return NO_EFFORT
    table = _table()
    base, spread = table["base"], table["spread"]
    parts = work.parts
    if moved_ports:
        hours = float(table["severity"][Severity.MAJOR]) * (1 + 0.25 * (moved_ports - 1))
        parts = (*parts, ("clients of moved ports", hours))
    if instances > 1:
        more = float(base["instance"]) * (instances - 1)
        parts = (*parts, (f"{instances - 1} further instances", more))
    total = sum(hours for _, hours in parts)
    undecided = work.undecided * float(spread["undecided"])
    return Effort(round(total * spread["low"], 1), round(total * spread["high"] + undecided, 1), parts)


def effort_of(each: WorkloadAssessment, instances: int = 1) -> Effort:
    """The work for an application of which ``each`` is the model. Nothing for what stays."""
    return effort(work_of(each), instances)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return data_toml("effort.toml")
