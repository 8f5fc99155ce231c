"""The page of all commands."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from assess.cli import COMMANDS, assess
from docs.generator import MARK


def pages() -> dict[Path, str]:
    """Return the page by its path below docs/reference."""
    return {Path("cli.md"): command_line()}


def command_line() -> str:
    """Return the page of all commands: their help pages, as the program prints them at 80 columns."""
    blocks = [MARK, "# Command line", "", *_help_page()]
    for name in COMMANDS:
        blocks += [f"## assess {name}", "", *_help_page(name)]
    return "\n".join(blocks)


def _help_page(*command: str) -> list[str]:
    ran = CliRunner(env={"COLUMNS": "80"}).invoke(
        assess, [*command, "--help"], prog_name="assess", catch_exceptions=False
    )
    return ["```text", ran.output.rstrip(), "```", ""]
