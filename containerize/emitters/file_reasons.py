"""``files.json``: the reason for every file in the image, and the list of files left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from containerize.emitters.emission import Emission, Emitter

Rows = list[dict[str, str | int]]


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``files.json``: ``files[]`` (path, kind, layer, size, reason) in path order, ``left_out[]`` (path, reason)."""
    plan = emission.plan
    files: Rows = [
        {"path": file.path, "kind": file.kind, "layer": file.layer, "size": file.size, "reason": file.reason}
        for file in plan.files
    ]
    left_out: Rows = [{"path": each.path, "reason": each.reason} for each in plan.left_out]
    head = json.dumps({"schema": "brownfield.files/1", "workload": plan.workload})[:-1]
    text = f'{head},\n"files": [\n{_rows(files)}\n],\n"left_out": [\n{_rows(left_out)}\n]}}\n'
    return {PurePosixPath("files.json"): text}


def _rows(rows: Rows) -> str:
    return ",\n".join(json.dumps(row) for row in rows)


EMITTER = Emitter("reasons", "why every file is in the image, and what was left out", emit, ("files.json",))
