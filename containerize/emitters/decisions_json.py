"""``decisions.json``: needs of the workload that nothing here grants, for the report and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from containerize.emitters.decisions import Decision, decisions_of
from containerize.emitters.emission import Emission, Emitter

NAME = "decisions.json"
SCHEMA = "brownfield.decisions/1"

_FIELDS = ("kind", "name", "reason", "meaning", "danger", "option")


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``decisions[]`` (kind, name, reason, meaning, danger, option). What was allowed is in ``grants.json``."""
    rows = [{name: getattr(each, name) for name in _FIELDS} for each in decisions_of(emission)]
    document = {"schema": SCHEMA, "workload": emission.plan.workload, "decisions": rows}
    return {PurePosixPath(NAME): json.dumps(document, indent=1) + "\n"}


def load_decisions(folder: Path) -> tuple[Decision, ...]:
    """Those of a build, without what was allowed; () where there is no such file, or one of another version."""
    try:
        document = json.loads((folder / NAME).read_text("utf-8"))
        if document["schema"] != SCHEMA:
            return ()
        return tuple(Decision(**{name: str(row[name]) for name in _FIELDS}) for row in document["decisions"])  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, TypeError):
        return ()


EMITTER = Emitter("decisions", "what it may need and nothing here grants: for a person to decide", emit, (NAME,))
