"""Kernel settings that the services of a host run with, and the services that need them.

A setting does not say which program needs it. Where a program that is known to need it runs on the host, it belongs to
that program; otherwise every service of the host ran with it, and none is known to run without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Literal

from assess.knowledge.kernel_features import kernel_settings
from assess.model import Evidence, Workload
from inventory.model.sysctls import Sysctl
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

HUGE_PAGES = "transparent_hugepage"
"""The name under which /sys/kernel/mm/transparent_hugepage/enabled is required; it is not a sysctl."""

ADMINISTRATORS = ("/etc/", "/run/", "/usr/local/")
"""Where administrators put files of sysctl.d(5); packages put theirs into /usr/lib and /lib."""


@dataclass(frozen=True, slots=True)
class SettingRequirement:
    """A setting of the whole kernel that a workload ran with.

    ``how``: ``most`` (a greater value is as good), ``exact`` (another value may make it fail) or ``taste`` (another
    value may make it slower).
    """

    name: str
    value: str
    how: Literal["most", "exact", "taste"]
    evidence: Evidence

    def met_by(self, value: str) -> bool:
        """Whether a kernel with ``value`` gives what is wanted. Of several numbers each counts for itself."""
        if self.how != "most":
            return value == self.value
        mine, other = _numbers(self.value), _numbers(value)
        if mine is None or other is None or len(mine) != len(other):
            return value == self.value
        return all(has >= wants for wants, has in zip(mine, other, strict=True))


def setting_requirements(
    snapshot: Snapshot, settings: Iterable[Sysctl], workloads: Iterable[Workload]
) -> Mapping[str, tuple[SettingRequirement, ...]]:
    """Return the changed settings that each service of a host (by id) ran with. ``settings`` are those of its kernel
    that may have been changed.
    """
    services = [each for each in workloads if each.kind == "service"]
    found: dict[str, list[SettingRequirement]] = {}
    if not services:
        return {}
    table = kernel_settings()
    for want in _changed(snapshot, settings):
        known = table.programs.get(want.name, ())
        theirs = [each for each in services if known and runs(each, known)]
        # A distribution may come with this one changed; only who is known for wanting it counts.
        if not theirs and want.name != HUGE_PAGES:
            theirs = services
        for each in theirs:
            found.setdefault(each.id, []).append(want)
    return {name: tuple(wants) for name, wants in found.items()}


def runs(workload: Workload, programs: Iterable[str]) -> bool:
    """Whether one of its processes is one of ``programs`` (names of executables, ``*`` for any characters)."""
    names = {path.rpartition("/")[2] for path in workload.executables} | {each.name for each in workload.processes}
    patterns = tuple(programs)
    return bool(patterns) and any(map(_pattern(patterns).match, names))


@lru_cache(maxsize=1024)
def _pattern(programs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(program) for program in programs))


def tuned(setting: Sysctl) -> bool:
    """Whether an administrator changed it: in a file of theirs, or by a command, so that no file asks for the value.

    What a package's file sets, or the kernel has by itself, was not changed.
    """
    if not setting.live:
        return False
    if setting.configured_in.startswith(ADMINISTRATORS):
        return setting.changed is not False
    if setting.configured_in:
        return False
    return setting.changed is True


def evidence_of(setting: Sysctl) -> Evidence:
    """Return the evidence that a setting was changed."""
    value = setting.value.replace("\n", " ")
    if setting.configured_in:
        line = f":{setting.configured_line}" if setting.configured_line else ""
        asked = setting.configured_value
        text = f"{setting.name} is {value}; {setting.configured_in}{line} sets it to {asked}"
        return Evidence(text, setting.configured_origin or setting.origin)
    own = "" if setting.default is None else f"; the kernel's own value is {setting.default}"
    return Evidence(f"{setting.name} is {value}{own}", setting.origin)


def _changed(snapshot: Snapshot, settings: Iterable[Sysctl]) -> Iterator[SettingRequirement]:
    table = kernel_settings()
    for setting in settings:
        how: Literal["most", "exact", "taste"]
        if setting.name in table.most:
            how = "most"
        elif setting.name in table.exact:
            how = "exact"
        elif setting.name in table.taste and setting.configured_in:
            how = "taste"
        else:
            continue
        if tuned(setting):
            yield SettingRequirement(setting.name, setting.value, how, evidence_of(setting))
    kernel = value_or_none(snapshot.kernel)
    if kernel is not None and kernel.transparent_huge_pages == "never":
        fact = Evidence("transparent huge pages are off on the host (never)", kernel.origin)
        yield SettingRequirement(HUGE_PAGES, "never", "exact", fact)


def _numbers(text: str) -> tuple[int, ...] | None:
    words = text.split()
    return tuple(int(word) for word in words) if words and all(word.isdigit() for word in words) else None
