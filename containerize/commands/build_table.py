"""Terminal output of a build: progress on standard error, the result on standard output."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from assess.commands.console import make_console, printable, progress_wanted
from containerize.grants.needs import needs_of
from containerize.plan.request import Reporting

if TYPE_CHECKING:
    from assess.model import Workload
    from containerize.commands.build_run import BuildOutcome, Watch
    from containerize.emitters.emission import WrittenFile
    from containerize.plan.model import ImagePlan, LeftOutGroup


_GROUPS_SHOWN = 6


@contextmanager
def watching() -> Iterator[Watch]:
    """Progress bars, one line a workload; nothing at all when standard error is no terminal."""
    if not progress_wanted():
        yield lambda _workload: Reporting()
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (SpinnerColumn(), TextColumn("{task.fields[name]}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.description}", markup=False), console=make_console(stderr=True), transient=True
    ) as bars:

        def watch(workload: Workload) -> Reporting:
            task = bars.add_task("", total=None, name=Text(printable(workload.id)).plain)
            arrived = [0, 0]

            def step(words: str) -> None:
                bars.update(task, description=f"{words} ({human(arrived[1])} copied)" if arrived[1] else words)

            def files(count: int, size: int) -> None:
                arrived[0] += count
                arrived[1] += size
                bars.update(task, description=f"files: {arrived[0]} ({human(arrived[1])} copied)")

            return Reporting(step, files)

        yield watch


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
