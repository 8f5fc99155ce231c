"""Plans and build results on disk: ``builds/<host>/<workload>/plan.json`` and ``build.json``."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from containerize.content_store import writing
from containerize.plan.model import (
    BuiltImage,
    ExpectedProcess,
    ImagePlan,
    ImagePort,
    LeftOut,
    LeftOutGroup,
    PlannedFile,
    PlannedPackage,
    RunDirectory,
    SecretMount,
    Start,
    Volume,
)
from inventory.errors import WorkspaceError

SCHEMA = "brownfield.plan/1"

T = TypeVar("T")


def plan_to_json(plan: ImagePlan) -> str:
    """The plan as JSON text; the same plan gives the same text. File names that are not UTF-8 survive (escaped)."""
    return "".join(_pieces(plan))


def _pieces(plan: ImagePlan) -> Iterator[str]:
    document: dict[str, Any] = {"schema": SCHEMA}
    for field in dataclasses.fields(plan):
        if field.name != "files":
            document[field.name] = _plain(getattr(plan, field.name))
    yield f'{json.dumps(document, indent=1)[:-2]},\n "files": ['
    # One line a file: eight thousand of them stay readable, and a diff of two plans shows what changed.
    for number, file in enumerate(plan.files):
        yield ("," if number else "") + "\n  " + json.dumps(_file_row(file), separators=(",", ":"))
    yield "\n ]\n}\n" if plan.files else "\n  \n ]\n}\n"


def plan_from_json(text: str) -> ImagePlan:
    """Read a plan back; raises ValueError when it is none, or of another version."""
    try:
        document = json.loads(text, object_hook=_Files())
    except (KeyError, TypeError) as error:
        raise ValueError(f"the plan is incomplete: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"not a plan of the version {SCHEMA}")
    try:
        return ImagePlan(
            start=_start(document["start"]),
            files=_only_files(document["files"]),
            volumes=_rows(Volume, document["volumes"]),
            secrets=_rows(SecretMount, document["secrets"]),
            run_directories=_rows(RunDirectory, document["run_directories"]),
            ports=_rows(ImagePort, document["ports"]),
            processes=_rows(ExpectedProcess, document["processes"]),
            left_out=_rows(LeftOut, document["left_out"]),
            host_aliases=tuple((name, address) for name, address in document["host_aliases"]),
            peers=tuple((name, port, workload) for name, port, workload in document["peers"]),
            limits=tuple((name, soft, hard) for name, soft, hard in document["limits"]),
            unix_sockets=tuple(document["unix_sockets"]),
            companions=tuple(document["companions"]),
            capabilities=tuple(document["capabilities"]),
            devices=tuple(document["devices"]),
            notes=tuple(document["notes"]),
            workload=document["workload"],
            host=document["host"],
            image=document["image"],
            architecture=document["architecture"],
            distribution=document["distribution"],
            hostname=document["hostname"],
            shm_bytes=document["shm_bytes"],
            # Plans of before there were levels have none of these.
            level=document.get("level", "complete"),
            mode=document.get("mode", "lift"),
            evidence=tuple((name, reason) for name, reason in document.get("evidence", [])),
            groups=_rows(LeftOutGroup, _listed(document.get("groups", []), "paths")),
            packages=_rows(PlannedPackage, _listed(document.get("packages", []), "reasons")),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the plan is incomplete: {error}") from error


def _file_row(file: PlannedFile) -> dict[str, Any]:
    row: dict[str, Any] = _plain(file)
    if not row["also"]:
        del row["also"]
    return row


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _listed(rows: list[dict[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """Rows in which one field is a tuple, as it was before."""
    return [{**row, name: tuple(row[name])} for row in rows]


def _rows(kind: type[T], rows: list[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**row) for row in rows)


def _only_files(rows: list[object]) -> tuple[PlannedFile, ...]:
    if not all(isinstance(row, PlannedFile) for row in rows):
        raise TypeError("a file without digest or layer")
    return tuple(row for row in rows if isinstance(row, PlannedFile))


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


def _start(row: Mapping[str, Any]) -> Start:
    return Start(
        **{
            **row,
            "arguments": tuple(row["arguments"]),
            "environment": tuple((name, value) for name, value in row["environment"]),
            "secret_environment": tuple(row["secret_environment"]),
            "groups": tuple(row["groups"]),
        }
    )


def save_plan(folder: Path, plan: ImagePlan) -> None:
    """Write ``plan.json`` into the folder of a build."""
    _write(folder / "plan.json", _pieces(plan))


def save_build(folder: Path, built: BuiltImage) -> None:
    """Write ``build.json``: its presence says that the build was finished."""
    _write(folder / "build.json", [json.dumps(dataclasses.asdict(built), indent=1) + "\n"])


def load_plan(folder: Path) -> ImagePlan:
    """Read ``plan.json``; raises WorkspaceError when the workload was not built."""
    try:
        return plan_from_json((folder / "plan.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WorkspaceError(_not_built(folder)) from error


def load_build(folder: Path) -> BuiltImage:
    """Read ``build.json``; raises WorkspaceError when the workload was not built. The layout is the one in the folder,
    wherever the workspace was moved to since.
    """
    try:
        row = json.loads((folder / "build.json").read_text("utf-8"))
        return BuiltImage(**{**row, "layout": str(folder / Path(row["layout"]).name)})
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
