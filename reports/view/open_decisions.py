"""Open decisions: needs that were not granted, and grants to review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from containerize.emitters.decisions import Decision
from containerize.grants.grant_names import MEANINGS
from containerize.grants.model import Grant
from containerize.pilot.result import PilotResult
from reports.view.blocks import Block, limited, mono, number, text, word
from reports.view.labels import DANGEROUS, DENIED, ENDED, IN_FORCE, count


@dataclass(frozen=True, slots=True)
class Security:
    """Needs and grants of one build. ``day`` (UTC) decides which grants have ended; ``unread`` says why the grants
    could not be read, "" when they were.
    """

    day: date
    decisions: tuple[Decision, ...] = ()
    grants: tuple[Grant, ...] = ()
    unread: str = ""

    def in_force(self, grant: Grant) -> bool:
        """Whether it holds on the day."""
        return grant.granted <= self.day <= grant.until

    def denied(self, pilot: PilotResult | None) -> list[Decision]:
        """Needs that are not granted now; destinations outside the pilot's network come from the pilot."""
        held = {(grant.kind, grant.name) for grant in self.grants if self.in_force(grant)}
        return [each for each in (*self.decisions, *_outside(pilot)) if (each.kind, each.name) not in held]


def _outside(pilot: PilotResult | None) -> Iterator[Decision]:
    for need in pilot.needs if pilot else ():
        if need.kind == "network":
            yield Decision(need.kind, need.name, need.reason, MEANINGS["network"], option=need.option)


def decision_block(security: Security | None, pilot: PilotResult | None) -> Block | None:
    """Denied needs, the dangerous first, each with its evidence and the option that allows it."""
    if security is None:
        return None
    denied = sorted(security.denied(pilot), key=lambda each: not each.danger)
    rows, note = limited(
        (
            (
                word(DANGEROUS if each.danger else DENIED),
                mono(each.name),
                text(f"{each.meaning} {each.danger}".strip()),
                text(each.reason),
                mono(each.option) if each.option else text("no option: edit a copy of the file"),
            )
            for each in denied
        ),
        "decisions",
    )
    head = ("State", "Not granted", "Permission", "Why it may be needed", "Option that allows it")
    return Block("Decisions to make", "stacked", rows, head, note) if rows else None


def grant_block(security: Security | None) -> Block | None:
    """Grants with their author, reason, last day and state."""
    if security is None:
        return None
    if security.unread:
        return Block("Allowed by an administrator", "list", ((mono(security.unread),),))
    rows, note = limited(
        (
            (
                word(IN_FORCE if security.in_force(grant) else ENDED),
                mono(f"{grant.kind} {grant.name}"),
                text(grant.by),
                text(grant.reason or "no reason given"),
                number(grant.granted),
                number(grant.until),
            )
            for grant in security.grants
        ),
        "grants",
    )
    head = ("State", "Allowed", "By", "Why", "On", "Until")
    return Block("Allowed by an administrator", "stacked", rows, head, note) if rows else None


def summary(security: Security | None, pilot: PilotResult | None) -> str:
    """``3 denied, 1 of them dangerous; 1 allowed, 1 expired``; "" where there is nothing to decide or look after."""
    if security is None:
        return ""
    denied = security.denied(pilot)
    dangerous = sum(bool(each.danger) for each in denied)
    held = sum(security.in_force(grant) for grant in security.grants)
    parts = [f"{len(denied):,} denied" + (f", {dangerous:,} of them dangerous" if dangerous else "")] if denied else []
    if security.grants:
        ended = len(security.grants) - held
        parts.append(f"{count(held, 'grant')} in force" + (f", {ended:,} expired" if ended else ""))
    return "; ".join([*parts, *([security.unread] if security.unread else [])])
