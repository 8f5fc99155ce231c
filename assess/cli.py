"""The root of the command line: a table of names, so that ``assess --help`` loads no more than it prints.

A command lives in the most downstream package that it uses. The names of modules are strings on purpose: this is the
one place where the packages are put together, and an import would turn the direction of the layers around.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from assess.commands.settings import shared_options
from assess.signals import exit_status, termination_signals


class CommandEntry(NamedTuple):
    """A command's import path, help group and summary, so that the list of commands needs no import."""

    target: str
    group: str
    summary: str


COMMANDS: dict[str, CommandEntry] = {
    "scan": CommandEntry(
        "reports.commands.scan:scan", "Collect", "Inventory hosts, judge every workload, write the report."
    ),
    "hosts": CommandEntry(
        "reports.commands.hosts:hosts", "Collect", "List the hosts of a scan and what could not be read."
    ),
    "show": CommandEntry(
        "reports.commands.show:show", "Collect", "Print the facts of a host, a workload or a pattern."
    ),
    "diff": CommandEntry("reports.commands.diff:diff", "Collect", "Print what changed between two scans."),
    "privileges": CommandEntry(
        "reports.commands.privileges:privileges", "Collect", "Print the sudoers file for a scan."
    ),
    "report": CommandEntry("reports.commands.report:report", "Judge", "Write the HTML report of a scan again."),
    "explain": CommandEntry(
        "reports.commands.explain:explain", "Judge", "Explain a rule, or the verdict on a workload."
    ),
    "workloads": CommandEntry("reports.commands.workloads:workloads", "Judge", "List the workloads, with verdicts."),
    "findings": CommandEntry("reports.commands.findings:findings", "Judge", "List the findings, the worst first."),
    "ports": CommandEntry("reports.commands.ports:ports", "Judge", "List ports, conflicts and the plan."),
    "waves": CommandEntry("reports.commands.waves:waves", "Judge", "List the waves of the migration, and why."),
    "rules": CommandEntry("assess.commands.rules:rules", "Judge", "List the rules, or explain one."),
    "targets": CommandEntry("assess.commands.targets:targets", "Judge", "List the profiles of container hosts."),
    "export": CommandEntry("reports.commands.export:export", "Judge", "Write the whole assessment as JSON."),
    "build": CommandEntry(
        "containerize.commands.build:build", "Move", "Build OCI images and deployment files of workloads."
    ),
    "rebuild": CommandEntry(
        "containerize.commands.rebuild:rebuild", "Move", "Write a Containerfile of workloads; build it."
    ),
    "why": CommandEntry("containerize.commands.why:why", "Move", "Print why a path is in an image, or why it is not."),
    "pilot": CommandEntry(
        "containerize.commands.pilot:pilot", "Move", "Run images and compare them with the live services."
    ),
    "rebase": CommandEntry("containerize.commands.rebase:rebase", "Move", "Update the packages of a built image."),
    "push": CommandEntry("containerize.commands.push:push", "Move", "Send a built image to a registry."),
    "scans": CommandEntry("reports.commands.scans:scans", "Operate", "List the stored scans."),
    "log": CommandEntry("reports.commands.log:log", "Operate", "Print the commands that were run on hosts."),
    "reparse": CommandEntry(
        "reports.commands.reparse:reparse", "Operate", "Read stored scans again and print what differs."
    ),
    "bundle": CommandEntry(
        "reports.commands.bundle:bundle", "Operate", "Write an anonymised recording for a bug report."
    ),
    "completion": CommandEntry("assess.commands.completion:completion", "Operate", "Print a completion script."),
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; a usage error that names one like it when there is none."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            alike = get_close_matches(args[0], COMMANDS, 1)
            hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(COMMANDS)}"
            ctx.fail(f"There is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Asked to end, it says so, and what is kept: click would say no more than "Aborted!"."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interruption:
            kept = getattr(interruption, "__notes__", None) or ["nothing incomplete was stored"]
            _complain(f"stopped; {'; '.join(kept)}")
            ctx.exit(exit_status(interruption))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by group, from the table alone."""
        longest = max(map(len, COMMANDS))
        for group in dict.fromkeys(entry.group for entry in COMMANDS.values()):
            with formatter.section(group):
                formatter.write_dl(
                    [(f"{name:{longest}}", entry.summary) for name, entry in COMMANDS.items() if entry.group == group]
                )


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"assess {version('brownfield')}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=list(shared_options()),
)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def assess() -> None:
    """Find out which services of old servers can run in containers, build their images, and prove them.

    \b
    assess scan hosts.ini        inventory, verdicts and the HTML report
    assess build web01/apache2   an OCI image and the files to deploy it
    assess pilot web01/apache2   run it and compare it with the live service

    Everything is stored in a workspace: -w DIR, or ASSESS_WORKSPACE, or ./assessment.
    """  # noqa: D301 - click wants the character itself: it keeps the lines below as they are


def main() -> None:
    """Run the command line.

    Expected errors become one sentence on standard error, and with ``--json`` an object with the member ``error`` on
    standard output, so that a program always reads JSON. Exit status 3, for a wrong command line 2.
    """
    from inventory.errors import BrownfieldError

    for stream in (sys.stdout, sys.stderr):
        # A Latin-1 terminal has no dash, and no terminal has a file name that is no text.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        # Everything that was given as a relative path is meant from here; and here may have been removed.
        Path.cwd()
    except OSError:
        _complain("the folder that you are in does not exist any more; change to another and run the same command")
        sys.exit(3)
    try:
        with termination_signals():
            status = assess.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        message = error.format_message().rstrip(".")
        _complain(message[:1].lower() + message[1:] if message[1:2].islower() else message)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
            click.echo(f"Try '{error.ctx.command_path} --help' for help.", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        _complain("a question was not answered, so nothing was done; answer it, or use the option for it")
        sys.exit(3)
    except BrownfieldError as error:
        _complain(str(error))
        sys.exit(3)
    except BrokenPipeError:
        # Whoever read our output has gone (``assess export | head``); flushing again at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = error.filename or "what the output goes to"
        click.echo(f"assess: no space left for {where}; make room and run the same command again", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(3)


def _complain(sentence: str) -> None:
    """Say what went wrong, to people and to programs. A host may have a part in the sentence: it is made printable."""
    shown = "".join(each if each.isprintable() else "?" for each in sentence)
    click.echo(f"assess: {shown}", err=True)
    if "--json" in sys.argv[1:]:
        import json

        click.echo(json.dumps({"error": sentence}))
