"""The answer to a question: found, absent, or unknown because it could not be read.

An inventory that shows an empty list where access was denied is worse than none, so ignorance is a value here and
travels with its reason from the host to the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class Origin(NamedTuple):
    """The place in a recording where a fact was read: ``line`` counts from 1 within ``part`` of ``section``."""

    section: str
    part: str
    line: int

    def __str__(self) -> str:
        return f"{self.section}/{self.part}:{self.line}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a found answer lacks: the part that is missing, and the reason (as text for people)."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The answer. ``gaps`` names what is missing from it, e.g. files of other users."""

    value: T
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """We asked, and the host has none of this (e.g. no systemd)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The question could not be answered; ``reason`` is one plain sentence.

    ``asked`` is False when the depth of the scan leaves the question out: that is not a fault.
    """

    reason: str
    asked: bool = True


Observation: TypeAlias = Found[T] | Absent | Unknown


def value_or_none(observation: Observation[T]) -> T | None:
    """Return the value of a Found, else None. For display only: a rule must distinguish Absent from Unknown."""
    return observation.value if isinstance(observation, Found) else None
