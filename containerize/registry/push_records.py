"""``pushed.json`` in the folder of a build: the registries that its image was pushed to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containerize.content_store import writing
from containerize.registry.image_reference import Reference

NAME = "pushed.json"
SCHEMA = "brownfield.pushed/1"


@dataclass(frozen=True, slots=True)
class PushRecord:
    """One place where the image of a build is. ``layers`` are their digests; ``at`` is in seconds since 1970 UTC."""

    reference: Reference
    digest: str
    layers: tuple[str, ...]
    at: int


def pushes(folder: Path) -> tuple[PushRecord, ...]:
    """The known pushes of a build, the latest last; none from an unreadable file."""
    try:
        document = json.loads((folder / NAME).read_text("utf-8"))
        if document["schema"] != SCHEMA:
            return ()
        return tuple(_push(row) for row in document["pushes"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def remember(folder: Path, push: PushRecord) -> None:
    """Add a push; it takes the place of an earlier one of the same name. Raises WorkspaceError."""
    rows = [each for each in pushes(folder) if each.reference != push.reference]
    document = {"schema": SCHEMA, "pushes": [_row(each) for each in (*rows, push)]}
    path = folder / NAME
    with writing(path):
        temporary = path.with_name(f".{NAME}.new")
        temporary.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        temporary.rename(path)


def repositories_with(builds: Path, reference: Reference) -> dict[str, str]:
    """Digest of a layer to another repository of the same registry that was given it by this workspace."""
    found: dict[str, str] = {}
    for folder in _folders(builds):
        for push in pushes(folder):
            same = push.reference.registry == reference.registry
            if same and push.reference.repository != reference.repository:
                for digest in push.layers:
                    found.setdefault(digest, push.reference.repository)
    return found


def _folders(builds: Path) -> Iterator[Path]:
    return (path.parent for path in sorted(builds.glob(f"*/*/{NAME}")))


def _row(push: PushRecord) -> dict[str, Any]:
    reference = push.reference
    return {
        "registry": reference.registry,
        "repository": reference.repository,
        "tag": reference.tag,
        "digest": push.digest,
        "layers": list(push.layers),
        "at": push.at,
    }


def _push(row: dict[str, Any]) -> PushRecord:
    reference = Reference(str(row["registry"]), str(row["repository"]), str(row["tag"]))
    return PushRecord(reference, str(row["digest"]), tuple(map(str, row["layers"])), int(row["at"]))
