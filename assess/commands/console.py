"""Consoles for results and for progress, with the colours and the amount of output that the user asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from assess.commands.settings import settings

if TYPE_CHECKING:
    from rich.console import Console


def make_console(*, stderr: bool = False, **attributes: Any) -> Console:
    """Return a console that follows ``--color`` and, without it, NO_COLOR and the terminal."""
    from rich.console import Console

    color = settings().color
    if color == "always":
        attributes |= {"force_terminal": True, "no_color": False}
    elif color == "never":
        attributes["no_color"] = True
    return Console(stderr=stderr, highlight=False, **attributes)


def progress_wanted() -> bool:
    """Return whether progress bars are drawn: on a terminal, unless ``--quiet`` or ``--verbose`` is given."""
    given = settings()
    return not given.quiet and not given.verbose and sys.stderr.isatty()


def note(sentence: str) -> None:
    """Print a sentence that is not an error on standard error; ``--quiet`` leaves it out."""
    if not settings().quiet:
        click.echo(f"assess: {printable(sentence)}", err=True)


def detail(sentence: str) -> None:
    """Print a line of progress on standard error, with ``--verbose`` only."""
    if settings().verbose:
        click.echo(printable(sentence), err=True)


def printable(text: str) -> str:
    """Return text without control characters: what a host sends must not control a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text).encode("utf-8", "replace").decode("utf-8")
