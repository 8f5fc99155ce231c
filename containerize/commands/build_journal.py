"""The record of a build of many workloads, so that the same command resumes after a failure or a killed run."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from containerize.build.builder import IMAGE, BuildResult
from containerize.content_store import writing
from containerize.emitters.emission import WrittenFile
from containerize.plan.plan_json import PLAN_FILE, load_build, load_plan
from inventory.errors import WorkspaceError

JOURNAL = "building.jsonl"
"""Name of the record in the workspace. It is removed when everything was built."""

SECONDS = 24 * 3600
"""Age after which a record is not used: hosts change."""


class FinishedBuild(msgspec.Struct, frozen=True):
    """A build that was finished: sha256 of its plan.json, digest of its image, bytes sent, files next to it."""

    workload: str
    plan: str
    digest: str
    fetched: int
    seconds: float
    written: tuple[WrittenFile, ...]


class BuildJournal:
    """The record of one command line, a build a line. ``key`` is the command line with its scan, as one digest."""

    def __init__(self, workspace: Path, key: str) -> None:
        self._file = workspace / JOURNAL
        self._key = key

    def begin(self, *, new: bool) -> dict[str, FinishedBuild]:
        """Return what an earlier run of the same command finished, by workload, and record under this key from now on.

        With ``new`` nothing was finished. Raises WorkspaceError.
        """
        rows = {} if new else self._rows()
        if not rows:
            with writing(self._file):
                self._file.write_text(json.dumps({"key": self._key}) + "\n", encoding="utf-8")
                self._file.chmod(0o600)
        return rows

    def _rows(self) -> dict[str, FinishedBuild]:
        try:
            if self._file.stat().st_mtime < time.time() - SECONDS:
                return {}
            head, *lines = self._file.read_bytes().split(b"\n")
            if json.loads(head) != {"key": self._key}:
                return {}
        except (OSError, ValueError):
            return {}
        found = {}
        for line in lines:
            # The last line of a killed run may be half a line.
            with suppress(msgspec.DecodeError, msgspec.ValidationError):
                row = msgspec.json.decode(line, type=FinishedBuild)
                found[row.workload] = row
        return found

    def add(self, folder: Path, result: BuildResult, seconds: float) -> None:
        """Record a build, whose files are all written. Raises WorkspaceError."""
        built = result.built
        row = FinishedBuild(
            built.workload, plan_digest(folder), built.digest, result.fetched, seconds, tuple(result.written)
        )
        with writing(self._file), self._file.open("ab") as file:
            file.write(b"\n" + msgspec.json.encode(row) + b"\n")

    def remove(self) -> None:
        """Forget it: everything was built."""
        self._file.unlink(missing_ok=True)


def command_key(parts: Iterable[object]) -> str:
    """One digest for the parts of a command line that decide what is built."""
    return hashlib.sha256(repr(tuple(parts)).encode("utf-8", "backslashreplace")).hexdigest()


def plan_digest(folder: Path) -> str:
    """The sha256 of the plan in a folder; "" where there is none."""
    try:
        with (folder / PLAN_FILE).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def still_there(folder: Path, row: FinishedBuild) -> BuildResult | None:
    """A finished build as it was recorded; None when its plan, its image or a file next to it is another or gone."""
    manifest = folder / IMAGE / "blobs" / "sha256" / row.digest.removeprefix("sha256:")
    if not row.written or plan_digest(folder) != row.plan or not manifest.is_file():
        return None
    if not all((folder / each.path).exists() for each in row.written):
        return None
    try:
        built, plan = load_build(folder), load_plan(folder)
    except WorkspaceError:
        return None
    return BuildResult(built, plan, row.fetched, row.written) if built.digest == row.digest else None
