"""Options and steps that ``assess build`` and ``assess rebuild`` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import collect
from assess.commands.console import note
from assess.commands.workspace import open_store, open_workspace
from containerize.commands.selected_workloads import select_workloads

if TYPE_CHECKING:
    from assess.commands.connection import ConnectionSettings
    from assess.commands.selection import Selection
    from assess.model import Workload
    from containerize.commands.build_run import BuildOutcome, EstateBuilder, Watch
    from containerize.commands.grant_options import RequestedGrants
    from containerize.emitters.emission import Emitter

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 3

FORMS = "Containerfile, compose, stack, kubernetes, quadlet, haproxy, seccomp, sbom, reasons, decisions, readme"
"""Names of the emitters; here as well so that --help need not load them."""


@dataclass(frozen=True)
class Output:
    """Files to write beside the image, how fast files are copied, and how the result is printed."""

    emit: str | None
    bandwidth: int | None
    as_json: bool

    def emitters(self) -> tuple[Emitter, ...]:
        """Return the emitters that ``--emit`` names; () when it was not given. Raises UsageError for others."""
        from containerize.emitters import emitters_named

        if self.emit is None:
            return ()
        try:
            return emitters_named(name.strip() for name in self.emit.split(","))
        except KeyError as error:
            raise click.UsageError(f"unknown form {error.args[0]!r} in --emit; there are {FORMS}") from None

    def print(self, outcome: BuildOutcome) -> int:
        """Print what was built and return the exit status."""
        if self.as_json:
            from assess.export.json_stream import document_text
            from containerize.commands.build_json import build_document

            click.echo(document_text(build_document(outcome)))
        else:
            from containerize.commands.build_table import print_outcome

            print_outcome(outcome)
        succeeded = bool(outcome.built or outcome.planned)
        return (SOME_FAILED if succeeded else NOTHING_DONE) if outcome.failed else DONE


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as one argument, ``output``."""
    options = (
        click.option(
            "--emit",
            metavar="NAME[,NAME]",
            help=f"Write only these deployment files: {FORMS}. [default: all that fit]",
        ),
        click.option(
            "--bandwidth", type=click.IntRange(1), metavar="KB/S", help="Maximum speed of copying from each host."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    )
    decorated = collect("output", Output)(function)
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


def prepare(
    selection: Selection, connection: ConnectionSettings, asked: RequestedGrants, output: Output, **more: Any
) -> tuple[Callable[[Watch], EstateBuilder], list[Workload]]:
    """Return how to make the builder, and the workloads that are selected; ``more`` are fields of the builder.

    Asks for passwords. Raises BrownfieldError, and UsageError for ``--emit``.
    """
    from containerize.commands.build_run import EstateBuilder
    from containerize.estate import load_estate

    selection.check()
    emitters = output.emitters()
    place = open_workspace()
    store = click.get_current_context().with_resource(open_store(place))
    estate = load_estate(store)
    wanted = select_workloads(store, estate, selection)
    for each in wanted:
        if each.kind != "service":
            note(f"{each.id} is a host function: every container host has its own, so an image of it is rarely needed")
    hosts = estate.inventory_hosts(lambda path: connection.fill(connection.hosts(path)))

    def make(watch: Watch) -> EstateBuilder:
        return EstateBuilder(
            estate, hosts, place, connection.connect_options(place), watch,
            bytes_per_second=(output.bandwidth or 0) * 1000, emitters=emitters, asked=asked, only=len(wanted) == 1,
            **more,
        )  # fmt: skip

    return make, wanted
