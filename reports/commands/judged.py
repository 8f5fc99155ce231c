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
class Listing:
    """The subject of a list: its scan, the container hosts it is judged for, its hosts, and its form."""

    scan: int | None
    targets: tuple[str, ...]
    prioritize: str | None
    hosts: tuple[str, ...]
    as_json: bool

    def document(self, *fields: str) -> Row:
        """Return these fields of the scan's export. Raises BrownfieldError, UsageError for an unknown host."""
        from assess.commands.matching import matching_hosts
        from assess.export.export_document import to_document
        from assess.pipeline import assess_scan
        from inventory.store.chosen_scan import chosen_scan

        with open_store(open_workspace()) as store:
            assessment = assess_scan(
                store, chosen_scan(store, self.scan), prioritize=self.prioritize, targets=self.targets
            )
            names = [host.snapshot.host for host in assessment.hosts] if self.hosts else []
            for pattern in self.hosts:
                matching_hosts(pattern, names)
            return to_document(assessment, *fields)

    def wanted(self, host: str) -> bool:
        """Return whether a host is listed."""
        return not self.hosts or any(fnmatchcase(host, pattern) for pattern in self.hosts)

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
