"""The summary of a scan on a terminal; host text is made visible first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from assess.assessment import Assessment
from assess.commands.console import make_console, progress_wanted
from assess.model import Severity, Verdict
from assess.planning.unused_services import retire_candidates
from assess.totals import totals_of
from inventory.scan.scan_run import Progress as OnHost
from inventory.snapshot import Status
from inventory.store.scan_records import HostResult
from reports.terminal.tables import safe
from reports.view.gaps import not_observed_rows
from reports.view.hosts import host_rows, system_name
from reports.view.labels import STATUSES, VERDICTS, count
from reports.view.retirement import retire_sentence
from reports.view.summary import headline, not_counted, plan_sentence, verdict_counts
from reports.view.workload_table import workload_rows

ROWS = 40
"""Rows of one table that a terminal shows; the report has all."""

_NOT_OBSERVED = 5
"""Reasons for which something was not observed."""

_READABLE = 24
"""Columns below which running text is a tower of syllables. A narrower terminal gets fewer columns instead."""

_NAME = 32
"""Columns that a name may need; a longer one is folded before another column is left out."""

_STATUS_STYLE: dict[Status, str] = {"complete": "green", "partial": "yellow", "unreachable": "red"}
_VERDICT_STYLE = {
    VERDICTS[Verdict.READY].key: "green",
    VERDICTS[Verdict.NEEDS_WORK].key: "yellow",
    VERDICTS[Verdict.STAY].key: "red",
    VERDICTS[Verdict.UNKNOWN].key: "dim",
}


@contextmanager
def scanning(hosts: int) -> Iterator[OnHost | None]:
    """Progress on standard error while hosts answer; None where that is not a terminal."""
    console = make_console(stderr=True)
    if not (progress_wanted() and console.is_terminal):
        yield None
        return
    columns = (
        TextColumn("Scanning"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("scan", total=hosts, last=Text(""))

        def on_host(result: HostResult, done: int, _total: int) -> None:
            progress.update(task, completed=done, last=safe(f"{result.host}: {result.outcome}", longest=60))

        yield on_host


def print_summary(assessment: Assessment, console: Console) -> None:
    """Hosts and services with their verdicts, and the answer in one sentence."""
    console.print(_hosts(assessment, console.width))
    console.print()
    services = [each for each in assessment.workloads if each.workload.kind == "service"]
    if services:
        console.print(_services(assessment, console.width))
        console.print()
    tally = totals_of(assessment)
    console.print(Text(f"{headline(tally)}.", style="bold"))
    numbers = ", ".join(f"{each.number:,} {each.word.label.lower()}" for each in verdict_counts(tally) if each.number)
    severities = Counter(finding.severity for each in services for finding in each.findings)
    kinds = [f"{severities[own]:,} {own}" for own in (Severity.BLOCKER, Severity.MAJOR) if severities[own]]
    parts = [f"{count(len(services), 'service')}: {numbers}"] if services else []
    if kinds:
        parts.append(f"findings: {', '.join(kinds)}")
    if tally.functions:
        parts.append(f"{count(tally.functions, 'host function')} not counted")
    if parts:
        console.print(Text("; ".join(parts) + "."))
    planned = plan_sentence(tally, assessment.plan) if assessment.plan else not_counted(tally)
    if planned:
        console.print(Text(planned))
    if unused := retire_sentence(retire_candidates(assessment), assessment.inventory):
        console.print(safe(unused, longest=600))
    rows = not_observed_rows(assessment)
    for row in rows[:_NOT_OBSERVED]:
        console.print(safe(row.sentence, longest=1000))
        if row.command:
            console.print(safe(f"  Collect with: {row.command}", longest=1000))
    if len(rows) > _NOT_OBSERVED:
        console.print(Text(f"{len(rows) - _NOT_OBSERVED:,} more reasons are in the report.", style="dim"))
    for notice in assessment.notices:
        console.print(safe(notice, style="yellow"))


class _TerminalTable:
    """A table whose last text columns are left out where there is no room for them; nothing else is ever cut."""

    def __init__(self, width: int, *columns: tuple[str, str]) -> None:
        self._width = width
        self._columns = columns
        self._rows: list[tuple[Text, ...]] = []

    def add(self, *cells: Text) -> None:
        """A row; cells that are missing at its end are empty."""
        self._rows.append((*cells, *(Text("") for _ in self._columns[len(cells) :])))

    def __rich__(self) -> Table:
        kept = list(range(len(self._columns)))
        # Given up first: what people miss least.
        for at in sorted(kept[2:], key=lambda each: _PRIORITY[self._columns[each][0]]):
            if self._room_for_names(kept) >= min(self._widths[0], _NAME):
                break
            kept.remove(at)
        table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
        for at in kept:
            name, kind = self._columns[at]
            width = max(4, min(self._widths[0], self._room_for_names(kept))) if at == 0 else None
            table.add_column(
                name,
                width=width,
                no_wrap=at > 0 and kind != "text",
                justify="right" if kind == "number" else "left",
                overflow="fold",
            )
        for row in self._rows:
            table.add_row(*(row[at] for at in kept))
        return table

    @property
    def _widths(self) -> list[int]:
        return [
            max(len(name), *(row[at].cell_len for row in self._rows), 0) for at, (name, _) in enumerate(self._columns)
        ]

    def _room_for_names(self, kept: Sequence[int]) -> int:
        """The width left by the other columns, when running text has just enough."""
        widths = self._widths
        others = [min(widths[at], _READABLE) if self._columns[at][1] == "text" else widths[at] for at in kept[1:]]
        return self._width - sum(others) - 2 * len(others)


_PRIORITY = {"System": 0, "Score": 2, "First reason": 1, "What is missing": 3}


def _hosts(assessment: Assessment, width: int) -> _TerminalTable:
    rows = {row.name: row for row in host_rows(assessment)}
    ordered: Sequence[str] = [each.snapshot.host for each in assessment.hosts]
    if len(ordered) > ROWS:
        ordered = list(rows)[:ROWS]  # those that need a look come first
    reasons = any(rows[name].reason for name in ordered)
    columns = [("Host", "key"), ("Status", "key"), ("System", "text")]
    table = _TerminalTable(width, *columns, ("What is missing", "text")) if reasons else _TerminalTable(width, *columns)
    snapshots = {each.snapshot.host: each.snapshot for each in assessment.hosts}
    for name in ordered:
        snapshot = snapshots[name]
        table.add(
            safe(name),
            Text(STATUSES[snapshot.status].label, style=_STATUS_STYLE[snapshot.status]),
            safe(system_name(snapshot)),
            *([safe(rows[name].reason, longest=600)] if reasons else []),
        )
    if len(rows) > ROWS:
        table.add(Text(f"{len(rows) - ROWS:,} more hosts are in the report", style="dim"))
    return table


def _services(assessment: Assessment, width: int) -> _TerminalTable:
    table = _TerminalTable(width, ("Service", "key"), ("Verdict", "key"), ("Score", "number"), ("First reason", "text"))
    rows = [row for row in workload_rows(assessment, {}, {}) if row.service]
    for row in rows[:ROWS]:
        table.add(
            safe(row.id, longest=60),
            Text(row.verdict.label, style=_VERDICT_STYLE[row.verdict.key]),
            Text(row.score_text or "–"),
            safe(row.reason),
        )
    if len(rows) > ROWS:
        table.add(Text(f"{len(rows) - ROWS:,} more services are in the report", style="dim"))
    return table
