"""``assess rebuild``: write a Containerfile that installs the packages of a workload, and build it."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.connection import ConnectionSettings, connection_options
from assess.commands.selection import Selection, selection_options
from containerize.commands.building_options import Output, output_options, prepare
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.runtimes import RUNTIMES


@command(
    example="""
    assess rebuild web01/apache2
    assess rebuild web01/apache2 --base-image registry.example.org/debian:bookworm
    """
)
@selection_options
@click.option("--base-image", metavar="IMAGE", help="Base image. [default: the official one of the distribution]")
@click.option("--build-network", metavar="NAME", help="Network of the engine that packages are downloaded through.")
@click.option("--target", metavar="NAME", help="Windows container host that an image is for.")
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="Runtime that builds the Containerfile. [default: the first that works]",
)
@output_options
@grant_options
@connection_options()
@click.pass_context
def rebuild(
    ctx: click.Context,
    selection: Selection,
    base_image: str | None,
    build_network: str | None,
    target: str | None,
    runtime: str | None,
    output: Output,
    asked: RequestedGrants,
    connection: ConnectionSettings,
) -> None:
    """Write a Containerfile of workloads of the last scan, and build it.

    The Containerfile installs the packages of the host on a public base image and copies only what differs from them,
    as an engineer would have written it. It is in the folder rebuild beside the image. An engine that has the base
    image builds it at once. Assess build copies all files from the host instead.

    Exit status: 0 done; 1 some workload could not be built; 2 wrong usage; 3 none could be built.
    """
    from containerize.commands import rebuild_run
    from containerize.commands.build_table import watching

    make, wanted = prepare(selection, connection, asked, output)
    with watching() as (watch, _ended):
        builder = make(watch)
        with builder.workspace.lock():
            outcome = rebuild_run.rebuild(builder, wanted, runtime, base_image or "", build_network or "", target)
    ctx.exit(output.print(outcome))
