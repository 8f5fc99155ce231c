"""Settings that every command shares: the workspace, the database, how much is printed, and in which colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

import click

_KEY = "brownfield.settings."

Color = Literal["auto", "always", "never"]


class Settings(NamedTuple):
    """Values of the shared options; None, False and "auto" where none was given."""

    workspace: Path | None = None
    database: str | None = None
    quiet: bool = False
    verbose: bool = False
    color: Color = "auto"


def settings() -> Settings:
    """Return the settings of the command that runs, or the defaults outside of one."""
    context = click.get_current_context(silent=True)
    if context is None:
        return Settings()
    return stored_settings(context)


def stored_settings(context: click.Context) -> Settings:
    """Return the settings that a context holds."""
    return Settings(**{name: context.meta[_KEY + name] for name in Settings._fields if _KEY + name in context.meta})


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Remember a value that was given; click shares ``meta`` between a command and the group before it."""
    if value not in (None, False) and parameter.name:
        context.meta[_KEY + parameter.name] = value


def shared_options() -> tuple[click.Option, ...]:
    """Return new option objects, accepted before and after the name of a command; the one after it wins."""
    return (
        click.Option(
            ["-w", "--workspace"],
            type=click.Path(path_type=Path, readable=False),
            metavar="DIR",
            help="Folder of the assessment. [default: $ASSESS_WORKSPACE, else ./assessment]",
            expose_value=False,
            callback=_store,
        ),
        click.Option(
            ["--database"],
            metavar="URL",
            help="SQLAlchemy URL of the database. [default: assessment.db in the workspace]",
            expose_value=False,
            callback=_store,
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            help="Print results and errors only: no progress, no notes.",
            expose_value=False,
            callback=_store,
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            help="Print details, and progress line by line.",
            expose_value=False,
            callback=_store,
        ),
        click.Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            help="When to use colours. [default: auto: on a terminal without NO_COLOR]",
            expose_value=False,
            callback=_store,
        ),
    )
