"""WIN006: servers with a time zone other than UTC."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN006", scope=Scope.HOST, needs=("system",), platform=Platform.WINDOWS)
def windows_time_zone(subject: HostSubject) -> RuleAnswer:
    """Server uses a time zone other than UTC.

    Why:
        Programs that write local times or calculate with them give different results in another zone. Containers of
        images before Windows Server 2022 use the zone of their host and cannot change it; since then each has its own.
    Remedy:
        Set the zone in an image of Windows Server 2022 or later (tzutil /s), or give the container host the old
        server's zone.
    Source:
        Microsoft, Virtual time zone in Windows containers.
    """
    system = subject.host.snapshot.system
    if not isinstance(system, Found):
        return
    zone = system.value.timezone
    if not zone:
        yield Undecided("system", "the host does not report its time zone")
    elif zone.lower() not in ("utc", "coordinated universal time", "etc/utc"):
        known = value(subject.host, "time-zone", "TimeZoneKeyName")
        yield Hit(
            Severity.INFO,
            f"The time zone of {subject.host.name} is {zone}.",
            (Evidence(f"the time zone is {zone}", known.origin if known else None),),
            f'Set the zone in an image of Windows Server 2022 or later: tzutil /s "{zone}".',
        )
