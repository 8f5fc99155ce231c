"""Terminal output of a pilot."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import click

from assess.commands.console import make_console, printable
from containerize.commands.pilot_candidates import needs_lines
from containerize.grants.needs import ContainerNeed
from containerize.pilot.container_limits import ContainerLimits
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.result import CheckVerdict, PilotResult

_STYLES = {CheckVerdict.PASS: "green", CheckVerdict.FAIL: "bold red", CheckVerdict.INCONCLUSIVE: "yellow"}
_DETAIL_LINES = 12
_NARROW = 64
"""Columns of a terminal below which two columns of running text are towers of syllables."""


def print_planned(candidates: Sequence[Candidate], needs: Mapping[str, Sequence[ContainerNeed]]) -> None:
    """Print what a pilot would start: image, command, limits, needs and grants."""
    for each in candidates:
        plan = each.plan
        click.echo(f"{printable(plan.workload)} would be started, and was not (--dry-run)")
        lines = [
            f"image {plan.image} ({each.built.digest})",
            f"starts {shlex.join(plan.start.service)} as {plan.start.user}",
            limits_line(each.limits),
            *each.limits.basis,
            *needs_lines(needs[plan.workload], each.allowed),
        ]
        for line in lines:
            click.echo(f"  {printable(line)}")


def limits_line(limits: ContainerLimits) -> str:
    """The limits of a container on one line."""
    memory = f"{limits.memory_bytes >> 20} MiB of memory"
    return f"limits: {memory}, {limits.pids} processes and threads, {limits.cpus:g} processors"


def print_results(results: Sequence[PilotResult], verbose: bool) -> None:
    """A table of checks for each workload, with what was expected and what was there; then the verdicts."""
    from rich.table import Table
    from rich.text import Text

    console = make_console(markup=False)
    for result in results:
        console.print(Text(f"{printable(result.workload)} on {result.runtime}", style="bold"))
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        # A narrow terminal has room for what was found; what was expected is in --json and in the report.
        words = ("EXPECTED", "ACTUAL") if console.width >= _NARROW else ("ACTUAL",)
        for name in ("CHECK", "VERDICT", *words):
            table.add_column(name, overflow="fold", no_wrap=name == "VERDICT")
        for check in result.checks:
            cells = (check.name, str(check.verdict), check.expected, check.actual)
            style = ("", _STYLES[check.verdict], "", "")
            kept = (0, 1, 2, 3) if len(words) == 2 else (0, 1, 3)
            table.add_row(*(Text(printable(cells[at]), style=style[at]) for at in kept))
        console.print(table)
        for check in result.checks:
            if check.detail and (verbose or check.verdict is not CheckVerdict.PASS):
                console.print(Text(f"  {printable(check.name)}", style="dim"))
                lines = check.detail.splitlines()
                for line in lines if verbose else lines[:_DETAIL_LINES]:
                    console.print(Text(f"    {printable(line)}"))
                if not verbose and len(lines) > _DETAIL_LINES:
                    console.print(Text(f"    … {len(lines) - _DETAIL_LINES} more lines with --verbose", style="dim"))
        console.print(Text(limits_line(result.limits), style="dim"))
        for note in result.notes:
            console.print(Text(printable(f"note: {note}"), style="dim"))
        for grant in result.grants:
            console.print(Text(printable(f"allowed: {grant}"), style="dim"))
        console.print()
    for result in results:
        passed = sum(check.verdict is CheckVerdict.PASS for check in result.checks)
        console.print(
            Text.assemble(
                f"{printable(result.workload)}: ",
                (str(result.verdict), _STYLES[result.verdict]),
                f" ({passed} of {len(result.checks)} checks passed, {result.seconds:.0f} s)",
            )
        )
