"""A progress message for the current step of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assess.commands.console import make_console, printable, progress_wanted


@contextmanager
def saying() -> Iterator[Callable[[str], None]]:
    """One line that says what happens now; nothing at all when standard error is no terminal."""
    if not progress_wanted():
        yield lambda _words: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=make_console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda words: bars.update(task, description=printable(words))
