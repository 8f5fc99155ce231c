"""``assess scans``: the scans of a workspace."""

from __future__ import annotations

from typing import Any

import click

from assess.commands.command import command
from assess.commands.workspace import open_store, open_workspace

_TITLES = ("Scan", "Started", "Ended", "Hosts", "Answered", "Inventory", "Options")


@command(example="assess scans --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def scans(as_json: bool) -> None:
    """List the stored scans, oldest first."""
    import json

    from inventory.formats.fact_json import json_text, moment
    from inventory.store.scan_records import Outcome
    from reports.terminal.tables import Column, print_table

    place = open_workspace()
    rows: list[dict[str, Any]] = []
    with open_store(place) as store:
        for scan in store.scans():
            outcomes = [result.outcome for result in store.hosts(scan)]
            answered = sum(outcome in (Outcome.ANSWERED, Outcome.UNSUPPORTED) for outcome in outcomes)
            rows.append(
                {
                    "id": scan.id,
                    "started": moment(scan.started),
                    "finished": None if scan.finished is None else moment(scan.finished),
                    "inventory": json_text(scan.inventory),
                    "options": {name: json_text(str(value)) for name, value in scan.options.items()},
                    "hosts": len(scan.hosts),
                    "answered": answered,
                }
            )
    if as_json:
        click.echo(json.dumps({"scans": rows}, indent=2))
        return
    columns = [Column(name, number=name in ("Scan", "Hosts", "Answered")) for name in _TITLES]
    print_table(columns, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str]:
    options = ", ".join(f"{name} {value}" for name, value in row["options"].items())
    ended = row["finished"] or "interrupted"
    cells = (row["id"], row["started"], ended, row["hosts"], row["answered"], row["inventory"], options)
    return [str(cell) for cell in cells]
