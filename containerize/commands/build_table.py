"""Terminal output of a build: progress on standard error, the result on standard output."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from assess.commands.console import make_console, note, printable, progress_wanted
from containerize.grants.needs import needs_of
from containerize.plan.request import Reporting

if TYPE_CHECKING:
    from rich.progress import TaskID

    from assess.model import Workload
    from containerize.commands.build_run import BuildOutcome, Watch
    from containerize.commands.work_result import WorkResult
    from containerize.emitters.emission import WrittenFile
    from containerize.plan.model import ImagePlan, LeftOutGroup


_GROUPS_SHOWN = 6

_RESULT_STYLES = {"built": "green", "built before": "green", "planned": "", "failed": "bold red"}


@contextmanager
def watching(total: int = 1) -> Iterator[tuple[Watch, Callable[[Workload], None]]]:
    """Progress bars, one line a workload until it has ended; of several workloads also how many of ``total`` are done,
    and an estimate of the time that is left. Nothing at all when standard error is no terminal.
    """
    if not progress_wanted():
        yield lambda _workload: Reporting(), lambda _workload: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (SpinnerColumn(), TextColumn("{task.fields[name]}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.description}", markup=False), console=make_console(stderr=True), transient=True
    ) as bars:
        tasks: dict[str, TaskID] = {}
        began = time.monotonic()
        whole = bars.add_task(f"of {total}", total=total, name="0 done") if total > 1 else None

        def watch(workload: Workload) -> Reporting:
            task = tasks[workload.id] = bars.add_task("", total=None, name=Text(printable(workload.id)).plain)
            arrived = [0, 0]

            def step(words: str) -> None:
                bars.update(task, description=f"{words} ({human(arrived[1])} copied)" if arrived[1] else words)

            def files(count: int, size: int) -> None:
                arrived[0] += count
                arrived[1] += size
                bars.update(task, description=f"files: {arrived[0]} ({human(arrived[1])} copied)")

            return Reporting(step, files)

        def ended(workload: Workload) -> None:
            if whole is None:
                return
            if (task := tasks.pop(workload.id, None)) is not None:
                bars.remove_task(task)
            bars.advance(whole)
            done = int(bars.tasks[0].completed)
            left = time_left(done, total, time.monotonic() - began)
            bars.update(whole, name=f"{done} done", description=f"of {total}{left}")

        yield watch, ended


def time_left(done: int, total: int, seconds: float) -> str:
    """The estimate of the time that the rest takes, when ``done`` took so many ``seconds``."""
    left = seconds / done * (total - done)
    return f", about {max(1, round(left / 60))} min left" if left >= 60 else f", about {round(left)} s left"


def print_outcome(outcome: BuildOutcome) -> None:
    """A table of what was built, then what people must know of each."""
    from rich.table import Table
    from rich.text import Text

    console = make_console(markup=False)
    if outcome.built:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("WORKLOAD", overflow="fold")
        # The name needs room: a narrow terminal gets fewer numbers.
        shown = max(1, min(4, (console.width - 24) // 10))
        for name in ("COMPRESSED", "SIZE", "FILES", "COPIED")[:shown]:
            table.add_column(name, justify="right", no_wrap=True)
        for result in outcome.built.values():
            built = result.built
            numbers = (human(built.compressed_size), human(built.size), f"{built.files:,}", human(result.fetched))
            table.add_row(Text(printable(built.workload)), *numbers[:shown])
        console.print(table)
        for result in outcome.built.values():
            click.echo(f"\n{printable(result.built.workload)}")
            click.echo(f"  image {result.built.image} in {result.built.layout}")
            if result.written:
                places = dict.fromkeys(f"{top}/" if rest else top for top, _, rest in _parted(result.written))
                click.echo(f"  beside it {', '.join(places)}")
            _print_plan(result.plan)
            for remark in outcome.remarks.get(result.built.workload, ()):
                click.echo(f"  {printable(remark)}")
    for name, plan in outcome.planned.items():
        size = sum(file.size for file in plan.files)
        click.echo(f"{printable(name)} would have {len(plan.files):,} files, {human(size)}")
        _print_plan(plan)
    for name, reason in outcome.failed.items():
        click.echo(f"assess: {printable(name)}: {printable(reason)}", err=True)
    results = outcome.results()
    if len(results) > 1:
        click.echo()
        _print_results(results)
    if before := len(outcome.before):
        note(f"{before} of {len(results)} were built by an earlier run of this command; --new builds them again")


def _print_results(results: Sequence[WorkResult]) -> None:
    """Print a table with a row for each workload."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("WORKLOAD", "RESULT", "SIZE", "SECONDS", "REASON"):
        number = name in ("SIZE", "SECONDS")
        table.add_column(
            name, justify="right" if number else "left", no_wrap=number or name == "RESULT", overflow="fold"
        )
    for each in results:
        size = "" if each.size is None else human(each.size)
        seconds = "" if each.seconds is None else f"{each.seconds:.0f}"
        cells = (printable(each.workload), each.result, size, seconds, printable(each.reason))
        table.add_row(
            *(Text(cell, style=_RESULT_STYLES[each.result] if at == 1 else "") for at, cell in enumerate(cells))
        )
    make_console(markup=False).print(table)


def _parted(written: Iterable[WrittenFile]) -> Iterator[tuple[str, str, str]]:
    return (each.path.partition("/") for each in written)


def _print_plan(plan: ImagePlan) -> None:
    start = plan.start
    lines = [f"starts {shlex.join(start.service)} as {start.user}: {start.reason}"]
    lines += [f"data stays outside: {volume.path} ({volume.reason})" for volume in plan.volumes]
    lines += [f"holds a secret, mounted at run time: {secret.path} ({secret.reason})" for secret in plan.secrets]
    lines += [f"variable with a secret, set at run time: {name}" for name in start.secret_environment]
    lines += [f"may need {each.kind} {each.name} ({each.reason}); {each.option} allows it" for each in needs_of(plan)]
    lines += [f"comes along: {name}" for name in plan.companions]
    lines += [f"talks to {peer.workload} over {peer.path}" for peer in plan.socket_peers]
    lines += [f"left out: {group.name} ({len(group.paths):,} files, {human(group.size)})" for group in _largest(plan)]
    lines += [f"note: {note}" for note in plan.notes]
    for line in lines:
        click.echo(f"  {printable(line)}")


def _largest(plan: ImagePlan) -> list[LeftOutGroup]:
    """The groups that a level leaves out, as many as one reads; all are in the plan."""
    return sorted(plan.groups, key=lambda group: -group.size)[:_GROUPS_SHOWN]


def human(size: float) -> str:
    """A size for people, in powers of 1000 as engines print them."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError
