"""Facts of other sections about processes, by pid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from assess.workloads.kernel_assigned_ports import answer_ports, random_ports
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process
from inventory.model.sockets import OwnedConnection, OwnedListener, UnixSocket
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

T = TypeVar("T")


class ProcessObservations:
    """Sockets, open files and mapped files of processes. What could not be seen is missing."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._listeners: dict[int, list[OwnedListener]] = {}
        self._connections: dict[int, list[OwnedConnection]] = {}
        self._files: dict[int, list[OpenFile]] = {}
        self._mapped: dict[int, list[str]] = {}
        self._unix: dict[int, list[UnixSocket]] = {}
        self._held: dict[int, set[int]] = {}
        self.answer_ports = answer_ports(snapshot)
        ports = random_ports(snapshot)
        listeners = value_or_none(snapshot.listeners) or ()
        self.unowned = tuple(listener for listener in listeners if not listener.pids)
        """Listeners whose process could not be seen."""
        for listener in listeners:
            random = listener.listener.port in ports
            for pid in listener.pids:
                self._listeners.setdefault(pid, []).append(listener)
                if not random:
                    self._held.setdefault(pid, set()).add(listener.listener.inode)
        for connection in value_or_none(snapshot.connections) or ():
            for pid in connection.pids:
                self._connections.setdefault(pid, []).append(connection)
        for file in value_or_none(snapshot.open_files) or ():
            self._files.setdefault(file.pid, []).append(file)
        for mapped in value_or_none(snapshot.libraries) or ():
            for pid in mapped.pids:
                self._mapped.setdefault(pid, []).append(mapped.path)
        sockets = value_or_none(snapshot.sockets)
        for unix in sockets.unix if sockets else ():
            for pid in snapshot.holders_of(unix.inode):
                self._unix.setdefault(pid, []).append(unix)
                if unix.listening:
                    self._held.setdefault(pid, set()).add(unix.inode)

    def held(self, pid: int) -> frozenset[int]:
        """The inodes of the listening sockets of a process, but for those on ports that are given out at random."""
        return frozenset(self._held.get(pid, ()))

    def seen(self, pid: int) -> bool:
        """Whether the descriptors of a process could be read."""
        return pid in self._files

    def open_files(self, pid: int) -> list[OpenFile]:
        """The open files of one process."""
        return self._files.get(pid, [])

    def listens(self, process: Process) -> bool:
        """Whether a process holds a listening network socket."""
        return process.pid in self._listeners

    def listeners(self, processes: Iterable[Process]) -> tuple[OwnedListener, ...]:
        """The listeners of some processes by port, each once though many hold it."""
        return tuple(sorted(_each_once(self._listeners, processes), key=_order))

    def connections(self, processes: Iterable[Process]) -> tuple[OwnedConnection, ...]:
        """The connections of some processes, each once."""
        return tuple(_each_once(self._connections, processes))

    def mapped(self, processes: Iterable[Process]) -> tuple[str, ...]:
        """The files that some processes have mapped."""
        return tuple(sorted({path for process in processes for path in self._mapped.get(process.pid, ())}))

    def unix_sockets(self, processes: Iterable[Process]) -> tuple[UnixSocket, ...]:
        """One for each path; the listening one, where accepted connections carry the path too."""
        by_path: dict[str, UnixSocket] = {}
        for unix in _each_once(self._unix, processes):
            if unix.path and (unix.path not in by_path or unix.listening):
                by_path[unix.path] = unix
        return tuple(by_path[path] for path in sorted(by_path))


def _each_once(by_pid: dict[int, list[T]], processes: Iterable[Process]) -> list[T]:
    return list({id(each): each for process in processes for each in by_pid.get(process.pid, ())}.values())


def _order(owned: OwnedListener) -> tuple[int, str, str]:
    return owned.listener.port, owned.listener.protocol, owned.listener.address
