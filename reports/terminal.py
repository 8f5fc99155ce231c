"""What a scan says on a terminal. Everything from a host is made visible first: it may hold escape sequences."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from assess.model import Assessment, Severity, Verdict
from inventory.scan import Progress as OnHost
from inventory.snapshot import Status
from inventory.store.records import HostResult
from reports.view.hosts import host_rows, system_name
from reports.view.summary import headline, verdict_counts
from reports.view.text import shown
from reports.view.words import STATUSES, VERDICTS, count
from reports.view.workloads import workload_rows

ROWS = 40
"""Rows of one table that a terminal shows; the report has all."""

_STATUS_STYLE: dict[Status, str] = {"complete": "green", "partial": "yellow", "unreachable": "red"}
_VERDICT_STYLE = {
    VERDICTS[Verdict.READY].key: "green",
    VERDICTS[Verdict.NEEDS_WORK].key: "yellow",
    VERDICTS[Verdict.STAY].key: "red",
    VERDICTS[Verdict.UNKNOWN].key: "dim",
}


def safe(text: str, style: str = "", longest: int = 300) -> Text:
    """Text from a host: no markup, no control characters."""
    return Text(shown(text, longest), style=style)


@contextmanager
def scanning(hosts: int) -> Iterator[OnHost | None]:
    """Progress on standard error while hosts answer; None where that is no terminal."""
    console = Console(stderr=True)
    if not (sys.stderr.isatty() and console.is_terminal):
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
    console.print(_hosts(assessment))
    console.print()
    services = [each for each in assessment.workloads if each.workload.kind == "service"]
    if services:
        console.print(_services(assessment))
        console.print()
    rows = workload_rows(assessment, {}, {})
    counts = verdict_counts(rows)
    console.print(Text(headline(counts, host_rows(assessment)) + ".", style="bold"))
    numbers = ", ".join(f"{each.number:,} {each.word.label.lower()}" for each in counts if each.number)
    severities = Counter(finding.severity for each in services for finding in each.findings)
    kinds = [f"{severities[own]:,} {own}" for own in (Severity.BLOCKER, Severity.MAJOR) if severities[own]]
    parts = [f"{count(len(services), 'service')}: {numbers}"] if services else []
    if kinds:
        parts.append(f"findings: {', '.join(kinds)}")
    if len(rows) > len(services):
        parts.append(f"{count(len(rows) - len(services), 'host function')} not counted")
    if parts:
        console.print(Text("; ".join(parts) + "."))


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for name, kind in columns:
        table.add_column(name, no_wrap=kind == "key", justify="right" if kind == "number" else "left", overflow="fold")
    return table


def _hosts(assessment: Assessment) -> Table:
    rows = {row.name: row for row in host_rows(assessment)}
    ordered: Sequence[str] = [each.snapshot.host for each in assessment.hosts]
    if len(ordered) > ROWS:
        ordered = list(rows)[:ROWS]  # those that need a look come first
    reasons = any(rows[name].reason for name in ordered)
    columns = [("Host", "key"), ("Status", "key"), ("System", "text")]
    table = _table(*columns, ("Why not all", "text")) if reasons else _table(*columns)
    snapshots = {each.snapshot.host: each.snapshot for each in assessment.hosts}
    for name in ordered:
        snapshot = snapshots[name]
        table.add_row(
            safe(name),
            Text(STATUSES[snapshot.status].label, style=_STATUS_STYLE[snapshot.status]),
            safe(system_name(snapshot)),
            *([safe(rows[name].reason, longest=600)] if reasons else []),
        )
    if len(rows) > ROWS:
        table.add_row(Text(f"{len(rows) - ROWS:,} more hosts are in the report", style="dim"))
    return table


def _services(assessment: Assessment) -> Table:
    table = _table(("Service", "key"), ("Verdict", "key"), ("Score", "number"), ("First reason", "text"))
    rows = [row for row in workload_rows(assessment, {}, {}) if row.service]
    for row in rows[:ROWS]:
        table.add_row(
            safe(row.id, longest=60),
            Text(row.verdict.label, style=_VERDICT_STYLE[row.verdict.key]),
            row.score_text or "–",
            safe(row.reason),
        )
    if len(rows) > ROWS:
        table.add_row(Text(f"{len(rows) - ROWS:,} more services are in the report", style="dim"), "", "", "")
    return table
