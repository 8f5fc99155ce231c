"""``assess ports``: the ports of a scan, their conflicts, and the plan for each."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.selection import Selection, selection_options
from reports.commands.judged import Listing, Row, listing_options


@command(
    example="""
    assess ports
    assess ports --conflicts
    """
)
@click.option("--conflicts", is_flag=True, help="Only ports that several workloads use.")
@selection_options
@listing_options
def ports(conflicts: bool, selection: Selection, listing: Listing) -> None:
    """List the ports of services in the last scan, where each is configured, and what is planned for it."""
    from reports.terminal.tables import Column

    listed = listing.read(selection, "port_plan")
    rows = [
        row
        for row in listed.document["port_plan"]
        if listed.wanted(row["host"], row["workload"] or row["likely_owner"]) and (row["conflict"] or not conflicts)
    ]
    columns = [Column("Workload"), Column("Port"), Column("Configured in"), Column("Also used by"), Column("Plan")]
    listing.print("port_plan", rows, columns, _cells)


def _cells(row: Row) -> list[str]:
    planned = row["planned"]
    plan = f"{planned['way']}, {planned['number']}" if planned else "none"
    more = row["rivals_in_all"] - len(row["rivals"])
    rivals = [*row["rivals"], *([f"{more} more"] if more > 0 else [])]
    where = f"{row['port']}/{row['protocol']}"
    return [row["workload"] or row["likely_owner"] or row["host"], where, row["set_in"] or "", ", ".join(rivals), plan]
