"""``assess waves``: the order in which applications move."""

from __future__ import annotations

import click

from assess.commands.command import command
from reports.commands.judged import Listing, Row, listing_options


@command(
    example="""
    assess waves
    assess waves --wave 1 --json
    """
)
@click.option(
    "--wave", "numbers", type=click.IntRange(1), multiple=True, metavar="N", help="Only this wave; repeatable."
)
@listing_options
def waves(numbers: tuple[int, ...], listing: Listing) -> None:
    """List the waves of the migration: which applications move together, with which workloads, and why then."""
    from reports.terminal.tables import Column

    document = listing.document("applications", "waves")
    members = {each["name"]: each["members"] for each in document["applications"]}

    def wanted(move: Row) -> bool:
        return any(listing.wanted(member.partition("/")[0]) for member in members[move["application"]])

    rows = [
        {**row, "moves": moves}
        for row in document["waves"]
        if (not numbers or row["wave"] in numbers) and (moves := [move for move in row["moves"] if wanted(move)])
    ]
    if listing.as_json:
        listing.print("waves", rows, [], lambda _row: [])
        return
    flat = [{"wave": row["wave"], **move} for row in rows for move in row["moves"]]
    columns = [Column("Application"), Column("Wave", number=True), Column("Workloads"), Column("Why in this wave")]
    listing.print(
        "waves", flat, columns,
        lambda row: [row["application"], str(row["wave"]), ", ".join(members[row["application"]]), row["reason"]],
    )  # fmt: skip
