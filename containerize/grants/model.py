"""Grants: permissions beyond a plain container that a person gave to a workload.

A plan says what was seen on a host, and a hostile host makes it say anything. So nothing in a plan is ever granted by
itself: a :class:`~containerize.grants.needs.ContainerNeed` is listed for a person to decide on, and only a
:class:`Grant` has an effect. Grants are kept with the build (:mod:`containerize.grants.grants_json`) and hold for
pilots and for the files next to the image until they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec

from containerize.grants.grant_names import Kind, danger_of, destination, option_of
from containerize.grants.needs import ContainerNeed
from inventory.described import doc

DAYS = 30
"""How long a grant holds when no end was given."""


class Grant(msgspec.Struct, frozen=True):
    """A permission that a person gave."""

    kind: Annotated[Kind, doc("Kind of grant.")]
    name: Annotated[str, doc("As in `needs`; `access logs` for logged paths.")]
    by: Annotated[str, doc("Login name of the person who allowed it.")]
    reason: Annotated[str, doc("Why; empty when no reason was given.")]
    granted: Annotated[date, doc("Day in UTC, as 2026-12-31.")]
    until: Annotated[date, doc("Last day on which it holds, in UTC.")]

    @property
    def option(self) -> str:
        """The option that gave it, as it is typed."""
        return option_of(self.kind, self.name)

    def __str__(self) -> str:
        """``device /dev/net/tun, allowed by ada until 2026-12-31: VPN test``."""
        why = self.reason or "no reason was given"
        return f"{self.kind} {self.name}, allowed by {self.by} on {self.granted} until {self.until}: {why}"


class ReportedNeed(msgspec.Struct, frozen=True):
    """A need, and whether it was met."""

    kind: Annotated[Kind, doc("Kind of need.")]
    name: Annotated[str, doc("Path of the device, name of the capability, address and port, or `setuid`.")]
    reason: Annotated[str, doc("The evidence.")]
    option: Annotated[str, doc("The option that allows it.")]
    allowed: Annotated[bool, doc("Whether a grant was in force.")]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Grants in force, sorted by what they have an effect on. ``destinations`` are (address, port), ``not_secret``
    paths.
    """

    devices: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    privilege_gain: bool = False
    destinations: tuple[tuple[str, int], ...] = ()
    logged_paths: bool = False
    not_secret: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


NOTHING_ALLOWED = Allowed()


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def allowed(grants: Iterable[Grant], day: date) -> Allowed:
    """The grants in force on ``day``. A grant that has ended, or begins later, does not count."""
    held = tuple(grant for grant in grants if grant.granted <= day <= grant.until)

    def of(kind: Kind) -> tuple[str, ...]:
        return tuple(sorted({grant.name for grant in held if grant.kind == kind}))

    return Allowed(
        devices=of("device"),
        capabilities=of("capability"),
        privilege_gain=bool(of("privilege-gain")),
        destinations=tuple(destination(name) for name in of("network")),
        logged_paths=bool(of("logged-paths")),
        not_secret=of("not-secret"),
        grants=held,
    )


def denied(needs: Iterable[ContainerNeed], held: Allowed) -> tuple[ContainerNeed, ...]:
    """The needs that no grant in force covers."""
    granted = {(grant.kind, grant.name) for grant in held.grants}
    return tuple(need for need in needs if (need.kind, need.name) not in granted)


def reported(needs: Iterable[ContainerNeed], grants: Iterable[Grant]) -> tuple[ReportedNeed, ...]:
    """The needs, each with whether one of these grants covers it."""
    granted = {(grant.kind, grant.name) for grant in grants}
    return tuple(
        ReportedNeed(each.kind, each.name, each.reason, each.option, (each.kind, each.name) in granted)
        for each in needs
    )


def assigned(asked: Sequence[Grant], needs: Mapping[str, tuple[ContainerNeed, ...]]) -> Iterator[tuple[str, Grant]]:
    """(workload, grant): each workload gets what it needs of what was asked for. ``needs`` has every named workload.

    A single workload gets all of it, for a person may know more than the scan saw. Raises ValueError with a sentence
    when several were named and none of them needs it, or it is dangerous: the host of any may claim that it needs it.
    """
    for grant in asked:
        if len(needs) > 1 and danger_of(grant.kind, grant.name):
            raise ValueError(f"{grant.name} is dangerous; use {grant.option} with the one workload that it is for")
        takers = [
            workload
            for workload, own in needs.items()
            if len(needs) == 1
            or grant.kind == "logged-paths"
            or any((need.kind, need.name) == (grant.kind, grant.name) for need in own)
        ]
        if not takers:
            raise ValueError(f"none of these workloads needs {grant.name}; name the one that {grant.option} is for")
        yield from ((workload, grant) for workload in takers)
