"""Needs of a workload beyond a plain container, for a person to decide on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from assess.configuration_text.ip_addresses import is_address
from containerize.grants.grant_names import (
    CAPABILITIES,
    PRIVILEGE_GAIN,
    Kind,
    capability_name,
    is_device_path,
    option_of,
)
from containerize.host.file_capabilities import ATTRIBUTE
from containerize.plan.model import ImagePlan


@dataclass(frozen=True, slots=True)
class ContainerNeed:
    """Something that the workload would need. ``name`` is a path in /dev, ``CAP_…``, :data:`PRIVILEGE_GAIN` or
    ``ADDRESS:PORT``; ``reason`` says what shows it ("was open on the host").
    """

    kind: Kind
    name: str
    reason: str

    @property
    def option(self) -> str:
        """The option that allows it, as it is typed."""
        return option_of(self.kind, self.name)


def needs_of(plan: ImagePlan) -> tuple[ContainerNeed, ...]:
    """The needs of a plan's container beyond the engine's defaults: devices, capabilities, privilege gain."""
    evidence = dict(plan.evidence)
    found = [
        ContainerNeed("device", path, evidence.get(path, "was open on the host"))
        for path in plan.devices
        if is_device_path(path)
    ]
    found += [
        ContainerNeed("capability", name, evidence.get(name, "a process of an ordinary user held it on the host"))
        for name in map(capability_name, plan.capabilities)
        if name in CAPABILITIES
    ]
    if programs := raising_programs(plan):
        shown = ", ".join(programs[:_SHOWN])
        more = f" and {len(programs) - _SHOWN} more" if len(programs) > _SHOWN else ""
        found.append(ContainerNeed("privilege-gain", PRIVILEGE_GAIN, f"the image has {shown}{more}"))
    return tuple(found)


def network_needs(plan: ImagePlan, together: Collection[str] = ()) -> tuple[ContainerNeed, ...]:
    """Destinations of a plan that are not in the pilot; ``together`` are the workloads that are."""
    aliases = dict(plan.host_aliases)
    found: dict[str, ContainerNeed] = {}
    for name, port, workload in plan.peers:
        address = name if is_address(name) else aliases.get(name, name)
        if workload in together or address.startswith("127.") or address == "::1":
            continue
        target = f"{address}:{port}"
        found.setdefault(target, ContainerNeed("network", target, f"connected to {workload or name} on the host"))
    return tuple(found.values())


_SHOWN = 5

# fmt: off
_LOGIN_PROGRAMS = frozenset([
    "at", "bsd-write", "chage", "chfn", "chsh", "crontab", "dbus-daemon-launch-helper", "dotlockfile", "expiry",
    "fusermount", "fusermount3", "gpasswd", "mount", "newgidmap", "newgrp", "newuidmap", "passwd", "ping", "ping6",
    "pkexec", "polkit-agent-helper-1", "ssh-agent", "ssh-keysign", "staprun", "su", "umount", "unix_chkpwd", "utempter",
    "wall", "write", "write.ul",
])
# fmt: on
"""For people who log in. They come with the base of a distribution, and a service in a container starts none of them.
"""


def raising_programs(plan: ImagePlan) -> tuple[str, ...]:
    """Setuid and setgid programs and those with file capabilities in the image that a service may start."""
    return tuple(
        sorted(
            file.path
            for file in plan.files
            if file.kind == "file"
            and _raises(file.mode, (name for name, _ in file.xattrs))
            and file.path.rpartition("/")[2] not in _LOGIN_PROGRAMS
        )
    )


def _raises(mode: int, attributes: Iterable[str]) -> bool:
    # Without the right to execute, setgid means mandatory locking.
    return bool(mode & 0o4000 and mode & 0o111) or bool(mode & 0o2000 and mode & 0o010) or ATTRIBUTE in attributes
