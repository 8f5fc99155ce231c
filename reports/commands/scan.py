"""``assess scan``: inventory every host, judge every workload, write the report."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.commands.shared_options import database_option, prioritize_option, target_option, workspace_option
from containerize.commands.login_options import Fill, login_options
from reports.commands.duration import Duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assess.model import Assessment
    from inventory.host import Host
    from inventory.scan.scan_run import ScanOptions, ScanOutcome
    from inventory.store.database import Store
    from inventory.store.workspace import Workspace

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 3


@click.command()
@click.argument("inventory", type=click.Path(path_type=Path, readable=False), metavar="HOSTS.INI")
@click.option("--limit", metavar="PATTERN", help="Only these hosts: a pattern as ansible's --limit takes it.")
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="Print the export document, with scan and report, for machines.")
@click.option(
    "--depth",
    type=click.Choice(("quick", "standard", "deep")),
    help="How deep to look (default: standard). quick: what system, which services on which ports; deep: file systems"
    " too.",
)
@click.option("--forks", type=click.IntRange(1, 1000), default=32, show_default=True, help="Hosts asked at once.")
@click.option(
    "--executor",
    metavar="URL",
    help="Ask from the workers of a Dask cluster: dask://scheduler:8786, dasks:// with TLS. [default: from here]",
)
@click.option(
    "--insecure-executor",
    is_flag=True,
    help="Send the passwords of hosts and the redaction key to a Dask cluster without TLS.",
)
@click.option(
    "--every", type=Duration(), metavar="TIME", help="Look again that often for what comes and goes, e.g. 5m."
)
@click.option("--for", "during", type=Duration(), metavar="TIME", help="How long to go on looking. [default: 24h]")
@target_option
@click.option("--new", is_flag=True, help="Start anew, even where a scan was broken off.")
@click.option("--accept-new-host-keys", is_flag=True, help="Trust hosts that are in no known_hosts file yet.")
@click.option("--legacy-crypto", is_flag=True, help="Allow the key exchanges and ciphers of servers from before 2014.")
@click.option(
    "--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Most seconds for one host."
)
@click.option(
    "--connect-timeout",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Most seconds for each step of connecting.",
)
@click.option(
    "--section-timeout",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    help="Most seconds for one question. [default: each has its own, 5 to 120]",
)
@click.option(
    "--max-output",
    type=click.IntRange(1, 1024),
    default=32,
    show_default=True,
    metavar="MIB",
    help="Most MiB that a question may be answered with.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 10),
    default=1,
    show_default=True,
    help="How often a connection that failed is tried again, after 1, 2, 4 … seconds.",
)
@click.option(
    "--escalate",
    type=click.Choice(("sudo", "doas")),
    help="Without become: run each command that needs root by itself through this (see assess privileges).",
)
@click.option("--dry-run", is_flag=True, help="Print which hosts would be asked, and all that would run there.")
@prioritize_option
@database_option
@click.option("--vault-password-file", type=click.Path(path_type=Path), metavar="FILE", help="As ansible takes it.")
@click.option("--ask-vault-pass", is_flag=True, help="Ask for the vault password.")
@login_options
@click.pass_context
def scan(
    ctx: click.Context,
    inventory: Path,
    limit: str | None,
    workspace: Path | None,
    as_json: bool,
    depth: str | None,
    forks: int,
    executor: str | None,
    insecure_executor: bool,
    every: float | None,
    during: float | None,
    targets: tuple[str, ...],
    new: bool,
    accept_new_host_keys: bool,
    legacy_crypto: bool,
    timeout: float,
    connect_timeout: float,
    section_timeout: int | None,
    max_output: int,
    retries: int,
    escalate: str | None,
    dry_run: bool,
    prioritize: str | None,
    database: str | None,
    vault_password_file: Path | None,
    ask_vault_pass: bool,
    fill: Fill,
) -> None:
    """Inventory every host of HOSTS.INI over SSH, judge every workload, and write the HTML report.

    Nothing is installed or changed on a host. A scan that was broken off goes on where it stopped.

    One look misses the nightly job and most connections. With --every and --for, the scan is followed by looks at
    processes and connections, and the report is written again in the end. Ctrl-C ends the looks, not the command; after
    anything else that stops it, the same command goes on with them.

    Exit status: 0 done; 1 done, but some host could not be asked; 2 wrong usage; 3 no host could be asked.
    """
    from inventory.ansible.inventory_file import read_hosts

    hosts = read_hosts(
        inventory,
        limit=limit,
        vault_password_file=vault_password_file,
        ask_vault_pass=ask_vault_pass,
        warn=lambda sentence: click.echo(f"assess: {sentence}", err=True),
        meanwhile=_load,
    )
    # Loaded by now, while Ansible read the inventory.
    import time

    from assess.pipeline import judgement_of
    from assess.targets.container_hosts import GROUP
    from assess.targets.target_profiles import check_names
    from inventory.depth import Depth
    from inventory.limits import Limits
    from inventory.probe.privileges import ESCALATIONS
    from inventory.scan.executors import executor_at
    from inventory.scan.sampling import sampling_to_resume
    from inventory.scan.scan_run import ScanOptions, ScanOutcome
    from inventory.store.workspace import Workspace
    from reports.commands.dry_run import print_plan
    from reports.commands.sampling import begin, follow

    limits = Limits(section_timeout, max_output << 20, retries, ESCALATIONS[escalate] if escalate else "")
    if dry_run:
        print_plan(hosts, Depth(depth or "standard"), limits, as_json)
        return
    # A fault of it is better told before hosts are asked than after.
    judgement_of(inventory.absolute())
    check_names(targets, (host.name for host in hosts if GROUP in host.groups))
    hosts = fill(hosts)
    place = Workspace.create(workspace)
    path = str(inventory.absolute())
    with executor_at(executor, insecure=insecure_executor) as workers, place.store(database) as store:
        options = ScanOptions(
            connect=place.connect_options(
                accept_new_host_keys=accept_new_host_keys, connect_timeout=connect_timeout, legacy_crypto=legacy_crypto
            ),
            forks=forks,
            host_seconds=timeout,
            depth=None if depth is None else Depth(depth),
            limits=limits,
            new=new,
            executor=workers,
            shown={"limit": limit} if limit else {},
        )
        looks = (every or during) and not new and sampling_to_resume(store, path, hosts, time.time())
        going_on = ScanOutcome(looks[0], store.hosts(looks[0])) if looks else None
        outcome = going_on or _scan(path, hosts, place, store, options)
        assessment, report = _judged(store, outcome, inventory, place, targets, prioritize)
        if every or during:
            following = looks[1] if looks else begin(store, outcome.scan, every, during)
            follow(outcome.scan, following, hosts, place, store, options)
            assessment, report = _judged(store, outcome, inventory, place, targets, prioritize)
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


def _scan(inventory: str, hosts: Sequence[Host], place: Workspace, store: Store, options: ScanOptions) -> ScanOutcome:
    from inventory.scan.many_hosts import local_workers
    from inventory.scan.scan_run import scan_hosts
    from reports.terminal.scan_summary import scanning

    try:
        with place.lock(), ExitStack() as opened:
            if options.executor is None:
                # Before the progress bar has its thread: without any, processes are forked.
                options = replace(options, executor=opened.enter_context(local_workers(len(hosts), options.forks)))
            progress = opened.enter_context(scanning(len(hosts)))
            return scan_hosts(inventory, hosts, place, store, options, progress)
    except KeyboardInterrupt as interruption:
        interruption.add_note("what hosts have answered is kept, and the same command goes on")
        raise


def _judged(
    store: Store,
    outcome: ScanOutcome,
    inventory: Path,
    place: Workspace,
    targets: Sequence[str],
    prioritize: str | None,
) -> tuple[Assessment, Path | None]:
    """The assessment, and where its report is: None when it could not be written."""
    from assess.pipeline import assess_scan, keep_history, keep_names
    from assess.targets.target_profiles import UnknownTarget
    from inventory.errors import WorkspaceError
    from reports.html.write_report import write_report

    try:
        assessment = assess_scan(store, outcome.scan, str(inventory), prioritize, targets)
    except UnknownTarget as error:
        # A container host of the inventory that could not be asked; what was asked for is told by the next command.
        click.echo(f"assess: {error}; judged on the usual targets", err=True)
        assessment = assess_scan(store, outcome.scan, str(inventory), prioritize)
    keep_names(store, assessment)
    keep_history(store, outcome.scan, assessment)
    try:
        return assessment, write_report(assessment, place)
    except WorkspaceError as error:
        # What was found is kept and is shown; only the page is missing.
        click.echo(f"assess: {error}", err=True)
        return assessment, None


def _status(outcome: ScanOutcome) -> int:
    from inventory.store.scan_records import Outcome

    asked = [result.outcome in (Outcome.ANSWERED, Outcome.UNSUPPORTED) for result in outcome.results]
    if all(asked):
        return DONE
    return SOME_FAILED if any(asked) else NOTHING_DONE


def _print_words(assessment: Assessment, outcome: ScanOutcome, report: Path | None) -> None:
    from rich.console import Console

    from reports.terminal.scan_summary import print_summary
    from reports.view.labels import count

    console = Console(highlight=False, soft_wrap=False)
    if outcome.resumed:
        again = count(len(outcome.resumed), "host")
        click.echo(f"Took up a scan that was broken off: {again} had answered before (--new starts anew).\n")
    print_summary(assessment, console)
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
