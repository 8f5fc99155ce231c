"""Score findings, and derive a verdict and its reasons. Pure; the weights are data (``scoring.toml``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assess.knowledge.system_tables import Scoring, scoring
from assess.model import Finding, Fit, Severity, Target, Undetermined, Verdict, Workload, WorkloadAssessment
from assess.policy.priorities import NOTHING_FIRST, Priorities

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_MOST_REASONS = 8
_MOST_SETTINGS = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """The answers about a workload. ``host_findings`` are about its host as a whole; ``asked`` is the number of
    questions (rules and targets), for the confidence, which is at most ``cap``. ``settings`` are those of its
    container.
    """

    findings: tuple[Finding, ...]
    host_findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    asked: int
    settings: tuple[str, ...] = ()
    cap: float = 1.0


def assess_workload(
    workload: Workload, targets: Sequence[Target], judged: Judged, priorities: Priorities = NOTHING_FIRST
) -> WorkloadAssessment:
    """Score a workload on each target; the best target's score and verdict are the workload's.

    ``priorities`` change what findings cost. A host function is not scored: it stays with its host by what it is, and
    its score is 0.
    """
    if workload.kind == "host function":
        reason = f"It belongs to the host, not into a container: {workload.purpose}."
        fits = tuple(Fit(target.name, Verdict.STAY, 0, (reason,)) for target in targets)
        return WorkloadAssessment(workload, Verdict.STAY, 0, 1.0, (reason,), fits, judged.findings, ())
    weights = scoring()
    confidence = 1.0 if judged.asked == 0 else round(1 - _undecided_share(judged), 3)
    judged = _about(workload, judged)
    fits = tuple(_fit(target, judged, confidence, weights, priorities) for target in targets)
    # Only now: a family of systems without proof caps the confidence, and does not change the verdict.
    confidence = min(confidence, judged.cap)
    best = max(fits, key=lambda fit: fit.score, default=None)
    if best is None:
        reasons = ("There is no target to judge it against.",)
        return WorkloadAssessment(
            workload, Verdict.UNKNOWN, 0, confidence, reasons, (), judged.findings, judged.undetermined
        )
    return WorkloadAssessment(
        workload,
        best.verdict,
        best.score,
        confidence,
        best.reasons,
        fits,
        judged.findings,
        judged.undetermined,
        () if best.verdict is Verdict.STAY else judged.settings,
    )


def judged_again(
    each: WorkloadAssessment, host_findings: Sequence[Finding], targets: Sequence[Target], priorities: Priorities
) -> WorkloadAssessment:
    """A service whose findings were changed after it was judged, with the confidence that it has."""
    judged = _about(each.workload, Judged(each.findings, tuple(host_findings), each.undetermined, 0, each.settings))
    fits = tuple(_fit(target, judged, each.confidence, scoring(), priorities) for target in targets)
    best = max(fits, key=lambda fit: fit.score, default=None)
    if best is None or each.workload.kind != "service":
        return each
    return replace(each, verdict=best.verdict, score=best.score, reasons=best.reasons, fits=fits)


def _about(workload: Workload, judged: Judged) -> Judged:
    """Without what is said of the host and does not affect this workload."""
    shared = tuple(each for each in judged.host_findings if each.affects is None or workload.id in each.affects)
    return judged if len(shared) == len(judged.host_findings) else replace(judged, host_findings=shared)


def _undecided_share(judged: Judged) -> float:
    questions = {(each.rule, each.target) for each in judged.undetermined}
    return min(1.0, len(questions) / judged.asked)


def _fit(target: Target, judged: Judged, confidence: float, weights: Scoring, priorities: Priorities) -> Fit:
    own = [finding for finding in judged.findings if finding.target in (None, target.name)]
    shared = [finding for finding in judged.host_findings if finding.target in (None, target.name)]
    cost = _cost(own, weights, 1.0, priorities) + _cost(shared, weights, weights.host.share, priorities)
    score = max(0, round(100 - cost))
    worst = min((_RANK[finding.severity] for finding in (*own, *shared)), default=_RANK[Severity.INFO])
    if worst == _RANK[Severity.BLOCKER]:
        verdict, score = Verdict.STAY, 0
    elif confidence < weights.unknown.confidence_below:
        verdict = Verdict.UNKNOWN
    elif any(finding.severity is Severity.MAJOR for finding in own) or score < weights.verdict.ready_from:
        verdict = Verdict.NEEDS_WORK
    else:
        verdict = Verdict.READY
    return Fit(target.name, verdict, score, _reasons(verdict, own, shared, judged, confidence))


def _cost(findings: Iterable[Finding], weights: Scoring, share: float, priorities: Priorities) -> float:
    total = 0.0
    seen: dict[str, int] = {}
    for finding in sorted(findings, key=lambda each: _RANK[each.severity]):
        repeated = seen.get(finding.rule, 0)
        seen[finding.rule] = repeated + 1
        total += weights.cost[finding.severity] * share * priorities.weight(finding.rule) / 2**repeated
    return total


def _reasons(
    verdict: Verdict, own: list[Finding], shared: list[Finding], judged: Judged, confidence: float
) -> tuple[str, ...]:
    reasons: list[str] = []
    if verdict is Verdict.UNKNOWN:
        missing = judged.undetermined[0]
        what = f"section {missing.section}: {missing.reason}" if missing.section else missing.reason
        reasons.append(f"Only {confidence:.0%} of the rules could be decided ({what}).")
    if verdict is Verdict.READY:
        reasons.append(_ready(judged.settings))
    counted = [finding for finding in (*own, *shared) if finding.severity is not Severity.INFO]
    counted.sort(key=lambda finding: _RANK[finding.severity])
    reasons += list(dict.fromkeys(finding.message for finding in counted))[:_MOST_REASONS]
    if verdict is not Verdict.UNKNOWN and judged.undetermined:
        count = len({each.rule for each in judged.undetermined})
        reasons.append(f"{count} rule{'s' if count > 1 else ''} could not be decided.")
    if not reasons:
        reasons.append("No obstacle was found.")
    return tuple(reasons)


def _ready(settings: tuple[str, ...]) -> str:
    """The reason of a ready service: the word, and the first of its settings."""
    if not settings:
        return "Ready: container settings only."
    more = len(settings) - _MOST_SETTINGS
    named = ", ".join(settings[:_MOST_SETTINGS]) + (f" and {more} more" if more > 0 else "")
    return f"Ready: container settings only ({named})."
