"""``assess show``: the typed facts of one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.shared_options import scan_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from inventory.snapshot import Snapshot


@command(example="assess show web01 packages")
@click.argument("host")
@click.argument("section", required=False)
@scan_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines: every fact, in the documented schema.")
def show(host: str, section: str | None, scan: int | None, as_json: bool) -> None:
    """Print what is known of HOST: what each section found, what it could not see, and why.

    With SECTION, the facts of that section; or of what is computed from several: web_servers, java,
    application_servers, databases, certificate_uses.
    """
    import json

    from assess.export.facts_schema import facts_document
    from assess.pipeline import chosen_scan
    from inventory.product_facts import PRODUCT_FACTS
    from inventory.sections import SECTIONS
    from reports.terminal.scan_summary import results

    names = [*(each.name for each in SECTIONS), *PRODUCT_FACTS]
    if section is not None and section not in names:
        raise click.UsageError(f"there is no section {section!r}; there are {', '.join(names)}")
    place = open_workspace()
    with open_store(place) as store:
        chosen = chosen_scan(store, scan)
        snapshot = store.snapshot(chosen, host)
    if as_json:
        click.echo(json.dumps(facts_document(snapshot, chosen.id, section), indent=2))
        return
    console = results()
    if section is None:
        _overview(snapshot, console)
    else:
        _section(snapshot, section, console)


def _overview(snapshot: Snapshot, console: Console) -> None:
    from rich.table import Table

    from inventory.formats.fact_json import moment
    from inventory.history.fact_keys import items
    from inventory.observation import Found, value_or_none
    from inventory.product_facts import PRODUCT_FACTS
    from reports.terminal.scan_summary import safe
    from reports.view.labels import STATUSES

    console.print(safe(f"{snapshot.host} ({snapshot.address})", style="bold"))
    how = f"as {snapshot.user}" if snapshot.user else ""
    console.print(safe(f"{STATUSES[snapshot.status].label}, asked {moment(snapshot.taken)} {how}".rstrip()))
    if snapshot.reason:
        console.print(safe(snapshot.reason))
    if not snapshot.observations:
        return
    console.print()
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("Section", no_wrap=True)
    table.add_column("Facts", justify="right", no_wrap=True)
    table.add_column("Not seen, and why", overflow="fold")
    computed = {name: snapshot.facts(name) for name in PRODUCT_FACTS}
    for name, each in {**snapshot.observations, **computed}.items():
        if isinstance(each, Found):
            number = f"{sum(1 for _ in items(each.value)):,}"
            table.add_row(name, number, safe("; ".join(f"{gap.what}: {gap.reason}" for gap in each.gaps)))
        else:
            table.add_row(name, "–", safe(each.reason))
    console.print(table)
    if (seen := value_or_none(snapshot.sightings)) is not None:
        console.print()
        console.print(
            f"Seen in {seen.looks:,} looks from {moment(seen.first)} to {moment(seen.last)}: "
            f"{len(seen.processes):,} programs, {len(seen.connections):,} pairs of peers; --json has them."
        )


def _section(snapshot: Snapshot, section: str, console: Console) -> None:
    from inventory.observation import Absent, Found
    from reports.terminal.facts_table import print_facts
    from reports.terminal.scan_summary import safe

    observation = snapshot.facts(section)
    if not isinstance(observation, Found):
        word = "none" if isinstance(observation, Absent) else "not observed"
        console.print(safe(f"{section}: {word}: {observation.reason}"))
        return
    for gap in observation.gaps:
        console.print(safe(f"not seen: {gap.what}: {gap.reason}", style="yellow"))
    print_facts(observation.value, console)
