"""``assess rebase``: replace packages with newer ones of the same release; the application stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.completion import complete_workload
from assess.commands.connection import ConnectionSettings, connection_options
from assess.commands.workspace import open_store, open_workspace
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.commands.progress import saying
from containerize.runtimes import RUNTIMES

if TYPE_CHECKING:
    from containerize.rebase.outcome import RebaseOutcome

DONE, NOT_AS_GOOD = 0, 1


@command(example="assess rebase web01/apache2 --from trixie.tar")
@click.argument("workload", metavar="HOST/WORKLOAD", shell_complete=complete_workload)
@click.option(
    "--from",
    "source",
    metavar="ROOTFS|IMAGE",
    help="A root file system with newer packages: a directory, a tar, an OCI layout, or an image that Docker has here.",
)
@click.option("--back", is_flag=True, help="Put the image before the last rebase in its place again.")
@click.option("--packages", is_flag=True, help="Print the packages of the image, for mmdebstrap --include; do no more.")
@click.option("--pilot/--no-pilot", default=True, show_default=True, help="Pilot both images, and keep the better.")
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="Container runtime for the pilots [default: the first that works, in this order].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
@click.option("--dry-run", is_flag=True, help="Show the changes; do not build an image.")
@grant_options
@connection_options()
@click.pass_context
def rebase(
    ctx: click.Context,
    workload: str,
    source: str | None,
    back: bool,
    packages: bool,
    pilot: bool,
    runtime: str | None,
    as_json: bool,
    dry_run: bool,
    asked: RequestedGrants,
    connection: ConnectionSettings,
) -> None:
    """Swap newer packages of the same release into the image of a workload, and pilot it again.

    The host is not asked for files: they come from the root file system that --from names. Layers of packages
    change, the layer of the application does not; settings stay as the host has them. A package stays as it is where
    the newer one would break another, lack a library, or need what is not there. Packages' own scripts are not run.
    The newer image takes the place of the older one when its pilot does as well; the older one is kept, for --back.

    Exit status: 0 done; 1 the pilot did worse, or did not pass; 2 wrong usage; 3 nothing could be done.
    """
    from containerize.commands.build_run import EstateBuilder
    from containerize.commands.build_table import watching
    from containerize.commands.rebase_pilots import EnginePilots
    from containerize.commands.rebase_run import Rebasing, package_names
    from containerize.estate import load_estate
    from containerize.pilot.result import CheckVerdict
    from containerize.plan.plan_json import load_plan
    from containerize.rebase.previous_builds import place_of

    if [bool(source), back, packages].count(True) != 1:
        raise click.UsageError("give one of --from ROOTFS|IMAGE, --back and --packages")
    place = open_workspace()
    estate = load_estate(ctx.with_resource(open_store(place)))
    named = estate.named(workload)
    if len(named) != 1:
        raise click.UsageError(f"{workload!r} means {len(named)} workloads; rebase them one by one")
    if packages:
        from containerize.content_store import ContentStore

        names = package_names(load_plan(place.build(named[0].host, named[0].name)), ContentStore(place.content))
        click.echo(json.dumps({"packages": list(names)}) if as_json else ",".join(names))
        return
    (found,) = estate.find(workload)
    needs_hosts = source is not None and pilot and not dry_run
    hosts = estate.inventory_hosts(lambda path: connection.fill(connection.hosts(path))) if needs_hosts else {}
    connecting = connection.connect_options(place)
    with watching() as (watch, _ended), saying() as step:
        rebasing = Rebasing(EstateBuilder(estate, hosts, place, connecting, watch), found, step)
        if source is None:
            with place.lock():
                was, now = rebasing.back()
            folder = rebasing.places.build
            if as_json:
                click.echo(json.dumps({"workload": now.workload, "before": was.digest, "digest": now.digest}, indent=2))
            else:
                click.echo(f"{now.workload} is {now.digest} again; {was.digest} is stored in {place_of(folder, was)}")
            return
        if dry_run:
            outcome = rebasing.look(source)
        else:
            with place.lock():
                folder = rebasing.places.build
                asked.record({found.id: folder}, {found.id: ()})
                both = EnginePilots(rebasing.builder, found, runtime, step) if pilot else None
                outcome = rebasing.run(source, both)
    _show(outcome, as_json, dry_run)
    pilots = outcome.pilots
    ctx.exit(DONE if pilots is None or (outcome.applied and pilots.after is CheckVerdict.PASS) else NOT_AS_GOOD)


def _show(outcome: RebaseOutcome, as_json: bool, dry_run: bool) -> None:
    if as_json:
        from assess.export.json_stream import document_text
        from containerize.commands.rebase_json import rebase_document

        click.echo(document_text(rebase_document(outcome, dry_run=dry_run)))
    else:
        from containerize.commands.rebase_table import print_rebase

        print_rebase(outcome)
