"""The table of workloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.model import Severity, Verdict, WorkloadAssessment
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.plan.model import BuiltImage
from reports.view.labels import (
    BUILT,
    CHECKS,
    NOT_BUILT,
    VERDICTS,
    Label,
    confidence_word,
    count,
    percent,
    workload_link,
)
from reports.view.pilots import tried

ORDER = {verdict: place for place, verdict in enumerate(Verdict)}
HOST_FUNCTION = Label("host-function", "Host function", "every container host has its own")


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """One workload. ``confidence`` is the share of decided checks, 0.0-1.0; ``proof`` how far an image has got, with
    ``proof_note`` in numbers (``6 of 7 checks``). A host function has no own verdict: the word says what it is.
    """

    id: str
    href: str
    host: str
    name: str
    kind: str
    verdict: Label
    score: int
    confidence: float
    confidence_word: str
    confidence_text: str
    reason: str
    blocker: int
    major: int
    minor: int
    info: int
    proof: Label
    proof_note: str
    purpose: str

    @property
    def found(self) -> str:
        """``1 blocker, 2 major``."""
        counts = (
            (self.blocker, "blocker", "blockers"),
            (self.major, "major", "major"),
            (self.minor, "minor", "minor"),
            (self.info, "note", "notes"),
        )
        return ", ".join(count(number, word, many) for number, word, many in counts if number)

    @property
    def score_text(self) -> str:
        """The score, empty where it says nothing: a host function is not judged, and of an unknown workload too
        little was seen.
        """
        return str(self.score) if self.service and self.verdict.key != "unknown" else ""

    @property
    def service(self) -> bool:
        """Whether it is a service, not a function of the host such as sshd."""
        return self.kind == "service"


@dataclass(frozen=True, slots=True)
class WorkloadGroup:
    """The rows of one verdict. ``anchor`` is the fragment that links to it, which the script reads as a filter."""

    word: Label
    anchor: str
    rows: tuple[WorkloadRow, ...]
    total: int


def workload_rows(
    assessment: Assessment, builds: Mapping[str, BuiltImage], pilots: Mapping[str, PilotResult]
) -> tuple[WorkloadRow, ...]:
    """Services before host functions; what can move first, the best score first."""
    ordered = sorted(
        assessment.workloads,
        key=lambda each: (each.workload.kind != "service", ORDER[each.verdict], -each.score, each.workload.id),
    )
    return tuple(_row(each, builds.get(each.workload.id), pilots.get(each.workload.id)) for each in ordered)


def workload_groups(rows: tuple[WorkloadRow, ...]) -> tuple[WorkloadGroup, ...]:
    """Rows by verdict, host functions apart. Empty verdicts stay: that nothing is ready is an answer."""
    groups: list[WorkloadGroup] = []
    for word in VERDICTS.values():
        own = tuple(row for row in rows if row.verdict.key == word.key)
        groups.append(WorkloadGroup(word, f"workloads?verdict={word.key}", own, len(own)))
    functions = tuple(row for row in rows if not row.service)
    if functions:
        groups.append(WorkloadGroup(HOST_FUNCTION, "workloads?verdict=host-function", functions, len(functions)))
    return tuple(groups)


def first_rows(groups: tuple[WorkloadGroup, ...], most: int) -> tuple[WorkloadGroup, ...]:
    """At most ``most`` rows in all. Each group gets a fair share, and what one does not need goes to the next ones, so
    that no verdict disappears behind another.
    """
    left = most
    chosen: list[WorkloadGroup] = []
    for number, group in enumerate(groups):
        later = [len(other.rows) for other in groups[number + 1 :]]
        share = max(left // (len(later) + 1), left - sum(later))
        rows = group.rows[:share]
        left -= len(rows)
        chosen.append(WorkloadGroup(group.word, group.anchor, rows, group.total))
    return tuple(chosen)


def proof_of(built: BuiltImage | None, pilot: PilotResult | None) -> tuple[Label, str]:
    """The progress of a workload's image."""
    if pilot is not None and tried(built, pilot):
        passed = sum(check.verdict is CheckVerdict.PASS for check in pilot.checks)
        return CHECKS[pilot.verdict], f"{passed} of {len(pilot.checks)} checks"
    if built is not None:
        return BUILT, "an earlier image was piloted" if pilot else ""
    return NOT_BUILT, ""


def _row(each: WorkloadAssessment, built: BuiltImage | None, pilot: PilotResult | None) -> WorkloadRow:
    severities = Counter(finding.severity for finding in each.findings)
    proof, proof_note = proof_of(built, pilot)
    return WorkloadRow(
        id=each.workload.id,
        href=workload_link(each.workload.id),
        host=each.workload.host,
        name=each.workload.name,
        kind=each.workload.kind,
        verdict=VERDICTS[each.verdict] if each.workload.kind == "service" else HOST_FUNCTION,
        score=each.score,
        confidence=each.confidence,
        confidence_word=confidence_word(each.confidence),
        confidence_text=percent(each.confidence),
        reason=each.reasons[0] if each.reasons else "",
        blocker=severities[Severity.BLOCKER],
        major=severities[Severity.MAJOR],
        minor=severities[Severity.MINOR],
        info=severities[Severity.INFO],
        proof=proof,
        proof_note=proof_note,
        purpose=each.workload.purpose,
    )
