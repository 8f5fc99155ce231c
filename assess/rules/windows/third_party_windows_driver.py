"""WIN039: servers with third-party drivers or file system filters."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import kind_of_driver, matches, windows_components
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import of_windows, slashed, unseen
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN039", scope=Scope.HOST, needs=("drivers",), platform=Platform.WINDOWS, aliases=("foreign-windows-driver",))
def third_party_windows_driver(subject: HostSubject) -> RuleAnswer:
    """Server has third-party drivers or file system filters.

    Why:
        They stay on the server: containers cannot load drivers. Dongle, capture and VPN drivers matter to the services
        that use them; antivirus and backup are the container host's responsibility.
    Remedy:
        Find a replacement for each: the finding lists what is known about it.
    Source:
        Win32_SystemDriver and fltmc, by name (data: windows_components.toml) and by folders outside Windows.
    """
    drivers = subject.host.snapshot.drivers
    yield from unseen("drivers", drivers)
    if not isinstance(drivers, Found):
        return
    seen: set[str] = set()
    loaded = [
        *((each.name, each.path, each.origin) for each in drivers.value.drivers if each.start.lower() != "disabled"),
        *((each.name, "", each.origin) for each in drivers.value.filters or ()),
    ]
    for name, path, origin in loaded:
        if name.lower() in seen:
            continue
        known = kind_of_driver(name)
        foreign = bool(path) and not of_windows(slashed(path))
        strange_filter = not path and not matches(name, windows_components().filters)
        if known is None and not foreign and not strange_filter:
            continue
        seen.add(name.lower())
        what = known.name if known else f"in {path}" if foreign else "a third-party file system filter"
        yield Hit(
            known.severity if known else Severity.MINOR,
            f"{subject.host.name} has the driver {name}: {what}.",
            (Evidence(f"driver {name}" + (f" is {path}" if path else " is a loaded file system filter"), origin),),
            known.instead if known else "",
        )
