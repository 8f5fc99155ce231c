"""Gaps: facts that could not be read or were not observed."""

from __future__ import annotations

from dataclasses import dataclass

from assess.assessment import Assessment
from assess.collection_commands import WHOLE_HOST, not_observed
from assess.model import Undetermined
from reports.view.labels import count, listed, section_words


@dataclass(frozen=True, slots=True)
class GapRow:
    """A host's section that was not answered (``what`` is "everything it covers") or lacks something."""

    host: str
    section: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndecidedRow:
    """Checks that could not be decided for one and the same reason, and on what. ``failed``: the check itself broke, a
    bug of ours.
    """

    section: str
    reason: str
    checks: tuple[str, ...]
    subjects: tuple[str, ...]
    failed: bool

    @property
    def names(self) -> str:
        """All checks; they are few, and hiding one would hide what was not looked at."""
        return ", ".join(self.checks)

    @property
    def where(self) -> str:
        """``12: web01/apache2, app01/x, app01/y and 9 more``."""
        return f"{len(self.subjects):,}: {listed(self.subjects)}" if len(self.subjects) > 1 else listed(self.subjects)


@dataclass(frozen=True, slots=True)
class NotObservedRow:
    """Sections that were not observed for one reason, on how many hosts, and the command that collects them."""

    sections: str
    hosts: str
    reason: str
    command: str

    @property
    def sentence(self) -> str:
        """The sentence of the row without the command: the reason may be host text, and name another command."""
        return f"Not collected on {self.hosts}: {self.sections} ({self.reason})."


def not_observed_rows(assessment: Assessment) -> tuple[NotObservedRow, ...]:
    """Hosts that were not reached first, then what concerns most hosts."""
    return tuple(
        NotObservedRow(
            listed(tuple(map(section_words, each.sections)), 40)
            if each.sections != (WHOLE_HOST,)
            else "the whole host",
            listed(each.hosts) if len(each.hosts) < 4 else count(len(each.hosts), "host"),
            each.reason,
            each.command,
        )
        for each in not_observed(assessment.hosts, assessment.inventory)
    )


def gap_rows(assessment: Assessment) -> tuple[GapRow, ...]:
    """Host by host; an unreachable host is one row, and stands before those that said something."""
    rows: list[GapRow] = []
    for each in sorted(assessment.hosts, key=lambda host: host.snapshot.status != "unreachable"):
        name = each.snapshot.host
        if each.snapshot.status == "unreachable":
            rows.append(GapRow(name, "", "the whole host", each.snapshot.reason))
            continue
        rows.extend(
            GapRow(name, section_words(section), f"all of {section_words(section)}", reason)
            for section, reason in each.unseen
        )
        rows.extend(GapRow(name, section_words(section), gap.what, gap.reason) for section, gap in each.gaps)
    return tuple(rows)


def undecided_rows(assessment: Assessment) -> tuple[UndecidedRow, ...]:
    """Checks that broke first, then the reasons that cost the most decisions: what to open up next time."""
    groups: dict[tuple[str, str], list[Undetermined]] = {}
    for each in (
        *assessment.undetermined,
        *(rule for host in assessment.hosts for rule in host.undetermined),
        *(rule for workload in assessment.workloads for rule in workload.undetermined),
    ):
        groups.setdefault((each.section, each.reason), []).append(each)
    rows = [
        (
            len(group),
            UndecidedRow(
                section=section_words(section),
                reason=reason,
                checks=tuple(dict.fromkeys(each.name for each in group)),
                subjects=tuple(dict.fromkeys(each.workload or each.host or "the whole estate" for each in group)),
                failed=any(each.failed for each in group),
            ),
        )
        for (section, reason), group in groups.items()
    ]
    return tuple(row for _count, row in sorted(rows, key=lambda pair: (not pair[1].failed, -pair[0], pair[1].section)))
