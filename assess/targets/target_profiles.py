"""Named profiles of container hosts (``targets.toml``), and the choice of targets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assess.knowledge.data_files import KnowledgeTable, read_table
from assess.model import Target
from assess.targets.port_ranges import DEFAULT_RANGE
from inventory.errors import BrownfieldError

LOCAL = "local"
"""The name of this machine's own engine."""

_EPHEMERAL = {"linux": DEFAULT_RANGE, "windows": (49_152, 65_535)}


class UnknownTarget(BrownfieldError):
    """No profile and no scanned container host has this name."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A target that stands for machines that are not there yet. ``what`` and ``source`` are words."""

    target: Target
    what: str
    source: str


class _Row(KnowledgeTable, frozen=True):
    name: str
    what: str
    source: str
    system: Literal["linux", "windows"]
    kernel: str = ""
    build: str = ""
    engine: str = ""
    engine_version: str = ""
    cgroup: int = 0
    cpu_level: int = 0
    vsyscall: str = ""
    ia32: bool | None = None
    node_ports: tuple[int, int] | None = None
    unprivileged_port_start: int | None = None
    rootless: bool | None = None
    swarm: bool = False


class _Profiles(KnowledgeTable, frozen=True):
    target: tuple[_Row, ...]


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """All profiles, in the order of the table."""
    return tuple(Profile(_target(row), row.what, row.source) for row in read_table("targets.toml", _Profiles).target)


def _target(row: _Row) -> Target:
    lowest = row.unprivileged_port_start
    return Target(
        name=row.name,
        system=row.system,
        architecture="x86_64",
        kernel_release=row.kernel or row.build,
        cpu_flags=(),
        engine=row.engine,
        engine_version=row.engine_version,
        cgroup_version=row.cgroup,
        origin=f"the profile {row.name}",
        vsyscall=row.vsyscall,
        ia32_emulation=row.ia32,
        cpu_level=row.cpu_level,
        ephemeral_ports=_EPHEMERAL[row.system],
        node_ports=row.node_ports,
        unprivileged_port_start=1024 if lowest is None and row.system == "linux" else lowest,
        rootless=row.rootless,
        swarm=row.swarm,
        os_build=row.build,
    )


def chosen_targets(names: Sequence[str], scanned: Sequence[Target], local: Callable[[], Target]) -> tuple[Target, ...]:
    """The targets of these names, each once; with none, the scanned ones, else ``local()``.

    Raises UnknownTarget. A scanned container host goes before a profile of the same name.
    """
    if not names:
        return tuple(scanned) or (local(),)
    check_names(names, (target.name for target in scanned))
    known = {**{each.target.name: each.target for each in profiles()}, **{target.name: target for target in scanned}}
    return tuple(known[name] if name in known else local() for name in dict.fromkeys(names))


def known_names(hosts: Iterable[str]) -> list[str]:
    """Return the names that --target accepts: this machine, the container ``hosts`` of the inventory, and the
    profiles.
    """
    return [LOCAL, *hosts, *(each.target.name for each in profiles())]


def check_names(names: Iterable[str], hosts: Iterable[str]) -> None:
    """Raise UnknownTarget for the first name that is neither a profile's nor one of the container ``hosts``."""
    known = known_names(hosts)
    for name in names:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else "assess targets lists the profiles"
            raise UnknownTarget(f"there is no target {name!r} among profiles and scanned container hosts; {hint}")
