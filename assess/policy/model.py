"""The checked content of a policy file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from assess.model import Severity
from assess.policy.priorities import Priorities
from inventory.described import doc

Words = Annotated[str, Meta(min_length=1)]
Criticality = Literal["high", "normal", "low"]
"""Importance of a workload, in the words of the people who run it."""


class RuleEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of the users."""

    id: Annotated[Words, doc("LOC and three digits.", pattern=r"^LOC[0-9]{3}$")]
    name: Annotated[Words, doc("Readable name in kebab case.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    severity: Annotated[Severity, doc("Severity of its findings.")]
    when: Annotated[dict[str, Any], doc("The condition.", schema={"$ref": "#/$defs/condition"})]
    message: Annotated[Words, doc("The finding, in one sentence.")]
    why: Annotated[Words, doc("The effect.")] = ""
    remedy: Annotated[Words, doc("What to do about it.")]


class CustomRule(RuleEntry, frozen=True, kw_only=True):
    """A rule of the users with its line. ``when`` is the condition; see :mod:`assess.policy.conditions`."""

    line: int = 0


class WaiverEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding that was accepted."""

    rule: Annotated[Words, doc("Id or name of the rule.")]
    reason: Annotated[Words, doc("Why you accept it.")]
    workload: Annotated[Words, doc("Pattern of workload ids, as web*/apache2.")] = ""
    host: Annotated[Words, doc("Pattern of host names.")] = ""
    until: Annotated[date, doc("Last day, as 2027-03-31.")] | None = None


class Waiver(WaiverEntry, frozen=True):
    """A finding that was accepted, with its line; without ``until`` it is accepted for ever."""

    line: int = 0

    def covers(self, rule: tuple[str, str], host: str, workload: str | None) -> bool:
        """Whether it is about this finding; ``rule`` are the id and the name of its rule."""
        if self.rule not in rule:
            return False
        if self.workload and not (workload and fnmatchcase(workload, self.workload)):
            return False
        return not self.host or fnmatchcase(host, self.host)


class OverrideEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A correction of workloads. What is missing stays as it was found."""

    match: Annotated[Words, doc("Pattern of workload ids, as app01/java*.")]
    name: Annotated[Words, doc("Name of the workload.", pattern=r"^[a-z0-9._-]+$")] = ""
    kind: Annotated[Literal["service", "host function"], doc("Kind of the workload.")] | None = None
    part_of: Annotated[Words, doc("Name of the workload on the same host that it is a part of.")] = ""
    criticality: Annotated[Criticality, doc("Importance of the workload.")] | None = None


class WorkloadOverride(OverrideEntry, frozen=True):
    """A correction of workloads, with its line."""

    line: int = 0


class JudgementFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Your judgement: your own rules, accepted findings, corrections."""

    version: Annotated[Literal[1], doc("Version of this form.")]
    priorities: Annotated[
        tuple[Literal["security", "cost", "performance", "scalability"], ...],
        doc("Priorities, the first one first; --prioritize overrides them.", schema={"uniqueItems": True}),
    ] = ()
    rules: Annotated[tuple[RuleEntry, ...], doc("Your own rules.")] = ()
    waivers: Annotated[tuple[WaiverEntry, ...], doc("Findings that you accept.")] = ()
    workloads: Annotated[tuple[OverrideEntry, ...], doc("Corrections of workloads.")] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """``path`` is the file, "" when there is none; ``priorities`` what comes first."""

    path: str = ""
    rules: tuple[CustomRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    overrides: tuple[WorkloadOverride, ...] = ()
    priorities: Priorities = field(default_factory=Priorities)
