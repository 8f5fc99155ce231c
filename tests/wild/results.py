"""Results: one line of JSON for each measured case, appended as soon as it is known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from tests.wild.places import cache

Outcome = Literal["works", "fails", "not measured"]
Forecast = Literal["works", "fails", "unknown"]


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one case came to with one commit of the product."""

    service: str
    release: str
    init: str
    summary: str
    commit: str
    """Of the product; with ``+changes`` when it was not committed."""
    key: str
    """Of the service file."""
    outcome: Outcome
    """``not measured``: the check failed on the legacy host or the host was not set up; the harness is at fault."""
    reason: str = ""
    workloads: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """``severity rule`` of each finding on its workloads."""
    told: tuple[str, ...] = ()
    """Remarks and notes of the build, before anything ran."""
    forecast: Forecast = "unknown"
    expected: str = ""
    build_seconds: float = 0.0
    image_bytes: int = 0
    pilot: str = ""
    pilot_seconds: float = 0.0
    seconds: float = 0.0
    """The whole case, with set-up."""

    @property
    def case(self) -> str:
        return f"{self.service}@{self.release}"

    def line(self) -> str:
        """The result as one line for a person."""
        size = f", {self.image_bytes / 1e6:.0f} MB in {self.build_seconds:.0f} s" if self.image_bytes else ""
        pilot = f", pilot {self.pilot}" if self.pilot else ""
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.case} {self.outcome}{size}{pilot}{reason}"


def path_of(folder: Path) -> Path:
    """The file of results for a folder of service files."""
    return cache() / "results" / f"{folder.name if folder.name != 'services' else 'wild'}.jsonl"


def read(path: Path) -> list[Result]:
    """Every stored result; a line that a killed run wrote half is left out."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            found.append(msgspec.json.decode(line, type=Result))
        except msgspec.MsgspecError:
            continue
    return found


def append(path: Path, result: Result) -> None:
    """Store one result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(max(0, file.tell() - 1))
        cut = file.read(1) not in (b"", b"\n")
        file.write((b"\n" if cut else b"") + encoded(result))


def encoded(result: Result) -> bytes:
    """One line."""
    return msgspec.json.encode(result) + b"\n"


def latest(results: Iterable[Result]) -> dict[str, Result]:
    """The last result of each case."""
    return {result.case: result for result in results}
