"""Services that are candidates for retirement instead of a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.collection_commands import scan_command
from assess.model import Unused
from assess.planning.unused_services import UnusedConfidence, observed_for, retire_candidates, strength_of
from reports.view.blocks import CellListing
from reports.view.labels import count, listed

_ADVICE = "Observe the hosts for a week ({command}) and ask the owners before you decide."


@dataclass(frozen=True, slots=True)
class RetireRow:
    """A candidate. ``observed`` is the length of the observation in words; ``strength`` how far to trust it."""

    workload: str
    observed: str
    strength: str
    evidence: str


def retire_rows(assessment: Assessment) -> CellListing[RetireRow]:
    """The candidates, in the order of the hosts."""
    return CellListing(tuple(map(_row, retire_candidates(assessment))), "retire candidate", limit=100)


def _row(each: Unused) -> RetireRow:
    facts = "; ".join(evidence.fact for evidence in each.evidence)
    return RetireRow(each.workload, observed_for(each), str(strength_of(each)), facts)


def retire_sentence(candidates: Sequence[Unused], inventory: str) -> str:
    """The candidates in one or two sentences; "" when there are none."""
    if not candidates:
        return ""
    names = listed(tuple(each.workload for each in candidates), 5)
    shortest = min(candidates, key=lambda each: each.seconds)
    sentence = (
        f"{count(len(candidates), 'retire candidate')} without a client, connection or job "
        f"({observed_for(shortest)}): {names}."
    )
    return sentence if strength_of(shortest) is UnusedConfidence.STRONG else f"{sentence} {_advice(inventory)}"


def retire_intro(candidates: Sequence[RetireRow], inventory: str) -> str:
    """The introduction to their table."""
    intro = "No client, connection or job of these services was observed. Retiring a service is cheaper than moving it."
    weak = any(row.strength != str(UnusedConfidence.STRONG) for row in candidates)
    return f"{intro} {_advice(inventory)}" if weak else intro


def _advice(inventory: str) -> str:
    return _ADVICE.format(command=scan_command(inventory, "--every 5m --for 7d"))
