"""``assess workloads``: the workloads of a scan with their verdicts."""

from __future__ import annotations

import click

from assess.commands.command import command
from reports.commands.judged import Listing, Row, listing_options

_VERDICTS = ("ready", "needs-work", "stay", "unknown")


@command(
    example="""
    assess workloads
    assess workloads --verdict needs-work --host 'web*'
    """
)
@click.option(
    "--verdict", "verdicts", type=click.Choice(_VERDICTS), multiple=True, help="Only this verdict; repeatable."
)
@click.option("--functions", is_flag=True, help="Also functions of the host: remote login, time, logging.")
@listing_options
def workloads(verdicts: tuple[str, ...], functions: bool, listing: Listing) -> None:
    """List the workloads of the last scan: verdict, score, and what they listen on."""
    from reports.terminal.tables import Column

    wanted = {verdict.replace("-", " ") for verdict in verdicts}
    rows = [
        row
        for row in listing.document("workloads")["workloads"]
        if listing.wanted(row["host"])
        and (functions or row["kind"] == "service")
        and (not wanted or row["verdict"] in wanted)
    ]
    columns = [Column("Workload"), Column("Verdict"), Column("Score", number=True), Column("Listens on"), Column("Why")]
    listing.print("workloads", rows, columns, _cells)


def _cells(row: Row) -> list[str]:
    ports = dict.fromkeys(f"{each['port']}/{each['protocol']}" for each in row["listeners"])
    first, *more = row["reasons"] or [""]
    why = f"{first} ({len(more)} more)" if more else first
    return [row["id"], row["verdict"], str(row["score"]), " ".join(ports), why]
