"""``assess waves``: the order in which applications move."""

from __future__ import annotations

from assess.commands.command import command
from assess.commands.selection import Selection, selection_options
from reports.commands.judged import Listing, Row, listing_options


@command(
    example="""
    assess waves
    assess waves --wave 1 --json
    """
)
@selection_options
@listing_options
def waves(selection: Selection, listing: Listing) -> None:
    """List the waves of the migration: which applications move together, with which workloads, and why then."""
    from reports.terminal.tables import Column

    listed = listing.read(selection, "applications", "waves")
    document = listed.document
    members = {each["name"]: each["members"] for each in document["applications"]}

    def wanted(move: Row) -> bool:
        return any(listed.wanted(member.partition("/")[0], member) for member in members[move["application"]])

    rows = [
        {**row, "moves": moves}
        for row in document["waves"]
        if (moves := [move for move in row["moves"] if wanted(move)])
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
