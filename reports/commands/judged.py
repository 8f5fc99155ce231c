"""Options and rows of the commands that list parts of an assessment: workloads, findings, ports and waves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import collect
from assess.commands.completion import complete_host
from assess.commands.console import note
from assess.commands.shared_options import prioritize_option, scan_option, target_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from assess.commands.selection import Selection
    from reports.terminal.tables import Column

Row = dict[str, Any]

host_option = click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="PATTERN",
    help="Only these hosts; repeatable.",
    shell_complete=complete_host,
)


@dataclass(frozen=True)
class ListedScan:
    """Fields of a scan's export, and what of them is listed: ``selected`` are ids of workloads, None for all."""

    document: Row
    hosts: tuple[str, ...]
    selected: frozenset[str] | None

    def wanted(self, host: str, *workloads: str | None) -> bool:
        """Return whether something is listed that belongs to a host and to any of these workloads."""
        here = not self.hosts or any(fnmatchcase(host, pattern) for pattern in self.hosts)
        return here and (self.selected is None or any(each in self.selected for each in workloads))


@dataclass(frozen=True)
class Listing:
    """The subject of a list: its scan, the container hosts it is judged for, its hosts, and its form."""

    scan: int | None
    targets: tuple[str, ...]
    prioritize: str | None
    hosts: tuple[str, ...]
    as_json: bool

    def read(self, selection: Selection, *fields: str) -> ListedScan:
        """Return these fields of the scan's export. Raises BrownfieldError, UsageError for an unknown host."""
        from assess.commands.matching import matching_hosts
        from assess.commands.selection import NothingMatches, ScannedWorkloads, judged_workloads
        from assess.export.export_document import to_document
        from assess.pipeline import assess_scan
        from inventory.store.chosen_scan import chosen_scan

        with open_store(open_workspace()) as store:
            assessment = assess_scan(
                store, chosen_scan(store, self.scan), prioritize=self.prioritize, targets=self.targets
            )
            names = [host.snapshot.host for host in assessment.hosts] if self.hosts or selection.given else []
            for pattern in self.hosts:
                matching_hosts(pattern, names)
            selected = None
            if selection.given:
                scanned = ScannedWorkloads(names, [each.workload for each in assessment.workloads])
                try:
                    selected = frozenset(selection.choose(scanned, lambda: judged_workloads(assessment)))
                except NothingMatches:
                    selected = frozenset()
            return ListedScan(to_document(assessment, *fields), self.hosts, selected)

    def print(
        self, name: str, rows: Sequence[Row], columns: Sequence[Column], cells: Callable[[Row], list[str]]
    ) -> None:
        """Print the rows: as JSON in the form of the export, below ``name``, or as a table."""
        from assess.export.export_document import SCHEMA_VERSION
        from reports.terminal.tables import print_table

        if self.as_json:
            click.echo(json.dumps({"schema_version": SCHEMA_VERSION, name: rows}, indent=2))
        elif rows:
            print_table(columns, [cells(row) for row in rows])
        else:
            note("nothing in this scan matches")


def listing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as one argument, ``listing``."""
    options = (
        host_option,
        scan_option,
        target_option,
        prioritize_option,
        click.option("--json", "as_json", is_flag=True, help="Print JSON, in the form of the export."),
    )
    decorated = collect("listing", Listing)(function)
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
