"""Help pages, shared options and the table of commands."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from assess.cli import COMMANDS, assess
from assess.commands.command import Command
from assess.commands.console import make_console
from assess.commands.settings import settings

GROUPS = ["Collect", "Judge", "Move", "Operate"]


def _command(name: str) -> Command:
    found = assess.get_command(click.Context(assess), name)
    assert isinstance(found, Command)
    return found


def test_the_list_of_commands_is_in_four_groups() -> None:
    output = CliRunner().invoke(assess, ["--help"]).output

    assert [line[:-1] for line in output.splitlines() if line[:-1] in GROUPS] == GROUPS
    for name, entry in COMMANDS.items():
        assert f"  {name} " in output
        assert entry.summary in " ".join(output.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_page_ends_with_an_example_of_the_command(name: str) -> None:
    output = CliRunner().invoke(assess, [name, "--help"]).output
    after = output.partition("\nExample")[2].splitlines()[1:]

    assert after
    assert all(line.startswith(f"  assess {name}") for line in after), after


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_use_options_that_exist(name: str) -> None:
    known = {option for parameter in _command(name).params for option in parameter.opts}
    given = {word for word in _command(name).example.split() if word.startswith("-")}

    assert given <= known


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_page_is_readable_in_80_columns(name: str) -> None:
    output = CliRunner().invoke(assess, [name, "--help"], terminal_width=80).output

    assert max(map(len, output.splitlines())) <= 80
    assert "-h, --help" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ["-w", "there", "--color", "never", "-q", "probe"],
        ["probe", "-w", "there", "--color", "never", "-q"],
        ["-w", "elsewhere", "--color", "always", "probe", "-w", "there", "--color", "never", "--quiet"],
    ],
)
def test_shared_options_hold_before_and_after_the_command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    probe = Command("probe", callback=lambda: seen.append(settings()), example="assess probe")
    monkeypatch.setattr(assess, "get_command", lambda _ctx, name: probe if name == "probe" else None)
    monkeypatch.setitem(COMMANDS, "probe", COMMANDS["scans"])

    result = CliRunner().invoke(assess, arguments)

    assert result.exit_code == 0, result.output
    assert [(each.workspace, each.color, each.quiet, each.verbose) for each in seen] == [
        (Path("there"), "never", True, False)
    ]


@pytest.mark.parametrize(
    ("arguments", "coloured"),
    [(["--color", "always", "probe"], True), (["probe", "--color", "never"], False), (["probe"], False)],
)
def test_colour_is_what_was_asked_for(arguments: list[str], coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    probe = Command("probe", callback=lambda: make_console().print("found", style="bold red"), example="assess probe")
    monkeypatch.setattr(assess, "get_command", lambda _ctx, _name: probe)
    monkeypatch.setitem(COMMANDS, "probe", COMMANDS["scans"])

    output = CliRunner().invoke(assess, arguments).output

    assert "found" in output
    assert ("\x1b[" in output) is coloured
