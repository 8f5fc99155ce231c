"""``assess pilot``: run images and compare them with the live services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import cloup

from assess.commands.command import collect, command
from assess.commands.connection import ConnectionSettings, connection_options
from assess.commands.console import note
from assess.commands.selection import Selection, selection_options
from assess.commands.settings import settings
from assess.commands.workspace import open_store, open_workspace
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.commands.pilot_candidates import GivenLimits
from containerize.commands.progress import saying
from containerize.commands.selected_workloads import select_workloads
from containerize.runtimes import RUNTIMES

if TYPE_CHECKING:
    from assess.model import Workload
    from containerize.estate import Estate
    from containerize.pilot.piloted_workload import Candidate
    from containerize.pilot.result import PilotResult
    from inventory.host import Host
    from inventory.store.workspace import Workspace

_DEFAULT = "[default: at least twice what the scan saw]"

PASSED, SOME_DID_NOT, NOTHING_DONE = 0, 1, 3


@command(example="assess pilot web01/apache2 db01/mariadb")
@selection_options
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="Container runtime [default: the first that works, in this order].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
@click.option(
    "--dry-run", is_flag=True, help="Print what would be started, what it needs and its limits; start nothing."
)
@click.option(
    "--read-only-root",
    is_flag=True,
    help="Test with a read-only root; the deployment files use one only after such a pilot passed.",
)
@cloup.option_group(
    "Limits of a container",
    cloup.option("--memory", type=click.IntRange(16), metavar="MIB", help=f"Memory and swap. {_DEFAULT}"),
    cloup.option("--pids", type=click.IntRange(1), metavar="N", help=f"Processes and threads. {_DEFAULT}"),
    cloup.option("--cpus", type=click.FloatRange(0.05), metavar="N", help=f"Processors. {_DEFAULT}"),
)
@collect("limits", GivenLimits)
@grant_options
@connection_options()
@click.pass_context
def pilot(
    ctx: click.Context,
    selection: Selection,
    runtime: str | None,
    as_json: bool,
    dry_run: bool,
    read_only_root: bool,
    limits: GivenLimits,
    asked: RequestedGrants,
    connection: ConnectionSettings,
) -> None:
    """Run the images of workloads together and compare them with the live services.

    The copies run on a separate network without a way out, with a copy of the data and the names and addresses of the
    legacy hosts. They are asked the same harmless questions as the live services, in turn. Everything made is removed.
    Name the workloads that talk to each other: assess pilot web01/apache2 db01/mariadb

    A container gets no device, no capability beyond the engine's defaults and no way out of its network unless one of
    the --allow options names it. What a workload would need is listed before it runs. What is allowed is recorded with
    the build and holds for later pilots and for the files beside the image until it ends.

    Exit status: 0 all passed; 1 some check failed or could not decide; 2 wrong usage; 3 nothing could be done.
    """
    from containerize.commands.pilot_candidates import needs_in, say_needs
    from containerize.estate import load_estate
    from containerize.pilot.pilot_run import Pilot
    from containerize.pilot.result import CheckVerdict
    from containerize.pilot.result_json import pilot_document
    from containerize.runtimes import choose
    from inventory.transports import connect

    selection.check()
    place = open_workspace()
    store = ctx.with_resource(open_store(place))
    estate = load_estate(store)
    wanted = select_workloads(store, estate, selection)
    hosts = estate.inventory_hosts(lambda path: connection.fill(connection.hosts(path)))

    def candidates_now() -> list[Candidate]:
        found = _candidates(place, estate, hosts, wanted)
        return [replace(each, read_only_root=read_only_root, limits=limits.applied(each.limits)) for each in found]

    candidates = candidates_now()
    folders = {each.plan.workload: place.build(*each.plan.workload.split("/", 1)) for each in candidates}
    if dry_run:
        _show_planned(asked.applied(candidates), as_json)
        return
    with place.lock():
        asked.record(folders, needs_in(candidates))
    candidates = candidates_now()
    say_needs(candidates)
    connecting = connection.connect_options(place)
    chosen = choose(runtime)
    try:
        with place.lock(), saying() as step:
            piloting = Pilot(chosen, lambda host: connect(host, connecting), step, attribution=estate.attribution())
            results = piloting.run(candidates)
            results, unsaved = _save(place, results)
    finally:
        chosen.close()
    if as_json:
        from assess.export.json_stream import document_text

        click.echo(document_text(pilot_document(results)))
    else:
        from containerize.commands.pilot_table import print_results

        print_results(results, settings().verbose)
    if asked.changes or read_only_root:
        for each in results:
            words = "the deployment files do not use it yet; run: assess build"
            note(f"{each.workload}: {words} {each.workload}")
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
        click.echo(f"assess: the result was not stored: {error}", err=True)
        return tuple(results), True


def _candidates(
    place: Workspace, estate: Estate, hosts: dict[str, Host], wanted: Sequence[Workload]
) -> list[Candidate]:
    """The candidates of workloads. Raises BrownfieldError when one was not built."""
    from containerize.commands.pilot_candidates import candidate_of
    from containerize.plan.plan_json import load_build, load_plan
    from inventory.errors import InventoryError

    found: list[Candidate] = []
    for workload in wanted:
        if workload.host not in hosts:
            raise InventoryError(f"{workload.host} is not in {estate.scan.inventory} any more")
        folder = place.build(workload.host, workload.name)
        plan, built = load_plan(folder), load_build(folder)
        found.append(candidate_of(estate, folder, plan, built, hosts[workload.host], workload))
    return found


def _show_planned(candidates: Sequence[Candidate], as_json: bool) -> None:
    """Print what would be started."""
    from containerize.commands.pilot_candidates import needs_in

    needs = needs_in(candidates)
    if as_json:
        from assess.export.json_stream import document_text
        from containerize.pilot.result_json import planned_document

        click.echo(document_text(planned_document([(each, needs[each.plan.workload]) for each in candidates])))
        return
    from containerize.commands.pilot_table import print_planned

    print_planned(candidates, needs)
