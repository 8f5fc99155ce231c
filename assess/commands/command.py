"""The class of every command: shared options, option groups, an example, and options collected into one object."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import click
import cloup

from assess.commands.settings import shared_options

_WIDEST = 100
"""Columns of a help page, however wide the terminal is."""


class Command(cloup.Command):
    """A command with the shared options in a group at the end of its help, after which comes an example."""

    def __init__(self, *args: Any, example: str, params: Sequence[click.Parameter] = (), **kwargs: Any) -> None:
        """Take ``example``: one or more command lines that work."""
        shared = cloup.OptionGroup("General options")
        options = shared_options()
        for option in options:
            option.group = shared  # type: ignore[attr-defined]
        super().__init__(*args, params=[*params, *options], **kwargs)
        self.example = example

    def format_params(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in no group first, those of every command last."""
        groups = [self.get_default_option_group(ctx, is_the_only_visible_option_group=True), *self.option_groups]
        sections = [self.make_option_group_help_section(group, ctx) for group in groups]
        cloup.formatting.ensure_is_cloup_formatter(formatter).write_many_sections(sections)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example as it is typed."""
        lines = self.example.strip().splitlines()
        with formatter.section("Example" if len(lines) == 1 else "Examples"):
            formatter.write("".join(f"{'':{formatter.current_indent}}{line.strip()}\n" for line in lines))


def command(example: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Return the decorator of a command function; its docstring is the help text."""
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST}

    def decorate(function: Callable[..., Any]) -> Command:
        return cloup.command(cls=Command, example=example, context_settings=settings, **attributes)(function)

    return decorate


def collect(name: str, model: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Pass the options that are fields of the dataclass ``model`` as one argument, ``name``."""
    fields = [field.name for field in dataclasses.fields(model)]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*args: Any, **values: Any) -> Any:
            collected = model(**{field: values.pop(field) for field in fields})
            return function(*args, **{name: collected}, **values)

        return called

    return decorate
