"""From a recording to typed facts, by the parsers of SECTIONS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory.depth import Depth
from inventory.observation import Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Recording, SectionRecording
from inventory.section import Section
from inventory.snapshot import Snapshot, Status
from inventory.store.scan_records import HostResult, Outcome


def build_snapshot(result: HostResult, recording: Recording | None, depth: Depth = Depth.STANDARD) -> Snapshot:
    """The snapshot of one host. Without a recording nothing is Found, and ``reason`` is the cause.

    ``depth`` is that of the scan. A host is complete when all that was asked at that depth was answered in full.
    """
    if result.outcome is Outcome.UNSUPPORTED:
        # It was reached, and there is nothing wrong with it: what we lack is a dialect.
        return snapshot_with(result, "partial", {}, depth)
    if recording is None or result.outcome is not Outcome.ANSWERED:
        return snapshot_with(result, "unreachable", {}, depth)
    # Loaded here: parsers are a third of the start of a command that reads parsed facts only.
    from inventory.sections import SECTIONS

    platform = Platform(recording.platform)
    observations: dict[str, Observation[object]] = {}
    for section in SECTIONS:
        if section.variant(platform) is None:  # a question that means nothing on this platform
            continue
        found, missing = recording.section(section.name), recording.missing.get(section.name, "")
        observations[section.name] = observe(section, platform, depth, found, missing)
    whole = all(_whole(observation) for observation in observations.values())
    return snapshot_with(result, "complete" if whole else "partial", observations, depth)


def observe(
    section: Section[Any], platform: Platform, depth: Depth, recorded: SectionRecording | None, missing: str
) -> Observation[object]:
    """One section; ``missing`` is the reason why there is no recording of it, where that is known."""
    if recorded is None and not depth.includes(section.depth):
        return Unknown(depth.why_not_asked(section.depth), asked=False)
    observation: Observation[object] = section.observe(recorded, platform, missing)
    return observation


def snapshot_with(
    result: HostResult, status: Status, observations: Mapping[str, Observation[object]], depth: Depth
) -> Snapshot:
    """The snapshot of a host with these observations."""
    return Snapshot(
        host=result.host,
        address=result.address,
        groups=result.groups,
        platform=_platform(result),
        taken=result.taken,
        status=status,
        reason=result.reason,
        observations=observations,
        user=result.user,
        privileged=result.privileged,
        peer=result.peer,
        depth=depth,
    )


def _platform(result: HostResult) -> str:
    """The system of a host that was not reached is not known; OTHER would mean that it is an AIX or the like."""
    if result.platform is Platform.OTHER and result.outcome is not Outcome.UNSUPPORTED:
        return ""
    return result.platform.value


def _whole(observation: Observation[object]) -> bool:
    if isinstance(observation, Unknown):
        return not observation.asked
    return not (isinstance(observation, Found) and observation.gaps)
