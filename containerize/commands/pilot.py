"""``assess pilot``: run images and compare them with the live services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.commands.shared_options import database_option, workspace_option
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.commands.login_options import Fill, login_options
from containerize.commands.progress import saying
from containerize.runtimes import RUNTIMES

if TYPE_CHECKING:
    from containerize.estate import Estate
    from containerize.pilot.pilot_run import Candidate
    from containerize.pilot.result import PilotResult
    from inventory.host import Host
    from inventory.store.workspace import Workspace

_DEFAULT = "[default: at least twice what the scan saw]"

PASSED, SOME_DID_NOT, NOTHING_DONE = 0, 1, 3


@click.command()
@click.argument("workloads", nargs=-1, required=True, metavar="HOST/WORKLOAD...")
@workspace_option
@database_option
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="What runs the containers [default: the first that works, in this order].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
@click.option("--verbose", is_flag=True, help="Show the details of every check, not of failed ones only.")
@click.option("--accept-new-host-keys", is_flag=True, help="Trust hosts that are in no known_hosts file yet.")
@click.option("--legacy-crypto", is_flag=True, help="Allow the key exchanges and ciphers of servers from before 2014.")
@click.option("--vault-password-file", type=click.Path(path_type=Path), metavar="FILE", help="As ansible takes it.")
@click.option("--ask-vault-pass", is_flag=True, help="Ask for the vault password.")
@click.option(
    "--dry-run", is_flag=True, help="Print what would be started, what it needs and its limits; start nothing."
)
@click.option(
    "--read-only-root",
    is_flag=True,
    help="Try it with a read-only root; the files beside the image have one only after it passed so.",
)
@click.option("--memory", type=click.IntRange(16), metavar="MIB", help=f"Limit memory and swap to this {_DEFAULT}.")
@click.option("--pids", type=click.IntRange(1), metavar="N", help=f"Limit processes and threads to this {_DEFAULT}.")
@click.option("--cpus", type=click.FloatRange(0.05), metavar="N", help=f"Limit processors to this {_DEFAULT}.")
@grant_options
@login_options
@click.pass_context
def pilot(
    ctx: click.Context,
    workloads: tuple[str, ...],
    workspace: Path | None,
    database: str | None,
    runtime: str | None,
    as_json: bool,
    verbose: bool,
    accept_new_host_keys: bool,
    legacy_crypto: bool,
    vault_password_file: Path | None,
    ask_vault_pass: bool,
    dry_run: bool,
    read_only_root: bool,
    memory: int | None,
    pids: int | None,
    cpus: float | None,
    asked: RequestedGrants,
    fill: Fill,
) -> None:
    """Run the images of workloads together and compare them with the live services.

    The copies run on a network of their own that has no way out, with a copy of the data and the names and addresses
    of the legacy hosts. They are asked the same harmless questions as the live services, in turn. Everything made is
    removed. Name the workloads that talk to each other: assess pilot web01/apache2 db01/mariadb
    A container gets no device, no capability beyond the engine's defaults and no way out of its network unless one of
    the --allow options names it. What a workload would need is listed before it runs. What is allowed is recorded with
    the build and holds for later pilots and for the files beside the image until it ends.

    Exit status: 0 all passed; 1 some check failed or could not decide; 2 wrong usage; 3 nothing could be done.
    """
    from containerize.commands.pilot_candidates import given_limits, needs_in, say_needs
    from containerize.estate import load_estate
    from containerize.pilot.pilot_run import Pilot
    from containerize.pilot.result import CheckVerdict
    from containerize.pilot.result_json import pilot_document
    from containerize.runtimes import choose
    from inventory.ansible.inventory_file import read_hosts
    from inventory.store.workspace import Workspace
    from inventory.transports import connect

    place = Workspace.open(workspace)
    with place.store(database) as store:
        estate = load_estate(store)
    hosts = estate.inventory_hosts(
        lambda path: fill(read_hosts(path, vault_password_file=vault_password_file, ask_vault_pass=ask_vault_pass))
    )

    def candidates_now() -> list[Candidate]:
        found = _candidates(place, estate, hosts, workloads)
        return [
            replace(each, read_only_root=read_only_root, limits=given_limits(each.limits, memory, pids, cpus))
            for each in found
        ]

    candidates = candidates_now()
    folders = {each.plan.workload: place.build(*each.plan.workload.split("/", 1)) for each in candidates}
    if dry_run:
        _show_planned(asked.applied(candidates), as_json)
        return
    with place.lock():
        asked.record(folders, needs_in(candidates))
    candidates = candidates_now()
    say_needs(candidates)
    connecting = place.connect_options(accept_new_host_keys=accept_new_host_keys, legacy_crypto=legacy_crypto)
    chosen = choose(runtime)
    try:
        with place.lock(), saying() as step:
            piloting = Pilot(chosen, lambda host: connect(host, connecting), step, attribution=estate.attribution())
            results = piloting.run(candidates)
            results, unsaved = _save(place, results)
    finally:
        chosen.close()
    if as_json:
        import json

        click.echo(json.dumps(pilot_document(results), indent=2))
    else:
        from containerize.commands.pilot_table import print_results

        print_results(results, verbose)
    if asked.changes or read_only_root:
        for each in results:
            words = "the files beside the image do not say so yet; run: assess build"
            click.echo(f"assess: {each.workload}: {words} {each.workload}", err=True)
    passed = all(each.verdict is CheckVerdict.PASS for each in results)
    ctx.exit(PASSED if passed and not unsaved else SOME_DID_NOT)


def _save(place: Workspace, results: Sequence[PilotResult]) -> tuple[tuple[PilotResult, ...], bool]:
    """Keep the results for the report; they are returned as they were kept. When that fails it is said, and they are
    shown all the same: True then.
    """
    from containerize.pilot.result_json import save_pilot
    from inventory.errors import WorkspaceError

    try:
        return tuple(save_pilot(place.build(*each.workload.split("/", 1)), each) for each in results), False
    except WorkspaceError as error:
        click.echo(f"assess: the result is not kept: {error}", err=True)
        return tuple(results), True


def _candidates(place: Workspace, estate: Estate, hosts: dict[str, Host], patterns: Sequence[str]) -> list[Candidate]:
    """The workloads that were asked for, each once. Raises BrownfieldError when one was not built."""
    from containerize.commands.pilot_candidates import candidate_of
    from containerize.plan.plan_json import load_build, load_plan
    from inventory.errors import InventoryError

    found: dict[str, Candidate] = {}
    for pattern in patterns:
        for workload in estate.find(pattern):
            if workload.host not in hosts:
                raise InventoryError(f"{workload.host} is not in {estate.scan.inventory} any more")
            folder = place.build(workload.host, workload.name)
            plan, built = load_plan(folder), load_build(folder)
            found[workload.id] = candidate_of(estate, folder, plan, built, hosts[workload.host], workload)
    return list(found.values())


def _show_planned(candidates: Sequence[Candidate], as_json: bool) -> None:
    """What would be started."""
    from containerize.commands.pilot_candidates import needs_in

    needs = needs_in(candidates)
    if as_json:
        import json

        from containerize.pilot.result_json import planned_document

        click.echo(json.dumps(planned_document([(each, needs[each.plan.workload]) for each in candidates]), indent=2))
        return
    from containerize.commands.pilot_table import print_planned

    print_planned(candidates, needs)
