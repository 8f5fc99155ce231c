"""Plans and build results on disk: ``builds/<host>/<workload>/plan.json`` and ``build.json``."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from containerize.content_store import writing
from containerize.plan.model import BuiltImage, ImagePlan, PlannedFile
from inventory.errors import WorkspaceError

SCHEMA = "brownfield.plan/1"

PLAN_FILE = "plan.json"
"""Name of a plan within the folder of a build."""


def plan_to_json(plan: ImagePlan) -> str:
    """The plan as JSON text; the same plan gives the same text. File names that are not UTF-8 survive (escaped)."""
    return "".join(_pieces(plan))


def _pieces(plan: ImagePlan) -> Iterator[str]:
    document = {"schema": SCHEMA, **msgspec.to_builtins(replace(plan, files=()))}
    del document["files"]
    yield f'{json.dumps(document, indent=1)[:-2]},\n "files": ['
    # One line a file: eight thousand of them stay readable, and a diff of two plans shows what changed.
    for number, file in enumerate(plan.files):
        row = msgspec.to_builtins(file)
        if not file.also:
            del row["also"]
        yield ("," if number else "") + "\n  " + json.dumps(row, separators=(",", ":"))
    yield "\n ]\n}\n" if plan.files else "\n  \n ]\n}\n"


def plan_from_json(text: str) -> ImagePlan:
    """Read a plan back; raises ValueError when it is none, or of another version."""
    try:
        document = json.loads(text, object_hook=_Files())
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ValueError(f"not a plan of the version {SCHEMA}")
        return msgspec.convert(document, ImagePlan)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ValueError(f"the plan is incomplete: {error}") from error


class _Files:
    """Makes the rows of files what they are while they are read, with one copy of each text that many have: a plan of a
    million files takes half the memory.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __call__(self, row: dict[str, Any]) -> PlannedFile | dict[str, Any]:
        if "digest" not in row or "layer" not in row:
            return row
        for name in ("kind", "layer", "reason", "package"):
            if name in row:
                row[name] = self._texts.setdefault(row[name], row[name])
        xattrs = tuple((name, base64.b64decode(value)) for name, value in row["xattrs"])
        also = tuple(self._texts.setdefault(text, text) for text in row.get("also", ()))
        return PlannedFile(**{**row, "xattrs": xattrs, "also": also})


def save_plan(folder: Path, plan: ImagePlan) -> None:
    """Write ``plan.json`` into the folder of a build."""
    _write(folder / PLAN_FILE, _pieces(plan))


def save_build(folder: Path, built: BuiltImage) -> None:
    """Write ``build.json``: its presence says that the build was finished."""
    _write(folder / "build.json", [json.dumps(msgspec.to_builtins(built), indent=1) + "\n"])


def load_plan(folder: Path) -> ImagePlan:
    """Read ``plan.json``; raises WorkspaceError when the workload was not built."""
    try:
        return plan_from_json((folder / PLAN_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WorkspaceError(_not_built(folder)) from error


def load_build(folder: Path) -> BuiltImage:
    """Read ``build.json``; raises WorkspaceError when the workload was not built. The layout is the one in the folder,
    wherever the workspace was moved to since.
    """
    try:
        row = json.loads((folder / "build.json").read_text("utf-8"))
        return msgspec.convert({**row, "layout": str(folder / Path(row["layout"]).name)}, BuiltImage)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WorkspaceError(_not_built(folder)) from error


def _not_built(folder: Path) -> str:
    workload = f"{folder.parent.name}/{folder.name}"
    return f"{workload} has no finished build in this workspace; run: assess build {workload}"


def _write(path: Path, text: Iterable[str]) -> None:
    """Write next to it and rename, so that a full disk or a kill leaves the old file or the new one."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.new")
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(text)
        temporary.rename(path)
