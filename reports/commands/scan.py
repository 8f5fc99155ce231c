"""``assess scan``: inventory every host, judge every workload, write the report."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from assess.commands.command import command
from assess.commands.console import make_console, note
from assess.commands.settings import settings
from assess.commands.workspace import open_store
from reports.commands.scan_options import scan_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assess.assessment import Assessment
    from assess.commands.connection import ConnectionSettings
    from inventory.host import Host
    from inventory.scan.scan_run import ScanOptions, ScanOutcome
    from inventory.store.database import Store
    from inventory.store.workspace import Workspace
    from reports.commands.scan_options import Bounds, Cluster, Judging, SamplingSettings

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 3


@command(
    example="""
    assess scan hosts.ini
    assess scan hosts.ini --limit 'web*' --depth quick
    assess scan hosts.ini --every 5m --for 24h
    """
)
@click.argument("inventory", type=click.Path(path_type=Path, readable=False), metavar="HOSTS.INI")
@click.option("--limit", metavar="PATTERN", help="Only the hosts that match, as with ansible --limit.")
@click.option(
    "--depth",
    type=click.Choice(("quick", "standard", "deep")),
    help="Amount of data to collect. quick: system, services and ports; deep: file systems too. [default: standard]",
)
@click.option("--new", is_flag=True, help="Start a new scan, even if the last one was interrupted.")
@click.option("--dry-run", is_flag=True, help="Print the hosts and all commands that would run there; connect to none.")
@click.option("--json", "as_json", is_flag=True, help="Print the export document, with scan and report, as JSON.")
@scan_options
@click.pass_context
def scan(
    ctx: click.Context,
    inventory: Path,
    limit: str | None,
    depth: str | None,
    new: bool,
    dry_run: bool,
    as_json: bool,
    judging: Judging,
    sampling: SamplingSettings,
    bounds: Bounds,
    connection: ConnectionSettings,
    cluster: Cluster,
) -> None:
    """Inventory every host of HOSTS.INI over SSH, judge every workload, and write the HTML report.

    Nothing is installed or changed on a host. An interrupted scan resumes with the same command.

    One scan misses nightly jobs and most connections. With --every and --for, processes and connections are sampled
    after the scan, and the report is written again at the end. Ctrl-C ends the sampling, not the command; after any
    other interruption the same command resumes sampling.

    Exit status: 0 done; 1 done, but a host could not be scanned; 2 wrong usage; 3 no host could be scanned.
    """
    hosts = connection.hosts(inventory, limit=limit, meanwhile=_load)
    # Loaded by now, while Ansible read the inventory.
    from assess.pipeline import policy_of
    from assess.targets.container_hosts import GROUP
    from assess.targets.target_profiles import check_names
    from inventory.depth import Depth
    from inventory.scan.executors import executor_at
    from inventory.scan.scan_run import ScanOptions
    from inventory.store.workspace import Workspace
    from reports.commands.dry_run import print_plan

    limits = bounds.limits()
    if dry_run:
        print_plan(hosts, Depth(depth or "standard"), limits, as_json)
        return
    # Faults of the file are reported before hosts are asked, not after.
    policy_of(inventory.absolute())
    check_names(judging.targets, (host.name for host in hosts if GROUP in host.groups))
    hosts = connection.fill(hosts)
    place = Workspace.create(settings().workspace)
    with executor_at(cluster.executor, insecure=cluster.insecure_executor) as workers, open_store(place) as store:
        options = ScanOptions(
            connect=connection.connect_options(place, connect_timeout=bounds.connect_timeout),
            forks=bounds.forks,
            host_seconds=bounds.timeout,
            depth=None if depth is None else Depth(depth),
            limits=limits,
            new=new,
            executor=workers,
            shown={"limit": limit} if limit else {},
        )
        outcome, assessment, report = _scan_and_judge(_Run(inventory, hosts, place, store, options), sampling, judging)
    status = _status(outcome)
    if report is None:
        status = max(status, SOME_FAILED)
    if as_json:
        _print_json(assessment, outcome, report)
    else:
        _print_words(assessment, outcome, report)
    ctx.exit(status)


def _load() -> None:
    """Import what a scan needs, which is as slow as Ansible is at reading the inventory, and done while it is."""
    from importlib import import_module

    for module in (
        "inventory.transports.ssh_client_choice",
        "assess.pipeline",
        "reports.commands.sampling",
        "reports.terminal.scan_summary",
    ):
        import_module(module)


class _Run(NamedTuple):
    """All that one scan works with."""

    inventory: Path
    hosts: Sequence[Host]
    place: Workspace
    store: Store
    options: ScanOptions

    @property
    def path(self) -> str:
        return str(self.inventory.absolute())


def _scan_and_judge(
    run: _Run, sampling: SamplingSettings, judging: Judging
) -> tuple[ScanOutcome, Assessment, Path | None]:
    """Scan, or resume the sampling of an interrupted command; the assessment, and where its report is."""
    import time

    from inventory.scan.sampling import sampling_to_resume
    from inventory.scan.scan_run import ScanOutcome
    from reports.commands.sampling import begin, follow

    wanted = sampling.every or sampling.during
    resumed = (
        sampling_to_resume(run.store, run.path, run.hosts, time.time()) if wanted and not run.options.new else None
    )
    outcome = ScanOutcome(resumed[0], run.store.hosts(resumed[0])) if resumed else _scan(run)
    assessment, report = _judged(run, outcome, judging)
    if wanted:
        following = resumed[1] if resumed else begin(run.store, outcome.scan, sampling.every, sampling.during)
        follow(outcome.scan, following, run.hosts, run.place, run.store, run.options)
        assessment, report = _judged(run, outcome, judging)
    return outcome, assessment, report


def _scan(run: _Run) -> ScanOutcome:
    from inventory.scan.many_hosts import local_workers
    from inventory.scan.scan_run import scan_hosts
    from reports.terminal.scan_summary import scanning

    options = run.options
    try:
        with run.place.lock(), ExitStack() as opened:
            if options.executor is None:
                # Before the progress bar has its thread: without any, processes are forked.
                workers = opened.enter_context(local_workers(len(run.hosts), options.forks))
                options = replace(options, executor=workers)
            progress = opened.enter_context(scanning(len(run.hosts)))
            return scan_hosts(run.path, run.hosts, run.place, run.store, options, progress)
    except KeyboardInterrupt as interruption:
        interruption.add_note("what hosts have answered is stored, and the same command resumes")
        raise


def _judged(run: _Run, outcome: ScanOutcome, judging: Judging) -> tuple[Assessment, Path | None]:
    """The assessment, and where its report is: None when it could not be written."""
    from assess.pipeline import assess_scan, keep_history, keep_names
    from assess.targets.target_profiles import UnknownTarget
    from inventory.errors import WorkspaceError
    from inventory.store.cache.snapshot_cache import SnapshotCache
    from reports.html.write_report import write_report

    inventory, store = str(run.inventory), run.store
    snapshots = SnapshotCache(store, outcome.scan)
    try:
        assessment = assess_scan(
            store, outcome.scan, inventory, judging.prioritize, judging.targets, snapshots=snapshots
        )
    except UnknownTarget as error:
        # A container host of the inventory that could not be asked; what was asked for is told by the next command.
        note(f"{error}; judged for the usual targets")
        assessment = assess_scan(store, outcome.scan, inventory, judging.prioritize, snapshots=snapshots)
    keep_names(store, assessment)
    keep_history(store, outcome.scan, assessment, snapshots)
    try:
        return assessment, write_report(assessment, run.place)
    except WorkspaceError as error:
        # What was found is stored and is shown; only the page is missing.
        click.echo(f"assess: {error}", err=True)
        return assessment, None


def _status(outcome: ScanOutcome) -> int:
    from inventory.store.scan_records import Outcome

    asked = [result.outcome in (Outcome.ANSWERED, Outcome.UNSUPPORTED) for result in outcome.results]
    if all(asked):
        return DONE
    return SOME_FAILED if any(asked) else NOTHING_DONE


def _print_words(assessment: Assessment, outcome: ScanOutcome, report: Path | None) -> None:
    from reports.terminal.scan_summary import print_summary
    from reports.view.labels import count

    if outcome.resumed:
        again = count(len(outcome.resumed), "host")
        click.echo(f"Took up a scan that was broken off: {again} had answered before (--new starts anew).\n")
    print_summary(assessment, make_console(soft_wrap=False))
    if report is not None:
        click.echo(f"\nReport: {report}")


def _print_json(assessment: Assessment, outcome: ScanOutcome, report: Path | None) -> None:
    import sys

    from assess.export.export_document import write_document
    from reports.view.labels import iso

    made = outcome.scan
    more = {
        "scan": {
            "id": made.id,
            "started": iso(made.started),
            "finished": iso(made.finished) if made.finished else None,
            "resumed": list(outcome.resumed),
            "depth": str(made.depth),
        },
        "report": None if report is None else str(report),
    }
    write_document(assessment, sys.stdout.write, more)
    click.echo()
