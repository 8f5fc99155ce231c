"""The root of the command line: a table of names, so that ``assess --help`` loads no more than it prints.

A command lives in the most downstream package that it uses. The names of modules are strings on purpose: this is the
one place where the packages are put together, and an import would turn the direction of the layers around.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command lives, and its summary, so that the list of commands needs no import."""

    target: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "scan": Entry("reports.commands.scan:scan", "Inventory every host, judge every workload, write the report."),
    "report": Entry("reports.commands.report:report", "Write the HTML report of the last scan again."),
    "export": Entry("reports.commands.export:export", "Write the whole assessment as JSON."),
    "build": Entry("containerize.commands.build:build", "Turn workloads into OCI images and deployable files."),
    "pilot": Entry("containerize.commands.pilot:pilot", "Run images and compare them with the live services."),
    "rules": Entry("assess.commands.rules:rules", "List the rules, or explain one."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table: the order in which people use them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"assess {version('brownfield')}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def assess() -> None:
    r"""Find out which services of old servers can run in containers, build their images, and prove them.

    \b
    assess scan hosts.ini        inventory, verdicts and the HTML report
    assess build web01/apache2   an OCI image and the files to deploy it
    assess pilot web01/apache2   run it and compare it with the live service

    Everything is kept in a workspace: --workspace DIR, or ASSESS_WORKSPACE, or ./assessment.
    """


def main() -> None:
    """Run the command line. Expected errors become one sentence on standard error and exit status 3."""
    from inventory.errors import BrownfieldError

    try:
        sys.exit(assess.main(standalone_mode=True))
    except BrownfieldError as error:
        click.echo(f"assess: {error}", err=True)
        sys.exit(3)
    except BrokenPipeError:
        # Whoever read our output has gone (``assess export | head``); flushing again at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
