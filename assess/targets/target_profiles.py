"""Named profiles of container hosts (``targets.toml``), and the choice of targets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assess.knowledge.data_files import data_toml
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


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """All profiles, in the order of the table."""
    return tuple(Profile(_target(row), row["what"], row["source"]) for row in data_toml("targets.toml")["target"])


def _target(row: dict[str, Any]) -> Target:
    system = row["system"]
    linux = system == "linux"
    node_ports = row.get("node_ports")
    return Target(
        name=row["name"],
        system=system,
        architecture="x86_64",
        kernel_release=row.get("kernel") or row["build"],
        cpu_flags=(),
        engine=row.get("engine", ""),
        engine_version=row.get("engine_version", ""),
        cgroup_version=row.get("cgroup", 0),
        origin=f"the profile {row['name']}",
        vsyscall=row.get("vsyscall", ""),
        ia32_emulation=row.get("ia32"),
        cpu_level=row.get("cpu_level", 0),
        ephemeral_ports=_EPHEMERAL[system],
        node_ports=(node_ports[0], node_ports[1]) if node_ports else None,
        unprivileged_port_start=row.get("unprivileged_port_start", 1024 if linux else None),
        rootless=row.get("rootless"),
        swarm=row.get("swarm", False),
        os_build=row.get("build", ""),
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
