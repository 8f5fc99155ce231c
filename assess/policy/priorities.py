"""Priorities of an estate (security, cost, performance, scalability), and their effect on weights, density and advice.

The table with all effects is ``priorities.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assess.knowledge.data_files import data_toml
from assess.model import Finding, Workload
from assess.workloads.published_ports import is_published
from inventory.errors import BrownfieldError
from inventory.platforms import Platform

NAMES = ("security", "cost", "performance", "scalability")


class UnknownPriority(BrownfieldError):
    """Something that cannot come first."""


@dataclass(frozen=True, slots=True)
class Advice:
    """``topic`` is isolation, resources, network, replicas or base image; ``because`` the priority it serves."""

    topic: str
    text: str
    because: str


@dataclass(frozen=True, slots=True)
class Priorities:
    """``order`` names what comes first, second …; empty: nothing does."""

    order: tuple[str, ...] = ()

    def weight(self, rule: str) -> float:
        """The factor on what a finding of ``rule`` (an id) costs."""
        factor = 1.0
        for name, strength in self._strengths():
            weigh: Mapping[str, float] = _table()[name].get("weigh", {})
            fitting = max((prefix for prefix in weigh if rule.startswith(prefix)), key=len, default="")
            if fitting:
                factor *= 1 + (weigh[fitting] - 1) * strength
        return round(factor, 3)

    def factor(self, what: str) -> float:
        """The factor on ``server``, ``address`` or ``headroom``."""
        factor = 1.0
        for name, strength in self._strengths():
            factor *= 1 + (float(_table()[name].get(what, 1.0)) - 1) * strength
        return round(factor, 3)

    def share(self, usual: float) -> float:
        """The share of a container host that containers may have, where ``usual`` is that without priorities."""
        for name, strength in self._strengths():
            usual += (float(_table()[name].get("share", usual)) - usual) * strength
        return round(usual, 3)

    def replicas(self, workload: Workload) -> int:
        """The number of instances planned for a workload: several if it keeps no state and the priorities ask for
        them.
        """
        if workload.data:
            return 1
        return max((int(_table()[name].get("replicas", 1)) for name in self.order), default=1)

    def sentences(self) -> tuple[str, ...]:
        """Say what the priorities changed."""
        return tuple(str(_table()[name]["says"]) for name in self.order)

    def advice(self, workload: Workload, platform: str, findings: Iterable[Finding]) -> tuple[Advice, ...]:
        """Return the advice for a workload, that of the first priority first."""
        holds = _holding(workload, platform, findings)
        return tuple(
            Advice(each["topic"], each["text"], name)
            for name in self.order
            for each in _table()["advice"]
            if each["priority"] == name and each["when"] in holds
        )

    def _strengths(self) -> Iterable[tuple[str, float]]:
        return ((name, 1 / 2**place) for place, name in enumerate(self.order))


NOTHING_FIRST = Priorities()


def priorities_of(text: str) -> Priorities:
    """From ``security,cost``; raises UnknownPriority."""
    return priorities_from(each.strip().lower() for each in text.split(",") if each.strip())


def priorities_from(names: Iterable[str]) -> Priorities:
    """In the order of ``names``; raises UnknownPriority."""
    order = tuple(dict.fromkeys(names))
    wrong = [name for name in order if name not in NAMES]
    if wrong:
        raise UnknownPriority(f"{wrong[0]!r} is nothing that can come first; write some of {', '.join(NAMES)}")
    return Priorities(order)


def _holding(workload: Workload, platform: str, findings: Iterable[Finding]) -> frozenset[str]:
    """The conditions of the table that hold for a workload."""
    holds = {"always", "stateful" if workload.data else "stateless"}
    if workload.main.effective_uid == 0:
        holds.add("root")
    if any(is_published(owned) for owned in workload.listeners):
        holds.add("exposed")
    if {"root", "exposed"} <= holds:
        holds.add("root and exposed")
    if any(finding.rule.startswith("EOL") and not finding.waived for finding in findings):
        holds.add("old")
    if platform == Platform.WINDOWS:
        holds.add("windows")
    return frozenset(holds)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return data_toml("priorities.toml")
