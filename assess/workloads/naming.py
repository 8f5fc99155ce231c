"""Names of workloads: recognisable, unique on the host, and the same at the next scan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assess.workloads.init_script_owners import SAME_PACKAGE
from assess.workloads.process_group import ProcessGroup
from assess.workloads.program import Program
from inventory.model.sockets import OwnedListener

_UNIT_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_FORBIDDEN = re.compile(r"[^a-z0-9._-]+")
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that a group would like to have, why, and the keys it is recognised by at the next scan."""

    wanted: str
    reason: str
    keys: tuple[str, ...]
    port: int | None


def safe_name(text: str) -> str:
    """``text`` in the characters that a workload's name may have: it becomes a path, an image and a host name."""
    name = _FORBIDDEN.sub("-", _UNIT_ESCAPE.sub(_unescape, text).lower()).strip("-._")[:_LONGEST].rstrip("-._")
    return name or "unnamed"


def name_group(group: ProcessGroup, program: Program, listeners: Sequence[OwnedListener]) -> Naming:
    """The name of a group by the first source that has one: unit, init script or supervisor, package, executable."""
    port = lowest_port(listeners)
    keys: list[str] = []
    if group.unit:
        wanted, reason = group.unit, f"systemd unit {group.unit}.service"
        keys.append(f"unit:{group.unit}")
    elif group.entry:
        wanted, reason = group.entry, f"entry {group.entry} of {group.supervisor}"
        keys.append(f"entry:{group.supervisor}:{group.entry}")
    elif group.owner is not None:
        wanted, reason = group.owner.service.name, group.owner.reason
        if group.owner.sureness > SAME_PACKAGE:
            keys.append(f"init:{group.owner.service.name}" + (f"@{port}" if port is not None else ""))
    else:
        wanted, reason = program.name, f"executable {program.key}"
    keys.append(f"program:{program.key}" + (f"@{port}" if port is not None else ""))
    return Naming(safe_name(wanted), reason, tuple(keys), port)


def lowest_port(listeners: Sequence[OwnedListener]) -> int | None:
    """The port that tells instances apart: the lowest TCP port that others can reach, else any."""
    tcp = [each.listener for each in listeners if each.listener.protocol.startswith("tcp")]
    reachable = [listener.port for listener in tcp if not listener.loopback]
    return min(reachable or [listener.port for listener in tcp], default=None)


def told_apart(namings: Sequence[Naming]) -> tuple[Naming, ...]:
    """The same, with a number at each key that one before has as well.

    Two workers of one program have the same keys. Were they both known by one, the name of either would be that of the
    other at the next scan.
    """
    seen: dict[str, int] = {}
    apart: list[Naming] = []
    for naming in namings:
        keys: list[str] = []
        for key in naming.keys:
            seen[key] = seen.get(key, 0) + 1
            keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
        apart.append(replace(naming, keys=tuple(keys)))
    return tuple(apart)


def unique_names(namings: Sequence[Naming], known: Mapping[str, str]) -> tuple[str, ...]:
    """A name for each, in their order.

    A name that was given before (``known``: key to name) stays, whatever is new next to it. Of the others, those that
    share a name get their port appended; where that does not tell them apart, a number.
    """
    given: dict[int, str] = {}
    taken: set[str] = set()
    for rank in range(max((len(naming.keys) for naming in namings), default=0)):
        for index, naming in enumerate(namings):
            if index in given or rank >= len(naming.keys):
                continue
            name = known.get(naming.keys[rank])
            if name and name == safe_name(name) and name not in taken:
                given[index] = name
                taken.add(name)
    fresh = [index for index in range(len(namings)) if index not in given]
    wanted: dict[str, int] = {}
    for index in fresh:
        wanted[namings[index].wanted] = wanted.get(namings[index].wanted, 0) + 1
    numbers: dict[str, int] = {}
    for index in fresh:
        naming = namings[index]
        name = naming.wanted
        if (wanted[name] > 1 or name in taken) and naming.port is not None:
            name = f"{name}-{naming.port}"
        plain = name
        while name in taken:
            numbers[plain] = numbers.get(plain, 1) + 1
            name = f"{plain}-{numbers[plain]}"
        given[index] = name
        taken.add(name)
    return tuple(given[index] for index in range(len(namings)))


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
