"""``assess findings``: the findings of a scan."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.completion import complete_rule
from assess.commands.selection import Selection, selection_options
from reports.commands.judged import Listing, Row, listing_options


@command(
    example="""
    assess findings --severity blocker --severity major
    assess findings web01 --rule privileged-port
    """
)
@click.option(
    "--severity",
    "severities",
    type=click.Choice(("blocker", "major", "minor", "info")),
    multiple=True,
    help="Only this severity; repeatable.",
)
@click.option(
    "--rule", "names", multiple=True, metavar="RULE", help="Only this rule (id or name).", shell_complete=complete_rule
)
@selection_options
@listing_options
def findings(severities: tuple[str, ...], names: tuple[str, ...], selection: Selection, listing: Listing) -> None:
    """List the findings of the last scan, the most severe first."""
    from assess.commands.rules import rule_named
    from reports.terminal.tables import Column

    rules = {rule_named(name).id for name in names}
    order = ["blocker", "major", "minor", "info"]
    listed = listing.read(selection, "findings")
    rows = [
        row
        for row in listed.document["findings"]
        if listed.wanted(row["host"], row["workload"])
        and (not severities or row["severity"] in severities)
        and (not rules or row["rule"] in rules)
    ]
    rows.sort(key=lambda row: order.index(row["severity"]))
    columns = [Column("Workload"), Column("Severity"), Column("Rule"), Column("Finding")]
    listing.print("findings", rows, columns, _cells)


def _cells(row: Row) -> list[str]:
    target = f" (on {row['target']})" if row["target"] else ""
    return [row["workload"] or f"{row['host']} (host)", row["severity"], row["name"], row["message"] + target]
