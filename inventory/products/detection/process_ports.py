"""The ports that processes listen on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inventory.model.open_files import OpenFile
from inventory.model.sockets import Sockets


def ports_of(sockets: Sockets | None, files: Iterable[OpenFile]) -> Callable[[Iterable[int]], tuple[int, ...]]:
    """A function that gives the ports of TCP and UDP that processes listen on, in order."""
    ports = {each.inode: each.port for each in sockets.listeners if each.inode} if sockets else {}
    by_pid: dict[int, set[int]] = {}
    for file in files:
        if file.inode in ports:
            by_pid.setdefault(file.pid, set()).add(ports[file.inode])

    def of(pids: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted(set[int]().union(*(by_pid.get(pid, set()) for pid in pids))))

    return of
