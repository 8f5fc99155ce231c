"""What could not be seen. A report that hides this is believed for the wrong reasons."""

from __future__ import annotations

from dataclasses import dataclass

from assess.model import Assessment, Undetermined
from reports.view.words import listed, section_words


@dataclass(frozen=True, slots=True)
class UnseenRow:
    """A host's section that was not answered (``what`` is "everything it covers") or lacks something."""

    host: str
    section: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndecidedRow:
    """A rule that could not be decided, for one reason, and on what. ``failed``: the rule broke, a bug of ours."""

    rule: str
    name: str
    section: str
    reason: str
    subjects: int
    examples: str
    failed: bool


def unseen_rows(assessment: Assessment) -> tuple[UnseenRow, ...]:
    """Host by host; an unreachable host is one row."""
    rows: list[UnseenRow] = []
    for each in assessment.hosts:
        name = each.snapshot.host
        if each.snapshot.status == "unreachable":
            rows.append(UnseenRow(name, "", "the whole host", each.snapshot.reason))
            continue
        rows.extend(
            UnseenRow(name, section_words(section), f"all of {section_words(section)}", reason)
            for section, reason in each.unseen
        )
        rows.extend(UnseenRow(name, section_words(section), gap.what, gap.reason) for section, gap in each.gaps)
    return tuple(rows)


def undecided_rows(assessment: Assessment) -> tuple[UndecidedRow, ...]:
    """Rules that broke first, then those undecided on the most workloads."""
    groups: dict[tuple[str, str, str], list[Undetermined]] = {}
    for each in (
        *assessment.undetermined,
        *(rule for host in assessment.hosts for rule in host.undetermined),
        *(rule for workload in assessment.workloads for rule in workload.undetermined),
    ):
        groups.setdefault((each.rule, each.section, each.reason), []).append(each)
    rows: list[UndecidedRow] = []
    for (rule, section, reason), group in groups.items():
        subjects = tuple(dict.fromkeys(each.workload or each.host or "the whole estate" for each in group))
        rows.append(
            UndecidedRow(
                rule=rule,
                name=group[0].name,
                section=section_words(section),
                reason=reason,
                subjects=len(subjects),
                examples=listed(subjects),
                failed=any(each.failed for each in group),
            )
        )
    return tuple(sorted(rows, key=lambda row: (not row.failed, -row.subjects, row.rule)))
