"""The product, by its command line only: any checkout can be measured."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.wild.errors import WildError
from tests.wild.sandbox import Sandbox, bounded, last_line

_COMMAND = "import sys; from assess.cli import main; sys.argv[0] = 'assess'; sys.exit(main())"
_PACKAGES = ("inventory", "assess", "containerize", "reports")


@dataclass(frozen=True)
class Answer:
    """The outcome of one command."""

    status: int
    document: Mapping[str, Any] | None
    errors: str


@dataclass(frozen=True)
class Product:
    """A Python that imports the product."""

    python: str
    commit: str

    def run(self, sandbox: Sandbox, workspace: Path, *arguments: str, seconds: float) -> Answer:
        """Run ``assess`` with ``--json`` in the sandbox. A document that cannot be read is None."""
        environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "ASSESS_WORKSPACE": str(workspace)}
        argv = sandbox.argv(self.python, "-c", _COMMAND, *arguments, "--json", environment=environment)
        done = bounded(argv, seconds)
        try:
            document = json.loads(done.stdout)
        except ValueError:
            document = None
        return Answer(done.returncode, document if isinstance(document, dict) else None, done.stderr)


def find(python: str) -> Product:
    """The product that a Python imports. Raises WildError."""
    done = bounded([python, "-c", "import assess, os; print(os.path.dirname(assess.__file__))"], 60)
    if done.returncode:
        raise WildError(f"{python} cannot import the product: {last_line(done.stderr)}")
    checkout = Path(done.stdout.strip()).parent
    # A commit that only changes tests or documents leaves the product as it is.
    commit = _git(checkout, "log", "-1", "--format=%h", "--abbrev=12", "--", *_PACKAGES)
    changed = _git(checkout, "status", "--porcelain", "--", *_PACKAGES)
    return Product(python, (commit or "unknown") + ("+changes" if changed else ""))


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.stdout.strip()


def rows(document: Mapping[str, Any] | None, key: str) -> Sequence[Mapping[str, Any]]:
    """The objects below a key of a document; empty when it has none."""
    found = (document or {}).get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
