"""``assess diff``: what changed between two scans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.shared_options import target_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from assess.assessment import Assessment
    from inventory.store.database import Store
    from inventory.store.scan_records import Scan


@command(example="assess diff 1 2")
@click.argument("old", type=click.IntRange(min=1), required=False)
@click.argument("new", type=click.IntRange(min=1), required=False)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Include differences between two scans of an unchanged host: counters, inodes, ports picked at random, "
    "connections, and short-lived processes, such as those of the scan.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines, in the documented schema.")
@target_option
def diff(
    old: int | None,
    new: int | None,
    everything: bool,
    as_json: bool,
    targets: tuple[str, ...],
) -> None:
    """Print what changed between scan OLD and scan NEW: hosts, facts, verdicts, findings.

    Without NEW it is the last scan, without OLD the one before it of the same inventory. Both are judged by the rules
    of this version, so that a difference is one of the hosts. Each is judged on the container hosts of its own
    inventory; with --target both on the same.
    """
    from assess.assessment_comparison import compare_judgements, judgement_of
    from assess.export.json_stream import document_text
    from assess.pipeline import assess_scan
    from inventory.history.snapshot_diff import compare
    from inventory.history.stable_snapshot import stable_snapshot
    from inventory.store.cache.snapshot_cache import SnapshotCache
    from inventory.store.chosen_scan import chosen_scan
    from reports.forms.diff_schema import SCHEMA_VERSION, ScanDifference, ScanRow
    from reports.terminal.differences import print_host, print_judgements, summary

    place = open_workspace()
    with open_store(place) as store:
        after = chosen_scan(store, new)
        before = chosen_scan(store, old) if old is not None else _before(store, after)
        now, then = SnapshotCache(store, after), SnapshotCache(store, before)
        ours = assess_scan(store, after, targets=targets, snapshots=now)
        theirs = assess_scan(store, before, targets=targets, snapshots=then)
        in_both = set(before.hosts) & set(after.hosts)
        pairs = ((then.host(each.host), each) for each in now if each.host in in_both)
        if everything:
            hosts = [compare(earlier, later, everything=True) for earlier, later in pairs]
        else:
            lasted, lasting = _lasting(theirs), _lasting(ours)
            hosts = [
                compare(
                    stable_snapshot(earlier, lasted.get(earlier.host, ())),
                    stable_snapshot(later, lasting.get(later.host, ())),
                )
                for earlier, later in pairs
            ]
    hosts = [each for each in hosts if each]
    added = [name for name in after.hosts if name not in in_both]
    removed = [name for name in before.hosts if name not in in_both]
    judgements = compare_judgements(judgement_of(theirs), judgement_of(ours))
    old_row, new_row = ScanRow.of(before), ScanRow.of(after)
    if as_json:
        verdicts, findings = judgements.verdicts, judgements.findings
        document = ScanDifference(SCHEMA_VERSION, old_row, new_row, added, removed, hosts, verdicts, findings)
        click.echo(document_text(document))
        return
    click.echo(f"Scan {before.id} of {old_row.started}, scan {after.id} of {new_row.started}.")
    for name in added:
        click.secho(f"+ host {name}", fg="green")
    for name in removed:
        click.secho(f"- host {name}", fg="red")
    for each in hosts:
        print_host(each, ("could not be read then, and can now", "could be read then, and cannot now"))
    print_judgements(judgements)
    click.echo(summary(hosts, judgements))


def _lasting(assessment: Assessment) -> Mapping[str, set[int]]:
    """By host, the pids of the processes that its workloads are judged by."""
    found: dict[str, set[int]] = {}
    for each in assessment.workloads:
        found.setdefault(each.workload.host, set()).update(process.pid for process in each.workload.processes)
    return found


def _before(store: Store, scan: Scan) -> Scan:
    from inventory.errors import WorkspaceError

    earlier = [each for each in store.scans() if each.id < scan.id and each.inventory == scan.inventory]
    if not earlier:
        raise WorkspaceError(f"there is no scan of {scan.inventory} before scan {scan.id} to compare it with")
    return earlier[-1]
