"""The command as a user runs it: the console script, in a process of its own, away from the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DECISION = re.compile(r"assess: (?:warning: .*|\S+: (?:would need|allowed:) .*)")

ASSESS = Path(sys.executable).with_name("assess")


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    pid: int
    status: int
    output: str
    errors: str

    @property
    def document(self) -> dict[str, Any]:
        """What it printed with ``--json``."""
        document = json.loads(self.output)
        assert isinstance(document, dict)
        return document


def assess(workspace: Path, *arguments: str) -> Done:
    """Run ``assess`` on a workspace. A traceback is a fault, and so is a word on standard error of a run that went
    well, unless it is about what a workload would need or is allowed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ASSESS_"))}
    environment["ASSESS_WORKSPACE"] = str(workspace)
    command = subprocess.Popen(
        [str(ASSESS), *arguments],
        cwd=workspace.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    output, errors = command.communicate()
    assert "Traceback" not in errors, errors
    if command.returncode == 0:
        assert [line for line in errors.splitlines() if not _DECISION.fullmatch(line)] == []
    return Done(command.pid, command.returncode, output, errors)
