"""YAML fragments for grants: what was granted is active, the rest is a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from containerize.emitters.decisions import Decision, DecisionKind, allowed_of, denied_of, told
from containerize.emitters.emission import Emission, to_json
from containerize.emitters.yaml_text import Remarks

NOT_PILOTED = "No pilot has passed with a read-only root file system, so what it writes there is unknown."


def listed(emission: Emission, key: str, kind: DecisionKind, item: Callable[[Decision], str]) -> dict[Any, Any]:
    """``key`` with an item for each of a kind that was allowed; the others as comments. ``item`` is "" for what no line
    can grant. Empty where nothing of the kind was observed or allowed.
    """
    workload = emission.plan.workload
    denied = denied_of(emission, kind)
    if granted := allowed_of(emission, kind):
        items = [part for each in granted for part in (Remarks(told([each], workload)), item(each))]
        lines = [f"- {to_json(text)}" for each in denied if (text := item(each))]
        return {key: [*items, *remarked(emission, kind, *lines)]}
    lines = [f"  - {to_json(text)}" for each in denied if (text := item(each))]
    return keys(remarked(emission, kind, *([f"{key}:", *lines] if lines else ())))


def remarked(emission: Emission, kind: DecisionKind, *lines: str) -> list[Remarks]:
    """A comment on all of a kind that was denied, then ``lines``, which would grant them; none without any."""
    denied = denied_of(emission, kind)
    return [Remarks([*told(denied, emission.plan.workload), *lines])] if denied else []


def settings(emission: Emission, key: str, quoted: Callable[[str], str] = to_json) -> list[Remarks]:
    """Kernel settings as a comment: a pilot runs without them."""
    rows = [f"  {name}: {quoted(value)}" for name, value in emission.seen.sysctls]
    return remarked(emission, "kernel-setting", f"{key}:", *rows)


def on_privilege_gain(emission: Emission, *lines: str) -> list[Remarks]:
    """A comment on the gain of privileges: who allowed it, or why it may be needed and ``lines`` that allow it."""
    granted = told(allowed_of(emission, "privilege-gain"), emission.plan.workload)
    return [Remarks(granted)] if granted else remarked(emission, "privilege-gain", *lines)


def keys(remarks: Iterable[Remarks]) -> dict[Any, Any]:
    """Comments among the keys of a mapping."""
    return dict.fromkeys(remarks)


def read_only(emission: Emission, key: str) -> dict[Any, Any]:
    """A read-only root file system where a pilot of this image passed with it."""
    return {key: True} if emission.read_only_root else {Remarks([NOT_PILOTED, f"{key}: true"]): None}
