"""``assess build``: turn workloads into images and deployable files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.connection import ConnectionSettings, connection_options
from assess.commands.selection import Selection, selection_options
from containerize.commands.building_options import Output, output_options, prepare
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.commands.parallel_work import default_jobs, jobs_option
from containerize.runtimes import RUNTIMES

if TYPE_CHECKING:
    from containerize.plan.model import Level


@command(
    example="""
    assess build web01/apache2
    assess build 'web*/apache2' --level lean --emit compose,readme
    assess build --ready --wave 1
    """
)
@selection_options
@click.option("--dry-run", is_flag=True, help="Read the hosts and print the plan; write nothing.")
@click.option(
    "--level",
    type=click.Choice(["complete", "lean", "observed"]),
    default="complete",
    show_default=True,
    help="Content of the image: all that the service may need; the same without what is not read at run time; or what"
    " a pilot of the image opened.",
)
@click.option("--without", multiple=True, metavar="PATH", help="Leave this path out; repeatable.")
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="Runtime for the pilots of --level observed. [default: the first that works]",
)
@jobs_option
@click.option(
    "--new", is_flag=True, help="Build again what an earlier run of this command built before it was interrupted."
)
@output_options
@grant_options
@connection_options()
@click.pass_context
def build(
    ctx: click.Context,
    selection: Selection,
    dry_run: bool,
    level: Level,
    without: tuple[str, ...],
    runtime: str | None,
    jobs: int | None,
    new: bool,
    output: Output,
    asked: RequestedGrants,
    connection: ConnectionSettings,
) -> None:
    """Build OCI images of workloads of the last scan, for Docker and Podman.

    An image holds the files of the host that the running service needs; the reason for each is recorded (assess why).
    Beside the image are a README and the files to run it: for Compose, Swarm, Kubernetes, Podman Quadlet and HAProxy. A
    pattern such as 'web*/apache2' means all services it matches. Data directories become volumes. Files that hold
    secrets stay on the host and are mounted when a container runs.

    With --level observed the image is piloted twice, in full and with only the files it opened. The smaller image
    replaces the full one if its pilot does as well.

    Several workloads are built at once (--jobs). A failure stops no other. After Ctrl-C, a kill or failures the same
    command builds what is left.

    The files grant no device, no capability beyond the engine's defaults and no other privilege unless one of the
    --allow options names it. Permissions are recorded with the build.

    Exit status: 0 done; 1 some workload could not be built; 2 wrong usage; 3 none could be built.
    """
    from containerize.commands.build_table import watching

    if not all(path.startswith("/") for path in without):
        raise click.UsageError("--without takes absolute paths, such as /usr/share/fonts")
    make, wanted = prepare(
        selection, connection, asked, output, level=level, without=without, jobs=jobs or default_jobs(), new=new
    )
    with watching(len(wanted)) as (watch, ended):
        builder = replace(make(watch), ended=ended)
        if dry_run:
            outcome = builder.plan(wanted)
        else:
            with builder.workspace.lock():
                outcome = builder.build(wanted)
                if level == "observed" and outcome.built:
                    from containerize.commands.traced_run import observe

                    observe(builder, outcome, runtime)
                    builder.describe(outcome)
    ctx.exit(output.print(outcome))
