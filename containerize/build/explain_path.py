"""The reason why a path is in an image, or is not."""

from __future__ import annotations

import posixpath
import re
from typing import Annotated

import msgspec

from containerize.closure.path_rules import is_below
from containerize.plan.model import ImagePlan, LeftOutGroup, PlannedFile, WorkloadId
from inventory.described import doc


class Explanation(msgspec.Struct, frozen=True):
    """A path in an image, or not in it."""

    workload: WorkloadId
    path: Annotated[str, doc("The path, with the links of its directories followed as they are in the image.")]
    inside: Annotated[bool, doc("Whether it is in the image.")]
    reason: Annotated[str, doc("Why: a clause that fits behind the path and a colon.")]
    also: Annotated[tuple[str, ...], doc("Further reasons.")] = ()


def explain(plan: ImagePlan, path: str) -> Explanation:
    """Look a path up in a plan. Links of directories are followed as in the image (``/bin/sh`` is ``/usr/bin/sh``)."""
    by_path = {file.path: file for file in plan.files}
    real = _real(by_path, posixpath.normpath(path))
    file = by_path.get(real)
    if file is not None:
        return Explanation(plan.workload, real, True, f"{file.reason} (layer {file.layer})", _more(plan, file))
    for secret in plan.secrets:
        if secret.path == real:
            return Explanation(
                plan.workload, real, False, f"it holds a secret ({secret.reason}) and is mounted at run time"
            )
    for volume in plan.volumes:
        if is_below(real, volume.path):
            return Explanation(plan.workload, real, False, f"it is data, in the volume {volume.path}")
    for group in plan.groups:
        if real in group.paths:
            return Explanation(plan.workload, real, False, f"left out because of the level {plan.level}: {_of(group)}")
    holding = [each for each in plan.left_out if is_below(real, each.path)]
    if holding:
        longest = max(holding, key=lambda each: len(each.path))
        return Explanation(plan.workload, real, False, longest.reason)
    for group in plan.groups:
        inside = [path for path in group.paths if is_below(path, real)]
        if inside:
            words = f"left out because of the level {plan.level}: {_of(group)} ({len(inside)} files below it)"
            return Explanation(plan.workload, real, False, words)
    return Explanation(plan.workload, real, False, "nothing that the service runs, opens or names asks for it")


def _of(group: LeftOutGroup) -> str:
    return f"{group.name}, {group.reason}"


def _more(plan: ImagePlan, file: PlannedFile) -> tuple[str, ...]:
    """Further reasons for a file and for the package that owns it."""
    reasons = {package.name: package.reasons for package in plan.packages}
    found: dict[str, None] = dict.fromkeys(file.also)
    name = owner_of(file)
    found.update(dict.fromkeys(f"belongs to {name}, {clause}" for clause in reasons.get(name, ())))
    return tuple(each for each in found if each != file.reason)


def owner_of(file: PlannedFile) -> str:
    """The name of the package that a file belongs to, as far as the plan says; "" when it does not."""
    owner = next((match for each in (file.reason, *file.also) if (match := _OWNER.search(each))), None)
    return owner[1] if owner else file.package.partition(":")[0]


_OWNER = re.compile(r"\bbelongs to ([^\s,]+), (?:which|whose) ")


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
