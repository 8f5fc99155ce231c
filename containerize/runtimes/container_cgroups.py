"""Control groups of this machine: available limits, and limits that a container reached.

Both versions are read. In version 1 each controller is mounted by itself; in the hybrid layout of systemd version 2 is
mounted next to them without controllers. See Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from containerize.runtimes.runtime import ContainerPressure

_MEMORY, _PIDS, _CPU = "memory", "pids", "cpu"
CONTROLLERS = (_MEMORY, _PIDS, _CPU)

NO_LIMITS = "this machine has no control group for them, so these are not limited: {what}"
"""The note of a runtime that cannot set a limit."""

_MOUNTS = Path("/proc/self/mountinfo")
_ENOUGH_PERIODS = 20
"""Two seconds of periods with work in them, by the default period of 100 ms; fewer say nothing."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted hierarchy: ``root`` is which of its groups is mounted at ``path``. ``version`` is 1 or 2."""

    path: Path
    root: str
    version: int


def hierarchies(mounts: str = "") -> dict[str, Hierarchy]:
    """The hierarchy of each controller that this machine has; ``mounts`` as in /proc/self/mountinfo."""
    found: dict[str, Hierarchy] = {}
    for line in (mounts or _MOUNTS.read_text(encoding="utf-8", errors="replace")).splitlines():
        fields, _, rest = line.partition(" - ")
        words, described = fields.split(), rest.split()
        if len(words) < 5 or len(described) < 3:
            continue
        path = Path(words[4])
        if described[0] == "cgroup":
            options = described[2].split(",")
            found |= {name: Hierarchy(path, words[3], 1) for name in CONTROLLERS if name in options}
        elif described[0] == "cgroup2":
            for name in _words(path / "cgroup.controllers"):
                if name in CONTROLLERS:
                    found.setdefault(name, Hierarchy(path, words[3], 2))
    return found


def groups_of(pid: int) -> dict[str, tuple[Path, int]]:
    """Directory and version of a process's group for each controller. Empty when the process has ended."""
    try:
        text = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    groups: dict[str, str] = {}
    unified = ""
    for line in text.splitlines():
        _, names, path = (*line.split(":", 2), "", "")[:3]
        if not names:
            unified = path
        groups |= {name: path for name in names.split(",") if name in CONTROLLERS}
    found = {}
    for name, hierarchy in hierarchies().items():
        group = groups.get(name, "") if hierarchy.version == 1 else unified
        if group:
            below = group.removeprefix(hierarchy.root.rstrip("/")) if hierarchy.root != "/" else group
            found[name] = (hierarchy.path / below.lstrip("/"), hierarchy.version)
    return found


def pressure_of(groups: dict[str, tuple[Path, int]]) -> ContainerPressure:
    """The current values of the groups. Unreadable ones count as nothing."""
    oom_kills = refused = 0
    throttled = 0.0
    if _MEMORY in groups:
        path, version = groups[_MEMORY]
        oom_kills = _counter(path / ("memory.oom_control" if version == 1 else "memory.events"), "oom_kill")
    if _PIDS in groups:
        refused = _counter(groups[_PIDS][0] / "pids.events", "max")
    if _CPU in groups:
        statistics = groups[_CPU][0] / "cpu.stat"
        periods = _counter(statistics, "nr_periods")
        if periods >= _ENOUGH_PERIODS:
            throttled = _counter(statistics, "nr_throttled") / periods
    return ContainerPressure(oom_kills, refused, throttled)


def _counter(path: Path, name: str) -> int:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return 0
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return 0


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []


def swap_is_counted(hierarchy: Hierarchy) -> bool:
    """Whether a limit of memory and swap together can be set in a hierarchy of memory. In version 2 runc and crun know
    what to do without.
    """
    return hierarchy.version == 2 or (hierarchy.path / "memory.memsw.limit_in_bytes").exists()
