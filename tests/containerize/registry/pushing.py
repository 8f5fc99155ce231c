"""``assess push`` in this process, and the account that a guarded registry knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from assess.cli import assess

NAME, PASSWORD = "ops", "correct-horse-battery"


def run_push(workspace: Path, *arguments: str, given: str | None = None) -> Result:
    """The command with a workspace; ``given`` on its standard input."""
    command = ["push", *arguments, "--workspace", str(workspace)]
    return CliRunner().invoke(assess, command, input=given, catch_exceptions=True)


def document_of(result: Result) -> dict[str, Any]:
    """What a push that went well printed with ``--json``."""
    assert result.exit_code == 0, (result.output, result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    return document
