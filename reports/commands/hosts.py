"""``assess hosts``: the hosts of a scan, and how much of each could be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import command
from assess.commands.shared_options import scan_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot


_TITLES = ("Host", "Address", "Status", "System", "User", "Facts", "Not read")


@command(example="assess hosts --scan 3")
@scan_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def hosts(scan: int | None, as_json: bool) -> None:
    """List the hosts of the last scan, and how much of each could be read."""
    import json

    from inventory.store.cache.snapshot_cache import SnapshotCache
    from inventory.store.chosen_scan import chosen_scan
    from reports.terminal.tables import Column, print_table

    place = open_workspace()
    with open_store(place) as store:
        chosen = chosen_scan(store, scan)
        rows = [_row(snapshot) for snapshot in SnapshotCache(store, chosen)]
    if as_json:
        click.echo(json.dumps({"scan": chosen.id, "hosts": rows}, indent=2))
        return
    columns = [Column(name, number=name == "Facts") for name in _TITLES]
    print_table(columns, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str]:
    from reports.view.labels import STATUSES

    unread = row["reason"] or ", ".join([*row["unknown"], *(f"{each} (in part)" for each in row["partial"])])
    status = STATUSES[row["status"]].label
    user = "root" if row["privileged"] else row["user"] or ""
    return [row["name"], row["address"], status, row["os"] or "", user, f"{row['facts']:,}", unread]


def _row(snapshot: Snapshot) -> dict[str, Any]:
    from inventory.formats.fact_json import json_text, moment
    from inventory.history.fact_keys import items
    from inventory.observation import Found, Unknown, value_or_none

    system = value_or_none(snapshot.system)
    distribution = system.distribution if system else None
    observations = snapshot.observations.items()
    return {
        "name": json_text(snapshot.host),
        "address": json_text(snapshot.address),
        "status": snapshot.status,
        "reason": json_text(snapshot.reason),
        "scanned": moment(snapshot.taken),
        "user": json_text(snapshot.user) or None,
        "privileged": snapshot.privileged,
        "depth": str(snapshot.depth),
        "os": json_text(distribution.pretty_name) if distribution else None,
        "facts": sum(sum(1 for _ in items(each.value)) for _, each in observations if isinstance(each, Found)),
        "unknown": [name for name, each in observations if isinstance(each, Unknown) and each.asked],
        "partial": [name for name, each in observations if isinstance(each, Found) and each.gaps],
    }
