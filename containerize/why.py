"""Why a path is in an image, or why it is not."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from containerize.closure.places import is_below
from containerize.plan import Plan, PlannedFile


class Answer(NamedTuple):
    """``reason`` is a clause that fits behind the path and a colon."""

    workload: str
    path: str
    inside: bool
    reason: str


def explain(plan: Plan, path: str) -> Answer:
    """Look a path up in a plan. Links of directories are followed as in the image (``/bin/sh`` is ``/usr/bin/sh``)."""
    by_path = {file.path: file for file in plan.files}
    real = _real(by_path, posixpath.normpath(path))
    file = by_path.get(real)
    if file is not None:
        return Answer(plan.workload, real, True, f"{file.reason} (layer {file.layer})")
    for secret in plan.secrets:
        if secret.path == real:
            return Answer(plan.workload, real, False, f"it holds a secret ({secret.reason}) and is mounted at run time")
    for volume in plan.volumes:
        if is_below(real, volume.path):
            return Answer(plan.workload, real, False, f"it is data, in the volume {volume.path}")
    holding = [each for each in plan.left_out if is_below(real, each.path)]
    if holding:
        longest = max(holding, key=lambda each: len(each.path))
        return Answer(plan.workload, real, False, longest.reason)
    return Answer(plan.workload, real, False, "nothing that the service runs, opens or names asks for it")


def _real(by_path: dict[str, PlannedFile], path: str) -> str:
    """The path with links of its directories followed."""
    at = ""
    for part in path.split("/")[1:]:
        file = by_path.get(at)
        if file is not None and file.kind == "symlink":
            at = posixpath.normpath(posixpath.join(posixpath.dirname(at), file.link))
            at = "" if at == "/" else at
        at = f"{at}/{part}"
    return at or "/"
