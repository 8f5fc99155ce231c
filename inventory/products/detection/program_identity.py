"""Processes by the program they run, and the version of its package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inventory.model.packages import Package, Packages
from inventory.model.processes import Process

_EPOCH = re.compile(r"\A\d+:")
_REVISION = re.compile(r"(?:\+dfsg|\+ds|\+really|~|-)[^-]{0,200}$|\+deb\d.{0,200}$")


def program_of(process: Process) -> str:
    """The file name of the program, in lower case and without ``.exe``.

    Without the right to see the executable it is the kernel's name of the process, which is cut at 15 bytes.
    """
    name = (process.executable or process.name).replace("\\", "/").rpartition("/")[2].lower()
    return name.removesuffix(".exe")


def main_processes(processes: Iterable[Process]) -> Iterator[tuple[Process, tuple[int, ...]]]:
    """Processes whose parent is not among them, each with the pids of its family, its own first."""
    family = {process.pid: process for process in processes}
    roots: dict[int, list[int]] = {}
    for process in family.values():
        top, seen = process, {process.pid}
        while (parent := family.get(top.ppid)) is not None and parent.pid not in seen:
            seen.add(parent.pid)
            top = parent
        roots.setdefault(top.pid, [])
        if top.pid != process.pid:
            roots[top.pid].append(process.pid)
    for pid, children in roots.items():
        yield family[pid], (pid, *children)


def package_of(packages: Packages | None, executable: str | None, *patterns: str) -> Package | None:
    """The package that owns ``executable``; where none does, the first whose whole name one of ``patterns`` matches."""
    if packages is None:
        return None
    owner = packages.owner_of(executable) if executable else None
    if owner is not None:
        name = owner.partition(":")[0]
        found = next((each for each in packages.packages if each.name in (owner, name)), None)
        if found is not None:
            return found
    for pattern in patterns:
        expression = re.compile(pattern)
        if (match := next((each for each in packages.packages if expression.fullmatch(each.name)), None)) is not None:
            return match
    return None


def upstream_version(version: str) -> str:
    """The version that the makers of a program gave it: without epoch and revision of the distribution.

    ``1:10.11.18-0+deb12u1`` is ``10.11.18``, ``2.4.57-5.el9`` is ``2.4.57``, ``3.2.1-r0`` is ``3.2.1``.
    """
    return _REVISION.sub("", _EPOCH.sub("", version))
