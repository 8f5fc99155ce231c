"""A host as far as reports and exports show it, once its snapshot has been let go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import msgspec

from assess.model import Finding, HostAssessment, Undetermined, Unused
from inventory.depth import Depth
from inventory.model.kernel import Kernel
from inventory.model.sightings import Sightings
from inventory.model.system import System
from inventory.model.users import Users
from inventory.observation import Absent, Found, Gap, Observation, Unknown, value_or_none
from inventory.snapshot import Snapshot, Status


class _Known(msgspec.Struct, array_like=True, frozen=True):
    """What is known of a section, without its facts."""

    name: str
    status: Literal["found", "absent", "unknown"]
    reason: str
    asked: bool
    gaps: tuple[Gap, ...]


class ReportedHost(msgspec.Struct, array_like=True, frozen=True):
    """The fields of a snapshot and of its assessment. Of facts it has those of the system, the kernel and the users."""

    host: str
    address: str
    groups: tuple[str, ...]
    platform: str
    taken: float
    status: Status
    reason: str
    user: str
    privileged: bool
    depth: Depth
    sections: tuple[_Known, ...]
    system: System | None
    kernel: Kernel | None
    users: Users | None
    looks: _Known
    sightings: Sightings | None
    unseen: tuple[tuple[str, str], ...]
    gaps: tuple[tuple[str, Gap], ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    unused: tuple[Unused, ...]


def shown(each: HostAssessment) -> ReportedHost:
    """What is shown of a host. Of its kernel the long lists are left out: the options and the modules."""
    snapshot = each.snapshot
    kernel = value_or_none(snapshot.kernel)
    return ReportedHost(
        host=snapshot.host,
        address=snapshot.address,
        groups=snapshot.groups,
        platform=snapshot.platform,
        taken=snapshot.taken,
        status=snapshot.status,
        reason=snapshot.reason,
        user=snapshot.user,
        privileged=snapshot.privileged,
        depth=snapshot.depth,
        sections=tuple(_known(name, observation) for name, observation in snapshot.observations.items()),
        system=value_or_none(snapshot.system),
        kernel=None if kernel is None else replace(kernel, config=None, modules=()),
        users=value_or_none(snapshot.users),
        looks=_known("sightings", snapshot.sightings),
        sightings=value_or_none(snapshot.sightings),
        unseen=each.unseen,
        gaps=each.gaps,
        findings=each.findings,
        undetermined=each.undetermined,
        unused=each.unused,
    )


def as_shown(each: ReportedHost) -> HostAssessment:
    """The host again. Sections whose facts are not shown are Found with nothing."""
    facts: dict[str, Any] = {"system": each.system, "kernel": each.kernel, "users": each.users}
    snapshot = Snapshot(
        host=each.host,
        address=each.address,
        groups=each.groups,
        platform=each.platform,
        taken=each.taken,
        status=each.status,
        reason=each.reason,
        observations={known.name: _observation(known, facts.get(known.name)) for known in each.sections},
        user=each.user,
        privileged=each.privileged,
        depth=each.depth,
        sightings=_observation(each.looks, each.sightings),
    )
    return HostAssessment(snapshot, each.unseen, each.gaps, each.findings, each.undetermined, each.unused)


def _known(name: str, observation: Observation[Any]) -> _Known:
    if isinstance(observation, Found):
        return _Known(name, "found", "", True, observation.gaps)
    if isinstance(observation, Absent):
        return _Known(name, "absent", observation.reason, True, ())
    return _Known(name, "unknown", observation.reason, observation.asked, ())


def _observation(known: _Known, facts: Any) -> Observation[Any]:
    if known.status == "found":
        return Found(facts, known.gaps)
    return Absent(known.reason) if known.status == "absent" else Unknown(known.reason, known.asked)
