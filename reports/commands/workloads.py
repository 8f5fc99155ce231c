"""``assess workloads``: the workloads of a scan with their verdicts."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.selection import Selection, selection_options
from reports.commands.judged import Listing, Row, listing_options


@command(
    example="""
    assess workloads
    assess workloads 'web*' --verdict needs-work
    """
)
@click.option("--functions", is_flag=True, help="Also functions of the host: remote login, time, logging.")
@selection_options
@listing_options
def workloads(functions: bool, selection: Selection, listing: Listing) -> None:
    """List the workloads of the last scan: verdict, score, and what they listen on."""
    from reports.terminal.tables import Column

    listed = listing.read(selection, "workloads")
    rows = [
        row
        for row in listed.document["workloads"]
        if listed.wanted(row["host"], row["id"])
        and (functions or row["kind"] == "service" or listed.selected is not None)
    ]
    columns = [Column("Workload"), Column("Verdict"), Column("Score", number=True), Column("Listens on"), Column("Why")]
    listing.print("workloads", rows, columns, _cells)


def _cells(row: Row) -> list[str]:
    ports = dict.fromkeys(f"{each['port']}/{each['protocol']}" for each in row["listeners"])
    first, *more = row["reasons"] or [""]
    why = f"{first} ({len(more)} more)" if more else first
    return [row["id"], row["verdict"], str(row["score"]), " ".join(ports), why]
