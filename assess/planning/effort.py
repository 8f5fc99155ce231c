"""The effort of moving an application, in hours, from its findings (``effort.toml``)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assess.knowledge.data_files import KnowledgeTable, read_table
from assess.model import Severity, Verdict, WorkloadAssessment
from assess.planning.model import Effort


class _Base(KnowledgeTable, frozen=True):
    image: float
    pilot: float
    cutover: float
    data: float
    instance: float


class _Spread(KnowledgeTable, frozen=True):
    low: float
    high: float
    undecided: float


class _Hours(KnowledgeTable, frozen=True):
    base: _Base
    severity: dict[Severity, float]
    spread: _Spread


def _hours() -> _Hours:
    return read_table("effort.toml", _Hours)


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
    hours_of = _hours()
    base = hours_of.base
    parts = [("image", base.image), ("pilot", base.pilot), ("cutover", base.cutover)]
    if each.workload.data:
        parts.append(("data", base.data))
    seen: Counter[str] = Counter()
    best = max(each.fits, key=lambda fit: fit.score, default=None)
    for finding in each.findings:
        if finding.severity is Severity.INFO or (best is not None and finding.target not in (None, best.target)):
            continue
        hours = hours_of.severity[finding.severity]
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
    hours_of = _hours()
    spread = hours_of.spread
    parts = work.parts
    if moved_ports:
        hours = hours_of.severity[Severity.MAJOR] * (1 + 0.25 * (moved_ports - 1))
        parts = (*parts, ("clients of moved ports", hours))
    if instances > 1:
        more = hours_of.base.instance * (instances - 1)
        parts = (*parts, (f"{instances - 1} further instances", more))
    total = sum(hours for _, hours in parts)
    undecided = work.undecided * spread.undecided
    return Effort(round(total * spread.low, 1), round(total * spread.high + undecided, 1), parts)


def effort_of(each: WorkloadAssessment, instances: int = 1) -> Effort:
    """The work for an application of which ``each`` is the model. Nothing for what stays."""
    return effort(work_of(each), instances)
