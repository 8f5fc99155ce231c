"""``assess reparse``: read and judge stored scans again, and report what this version sees differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import command
from assess.commands.shared_options import scan_option, target_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assess.assessment import Assessment
    from assess.assessment_comparison import JudgementDifference
    from inventory.store.cache.snapshot_cache import SnapshotCache
    from inventory.store.database import Store
    from inventory.store.earlier_results import StoredJudgement
    from inventory.store.scan_records import Scan
    from reports.forms.diff_schema import ScanReadAgain


@command(example="assess reparse --dry-run")
@scan_option
@click.option("--dry-run", is_flag=True, help="Compare only; the next run compares with the same version again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines, in the documented schema.")
@target_option
def reparse(
    scan: int | None,
    dry_run: bool,
    as_json: bool,
    targets: tuple[str, ...],
) -> None:
    """Read all kept recordings with the parsers and rules of this version, and print what it sees differently.

    Reports are always made from the recordings, so nothing has to be done after an upgrade. This says what the upgrade
    brought: sections that can be read now, facts, verdicts and findings that differ. No host is asked.

    A scan is judged on the targets that its kept verdicts are of. With --target it is judged on others; then verdicts
    are not compared, and those are kept for the next time.
    """
    from contextlib import nullcontext
    from importlib.metadata import version

    from assess.export.json_stream import document_text
    from inventory.store.chosen_scan import chosen_scan, latest_scan
    from reports.forms.diff_schema import SCHEMA_VERSION, VersionDifference

    place = open_workspace()
    with nullcontext() if dry_run else place.lock(), open_store(place) as store:
        latest_scan(store)
        chosen = [chosen_scan(store, scan)] if scan is not None else store.scans()
        documents = [_again(store, each, targets, dry_run, as_json) for each in chosen]
    if as_json:
        click.echo(document_text(VersionDifference(SCHEMA_VERSION, version("brownfield"), documents)))


def _again(store: Store, scan: Scan, targets: tuple[str, ...], dry_run: bool, as_json: bool) -> ScanReadAgain:
    from assess.assessment_comparison import JudgementDifference
    from assess.pipeline import assess_scan, keep_history
    from inventory.history.fingerprint import compare_fingerprints, fingerprint_of
    from inventory.store.cache.snapshot_cache import SnapshotCache
    from inventory.store.earlier_results import EarlierResults
    from reports.forms.diff_schema import ScanReadAgain, ScanRow
    from reports.terminal.differences import print_host, print_judgements, summary

    history = EarlierResults(store)
    # What earlier parsers made of the recordings does not count here, even where these are the same parsers.
    snapshots = SnapshotCache(store, scan, keep=not dry_run, use=not dry_run)
    if not dry_run:
        snapshots.drop()
    judged = history.judgement(scan)
    of = targets or _targets_of(judged.about if judged else {}, snapshots)
    assessment = assess_scan(store, scan, targets=of, snapshots=snapshots)
    program: str | None = None
    hosts = []
    for snapshot in snapshots:
        kept = history.reading(scan, snapshot.host)
        if kept is not None:
            program = kept[1]
            hosts.append(compare_fingerprints(snapshot.host, kept[0], fingerprint_of(snapshot)))
    hosts = [each for each in hosts if each]
    judgements = JudgementDifference()
    if judged is not None:
        program = program or judged.program
        judgements = _judged_differently(judged, assessment)
    if not dry_run:
        keep_history(store, scan, assessment, snapshots)
    row = ScanRow.of(scan)
    if not as_json:
        click.echo(f"Scan {scan.id} of {row.started}:", nl=False)
        if program is None:
            click.echo(" no facts of an earlier version are stored." + ("" if dry_run else " They are stored now."))
        elif not hosts and not judgements:
            click.echo(f" version {program} read and judged the same.")
        else:
            click.echo(f" read by version {program} before.")
            for each in hosts:
                print_host(each, ("can be read now", "cannot be read any more"))
            print_judgements(judgements)
            click.echo(summary(hosts, judgements))
    return ScanReadAgain(row, program, hosts, judgements.verdicts, judgements.findings)


def _judged_differently(kept: StoredJudgement, assessment: Assessment) -> JudgementDifference:
    """Nothing when it was judged on other targets."""
    from assess.assessment_comparison import (
        JudgementDifference,
        about,
        compare_by_host,
        compare_judgements,
        judgement_of,
        judgements_of,
    )

    now = about(assessment)
    if kept.about.get("targets", now["targets"]) != now["targets"]:
        return JudgementDifference()
    if "workloads" in kept.about:  # of an early version, in one piece
        return compare_judgements(kept.about, judgement_of(assessment))
    return compare_by_host(kept.of_hosts(), judgements_of(assessment))


def _targets_of(judged: Mapping[str, Any], snapshots: SnapshotCache) -> tuple[str, ...]:
    """The targets that kept verdicts are of, without those that this version has not; with none it is the default."""
    from assess.targets.container_hosts import GROUP, targets_of
    from assess.targets.target_profiles import known_names

    known = known_names(each.name for each in targets_of(snapshots.in_group(GROUP)))
    return tuple(name for name in judged.get("targets", ()) if name in known)
