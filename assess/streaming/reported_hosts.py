"""The facts of a host that reports and exports show, stored in place of its snapshot."""

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


class _SectionStatus(msgspec.Struct, array_like=True, frozen=True):
    """The status of a section, without its facts."""

    name: str
    status: Literal["found", "absent", "unknown"]
    reason: str
    asked: bool
    gaps: tuple[Gap, ...]


class ReportedHost(msgspec.Struct, array_like=True, frozen=True):
    """The fields of a snapshot and of its assessment, with the facts of the sections system, kernel and users."""

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
    sections: tuple[_SectionStatus, ...]
    system: System | None
    kernel: Kernel | None
    users: Users | None
    samples: _SectionStatus
    sightings: Sightings | None
    unseen: tuple[tuple[str, str], ...]
    gaps: tuple[tuple[str, Gap], ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    unused: tuple[Unused, ...]


def to_reported(each: HostAssessment) -> ReportedHost:
    """Return the facts that are shown of a host, without the long lists of its kernel: options and modules."""
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
        sections=tuple(_status_of(name, observation) for name, observation in snapshot.observations.items()),
        system=value_or_none(snapshot.system),
        kernel=None if kernel is None else replace(kernel, config=None, modules=()),
        users=value_or_none(snapshot.users),
        samples=_status_of("sightings", snapshot.sightings),
        sightings=value_or_none(snapshot.sightings),
        unseen=each.unseen,
        gaps=each.gaps,
        findings=each.findings,
        undetermined=each.undetermined,
        unused=each.unused,
    )


def from_reported(each: ReportedHost) -> HostAssessment:
    """Return the host. Sections whose facts are not shown are Found with None."""
    facts: dict[str, Any] = {"system": each.system, "kernel": each.kernel, "users": each.users}
    snapshot = Snapshot(
        host=each.host,
        address=each.address,
        groups=each.groups,
        platform=each.platform,
        taken=each.taken,
        status=each.status,
        reason=each.reason,
        observations={section.name: _observation(section, facts.get(section.name)) for section in each.sections},
        user=each.user,
        privileged=each.privileged,
        depth=each.depth,
        sightings=_observation(each.samples, each.sightings),
    )
    return HostAssessment(snapshot, each.unseen, each.gaps, each.findings, each.undetermined, each.unused)


def _status_of(name: str, observation: Observation[Any]) -> _SectionStatus:
    if isinstance(observation, Found):
        return _SectionStatus(name, "found", "", True, observation.gaps)
    if isinstance(observation, Absent):
        return _SectionStatus(name, "absent", observation.reason, True, ())
    return _SectionStatus(name, "unknown", observation.reason, observation.asked, ())


def _observation(section: _SectionStatus, facts: Any) -> Observation[Any]:
    if section.status == "found":
        return Found(facts, section.gaps)
    return Absent(section.reason) if section.status == "absent" else Unknown(section.reason, section.asked)
