"""The checked content of a policy file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Literal

from assess.model import Severity
from assess.policy.priorities import Priorities

Criticality = Literal["high", "normal", "low"]
"""How much hangs on a workload, in the words of those who run it."""


@dataclass(frozen=True, slots=True)
class CustomRule:
    """A rule of the users. ``when`` is the condition as it was written; see :mod:`assess.policy.conditions`."""

    id: str
    name: str
    severity: Severity
    when: dict[str, Any]
    message: str
    why: str
    remedy: str
    line: int


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that was accepted. ``workload`` and ``host`` are patterns (``web*/apache2``), "" for any.

    ``until`` is the last day on which it holds, None for ever; ``line`` where it stands in the file.
    """

    rule: str
    reason: str
    workload: str = ""
    host: str = ""
    until: date | None = None
    line: int = 0

    def covers(self, rule: tuple[str, str], host: str, workload: str | None) -> bool:
        """Whether it is about this finding; ``rule`` are the id and the name of its rule."""
        if self.rule not in rule:
            return False
        if self.workload and not (workload and fnmatchcase(workload, self.workload)):
            return False
        return not self.host or fnmatchcase(host, self.host)


@dataclass(frozen=True, slots=True)
class WorkloadOverride:
    """A correction of the workloads that ``match`` (a pattern of ids) names. What is None stays as it was found.

    ``part_of`` is the name of another workload of the same host that it is a part of.
    """

    match: str
    name: str | None = None
    kind: str | None = None
    part_of: str | None = None
    criticality: Criticality | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """``path`` is the file, "" when there is none; ``priorities`` what comes first."""

    path: str = ""
    rules: tuple[CustomRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    overrides: tuple[WorkloadOverride, ...] = ()
    priorities: Priorities = field(default_factory=Priorities)
