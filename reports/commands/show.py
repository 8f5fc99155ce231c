"""``assess show``: the typed facts of one host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import command
from assess.commands.completion import complete_any
from assess.commands.shared_options import scan_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from inventory.snapshot import Snapshot
    from inventory.store.database import Store
    from inventory.store.scan_records import Scan


@command(
    example="""
    assess show web01
    assess show 'web*' packages
    assess show web01/apache2
    """
)
@click.argument("what", metavar="HOST|HOST/WORKLOAD|PATTERN|RULE", shell_complete=complete_any)
@click.argument("section", required=False)
@scan_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines: every fact, in the documented schema.")
def show(what: str, section: str | None, scan: int | None, as_json: bool) -> None:
    """Print the facts of hosts or workloads, or the manual of a rule.

    For a host: what each section found, what it could not read, and why. With SECTION, the facts of that section, or
    facts computed from several: web_servers, java, application_servers, databases, certificate_uses. For a workload:
    its processes, ports, packages, configuration and data.
    """
    from assess.commands.matching import is_rule
    from inventory.store.chosen_scan import chosen_scan

    if is_rule(what):
        from assess.commands.rules import show_rule

        show_rule(what, as_json=as_json)
        return
    with open_store(open_workspace()) as store:
        chosen = chosen_scan(store, scan)
        if "/" in what:
            _show_workloads(store, chosen, what, as_json)
        else:
            _show_hosts(store, chosen, what, section, as_json)


def _show_hosts(store: Store, scan: Scan, what: str, section: str | None, as_json: bool) -> None:
    from assess.commands.matching import matching_hosts
    from reports.terminal.tables import results

    if section is not None:
        _check_section(section)
    hosts = matching_hosts(what, scan.hosts)
    snapshots = (store.snapshot(scan, host) for host in hosts)
    if as_json:
        from assess.export.facts_schema import facts_document
        from assess.export.json_stream import document_text

        documents = [facts_document(snapshot, scan.id, section) for snapshot in snapshots]
        click.echo(document_text(documents[0] if hosts == [what] else {"hosts": documents}))
        return
    console = results()
    for number, snapshot in enumerate(snapshots):
        if number:
            console.print()
        if section is None:
            _overview(snapshot, console)
        else:
            _section(snapshot, section, console)


def _check_section(section: str) -> None:
    from inventory.product_facts import PRODUCT_FACTS
    from inventory.sections import SECTIONS

    names = [*(each.name for each in SECTIONS), *PRODUCT_FACTS]
    if section not in names:
        raise click.UsageError(f"there is no section {section!r}; there are {', '.join(names)}")


def _show_workloads(store: Store, scan: Scan, what: str, as_json: bool) -> None:
    """Print what workloads are made of, in the words and fields of the export."""
    import json

    from assess.commands.matching import matching_workloads
    from assess.export.export_document import SCHEMA_VERSION, to_document
    from assess.pipeline import assess_scan
    from reports.terminal.tables import results, safe

    rows = {row["id"]: row for row in to_document(assess_scan(store, scan), "workloads")["workloads"]}
    chosen = [rows[name] for name in matching_workloads(what, rows)]
    if as_json:
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, "workloads": chosen}, indent=2))
        return
    console = results()
    for number, row in enumerate(chosen):
        if number:
            console.print()
        console.print(safe(row["id"], style="bold"))
        console.print(safe(f"{row['verdict']}, score {row['score']}; named by: {row['named_by']}"))
        for title, lines in _parts(row):
            for line in lines:
                console.print(safe(f"  {title}: {line}", longest=1000))


def _parts(row: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    yield "process", [f"{each['command']} (pid {each['pid']}, user id {each['uid']})" for each in row["processes"]]
    yield "listens on", [f"{each['address']} {each['port']}/{each['protocol']}" for each in row["listeners"]]
    yield "packages", [", ".join(row["packages"])] if row["packages"] else []
    yield "configuration", row["configuration"]
    yield "data", [each["path"] for each in row["data"]]
    yield "job", [str(each) for each in row["schedules"]]
    yield "needs", row["companions"]


def _overview(snapshot: Snapshot, console: Console) -> None:
    from rich.table import Table

    from inventory.formats.fact_json import moment
    from inventory.history.fact_keys import items
    from inventory.observation import Found, value_or_none
    from inventory.product_facts import PRODUCT_FACTS
    from reports.terminal.tables import safe
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
    table.add_column("Could not read, and why", overflow="fold")
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
            f"Observed in {seen.looks:,} samples from {moment(seen.first)} to {moment(seen.last)}: "
            f"{len(seen.processes):,} programs, {len(seen.connections):,} pairs of peers; --json has them."
        )


def _section(snapshot: Snapshot, section: str, console: Console) -> None:
    from inventory.observation import Absent, Found
    from reports.terminal.facts_table import print_facts
    from reports.terminal.tables import safe

    observation = snapshot.facts(section)
    if not isinstance(observation, Found):
        word = "none" if isinstance(observation, Absent) else "not observed"
        console.print(safe(f"{section}: {word}: {observation.reason}"))
        return
    for gap in observation.gaps:
        console.print(safe(f"not seen: {gap.what}: {gap.reason}", style="yellow"))
    print_facts(observation.value, console)
