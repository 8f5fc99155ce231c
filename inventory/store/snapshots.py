"""From a recording to typed facts, by the parsers of SECTIONS."""

from __future__ import annotations

from inventory.depth import Depth
from inventory.observation import Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Recording
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot, Status
from inventory.store.records import HostResult, Outcome


def build_snapshot(result: HostResult, recording: Recording | None, depth: Depth = Depth.STANDARD) -> Snapshot:
    """The snapshot of one host. Without a recording nothing is Found, and ``reason`` says why.

    ``depth`` is that of the scan. A host is complete when all that was asked at that depth was answered in full.
    """
    observations: dict[str, Observation[object]] = {}
    status: Status = "unreachable"
    if result.outcome is Outcome.UNSUPPORTED:
        # It was reached, and there is nothing wrong with it: what we lack is a dialect.
        status = "partial"
    elif recording is not None and result.outcome is Outcome.ANSWERED:
        platform = Platform(recording.platform)
        for section in SECTIONS:
            if section.variant(platform) is None:  # a question that means nothing on this platform
                continue
            if recording.section(section.name) is None and not depth.includes(section.depth):
                observations[section.name] = Unknown(depth.why_not_asked(section.depth), asked=False)
                continue
            observations[section.name] = section.observe(
                recording.section(section.name), platform, recording.missing.get(section.name, "")
            )
        whole = all(_whole(observation) for observation in observations.values())
        status = "complete" if whole else "partial"
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
        depth=depth,
    )


def _platform(result: HostResult) -> str:
    """A host that was not reached has told nothing of its system; OTHER would say that it is an AIX or the like."""
    if result.platform is Platform.OTHER and result.outcome is not Outcome.UNSUPPORTED:
        return ""
    return result.platform.value


def _whole(observation: Observation[object]) -> bool:
    if isinstance(observation, Unknown):
        return not observation.asked
    return not (isinstance(observation, Found) and observation.gaps)
