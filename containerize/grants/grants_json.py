"""``builds/<host>/<workload>/grants.json``: grants with their author, reason and last day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from containerize.content_store import writing
from containerize.grants.grant_names import checked_name
from containerize.grants.model import Grant
from inventory.errors import WorkspaceError

SCHEMA = "brownfield.grants/1"
NAME = "grants.json"


class _Document(msgspec.Struct, frozen=True):
    schema: str
    grants: tuple[Grant, ...]


def load_grants(folder: Path) -> tuple[Grant, ...]:
    """All grants of a build, those that have ended too; () when nothing was ever allowed. Raises WorkspaceError when
    the file cannot be read: what was allowed is not known then.
    """
    path = folder / NAME
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
        if document.schema != SCHEMA or any(
            checked_name(each.kind, each.name) != each.name for each in document.grants
        ):
            raise ValueError("of another version")
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{path} is not a record of grants ({error}); remove it and allow again") from error
    return document.grants


def save_grants(folder: Path, grants: Iterable[Grant]) -> None:
    """Write the grants of a build; raises WorkspaceError."""
    path = folder / NAME
    text = msgspec.json.format(msgspec.json.encode(_Document(SCHEMA, tuple(grants))), indent=1)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{NAME}.new")
        temporary.write_bytes(text + b"\n")
        temporary.replace(path)


def add_grants(folder: Path, new: Iterable[Grant]) -> tuple[Grant, ...]:
    """Record ``new`` in addition to earlier grants; a later grant takes the place of one for the same thing."""
    kept = {(each.kind, each.name): each for each in load_grants(folder)}
    before = dict(kept)
    kept |= {(each.kind, each.name): each for each in new}
    if kept != before:
        save_grants(folder, kept.values())
    return tuple(kept.values())
