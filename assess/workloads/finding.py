"""Puts workloads together from groups of processes and everything that was seen of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from assess.configuration_lines import ConfigurationLines
from assess.model import Workload
from assess.package_owners import PackageOwners
from assess.tables import HostFunction, data_table, host_function
from assess.workloads.companions import Member, tie_companions
from assess.workloads.configuration_roots import configuration_roots
from assess.workloads.data_directories import Directories, data_directories
from assess.workloads.grouping import INIT_PROGRAMS, Group, group_processes
from assess.workloads.naming import name_group, unique_names
from assess.workloads.program import Program, is_shell, program_of
from assess.workloads.schedules import schedules_of
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process
from inventory.model.sockets import OwnedConnection, OwnedListener, UnixSocket
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

_NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})


def find_workloads(snapshot: Snapshot, known: Mapping[str, str] = _NOTHING_KNOWN) -> tuple[Workload, ...]:
    """The workloads of a host, in the order of their first process.

    ``known`` maps keys of ``Workload.recognised_by`` to the names of the last scan, which are kept. Empty when the
    processes could not be seen (``snapshot.processes`` says why).
    """
    packages = PackageOwners(value_or_none(snapshot.packages))
    groups = group_processes(snapshot, packages)
    joins = _Joins(snapshot)
    configuration = value_or_none(snapshot.configuration)
    lines = ConfigurationLines(configuration.lines if configuration else ())
    seen_directories = value_or_none(snapshot.directories)
    directories = Directories(seen_directories or ())
    jobs = value_or_none(snapshot.cron) or ()
    users = value_or_none(snapshot.users)

    mains = [_main(group, joins) for group in groups]
    namings = [
        name_group(group, program_of(main), joins.listeners(group)) for group, main in zip(groups, mains, strict=True)
    ]
    names = unique_names(namings, known)
    members: list[Member] = []
    functions: list[HostFunction | None] = []
    owned_packages: list[tuple[str, ...]] = []
    for group, main, name in zip(groups, mains, names, strict=True):
        functions.append(_function(program_of(main), main, joins.listeners(group) or joins.nobodys))
        executables = _executables(group)
        owned_packages.append(_packages_of(executables, packages))
        parts = _packages_of(joins.mapped(group), packages)
        roots = configuration_roots(group, owned_packages[-1], parts, lines) if functions[-1] is None else ()
        members.append(Member(name, functions[-1] is None, tuple(group.processes), joins.unix_sockets(group), roots))
    tie_companions(snapshot, members, lines)

    workloads: list[Workload] = []
    for index, (group, member) in enumerate(zip(groups, members, strict=True)):
        function = functions[index]
        kind: Literal["service", "host function"] = "service" if function is None else "host function"
        data = (
            data_directories(member.processes, joins.open_files, member.roots, lines, directories)
            if function is None
            else ()
        )
        executables = _executables(group)
        uids = {process.effective_uid for process in group.processes}
        accounts = frozenset(user.name for user in users.users if user.uid in uids) if users else frozenset[str]()
        own_paths = (*member.roots, *(each.path for each in data), *executables)
        schedules = (
            schedules_of(
                jobs,
                names=frozenset({member.name, namings[index].wanted, *owned_packages[index]}),
                accounts=accounts,
                paths=[path for path in own_paths if not _is_interpreter_path(path, group)],
                clients=_clients(group),
            )
            if function is None
            else ()
        )
        workloads.append(
            Workload(
                host=snapshot.host,
                name=member.name,
                kind=kind,
                processes=member.processes,
                main_pid=mains[index].pid,
                listeners=joins.listeners(group),
                unix_sockets=member.unix_sockets,
                connections=joins.connections(group),
                service=group.service,
                packages=owned_packages[index],
                executables=executables,
                configuration_roots=member.roots,
                data=data,
                schedules=schedules,
                companions=tuple(f"{snapshot.host}/{name}" for name in sorted(member.companions)),
                named_by=namings[index].reason,
                purpose=function.purpose if function else "",
                recognised_by=namings[index].keys,
                companion_evidence=tuple(
                    (f"{snapshot.host}/{name}", member.companions[name]) for name in sorted(member.companions)
                ),
            )
        )
    return tuple(workloads)


class _Joins:
    """What was seen of processes in other sections, by pid."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._listeners: dict[int, list[OwnedListener]] = {}
        listeners = value_or_none(snapshot.listeners) or ()
        self.nobodys = tuple(listener for listener in listeners if not listener.pids)
        for listener in listeners:
            for pid in listener.pids:
                self._listeners.setdefault(pid, []).append(listener)
        self._connections: dict[int, list[OwnedConnection]] = {}
        for connection in value_or_none(snapshot.connections) or ():
            for pid in connection.pids:
                self._connections.setdefault(pid, []).append(connection)
        self._files: dict[int, list[OpenFile]] = {}
        for file in value_or_none(snapshot.open_files) or ():
            self._files.setdefault(file.pid, []).append(file)
        sockets = value_or_none(snapshot.sockets)
        self._mapped: dict[int, list[str]] = {}
        for mapped in value_or_none(snapshot.libraries) or ():
            for pid in mapped.pids:
                self._mapped.setdefault(pid, []).append(mapped.path)
        self._unix: dict[int, list[UnixSocket]] = {}
        for unix in sockets.unix if sockets else ():
            for pid in snapshot.holders_of(unix.inode):
                self._unix.setdefault(pid, []).append(unix)

    def open_files(self, pid: int) -> list[OpenFile]:
        return self._files.get(pid, [])

    def mapped(self, group: Group) -> list[str]:
        return sorted({path for process in group.processes for path in self._mapped.get(process.pid, ())})

    def listeners(self, group: Group) -> tuple[OwnedListener, ...]:
        unique = {id(each): each for process in group.processes for each in self._listeners.get(process.pid, ())}
        return tuple(
            sorted(
                unique.values(), key=lambda each: (each.listener.port, each.listener.protocol, each.listener.address)
            )
        )

    def connections(self, group: Group) -> tuple[OwnedConnection, ...]:
        unique = {id(each): each for process in group.processes for each in self._connections.get(process.pid, ())}
        return tuple(unique.values())

    def unix_sockets(self, group: Group) -> tuple[UnixSocket, ...]:
        """One for each path; the listening one, where accepted connections carry the path too."""
        by_path: dict[str, UnixSocket] = {}
        for process in group.processes:
            for unix in self._unix.get(process.pid, ()):
                if unix.path and (unix.path not in by_path or unix.listening):
                    by_path[unix.path] = unix
        return tuple(by_path[path] for path in sorted(by_path))

    def listens(self, process: Process) -> bool:
        return process.pid in self._listeners


def _packages_of(paths: Iterable[str], packages: PackageOwners) -> tuple[str, ...]:
    return tuple(sorted({package for path in paths if (package := packages.owner_of(path))}))


def _main(group: Group, joins: _Joins) -> Process:
    """The process that is the service: the one the init system knows, else the first that listens, else the first.

    A wrapper (mysqld_safe) stands above the server that it watches; the server is what people mean.
    """
    by_pid = {process.pid: process for process in group.processes}
    if group.service is not None:
        for pid in group.service.pids:
            if pid in by_pid:
                return by_pid[pid]
    oldest = sorted(group.processes, key=lambda process: (process.start_seconds, process.pid))
    listening = [process for process in oldest if joins.listens(process)]
    if listening:
        return listening[0]
    root = by_pid.get(group.root, oldest[0])
    if is_shell(root):
        return next((process for process in oldest if not is_shell(process)), root)
    return root


def _order(owned: OwnedListener) -> tuple[int, str, str]:
    return owned.listener.port, owned.listener.protocol, owned.listener.address


def _executables(group: Group) -> tuple[str, ...]:
    return tuple(sorted({process.executable for process in group.processes if process.executable}))


def _function(program: Program, main: Process, listeners: tuple[OwnedListener, ...]) -> HostFunction | None:
    """What the program is for its host. ``listeners`` are its own, else those whose owner could not be seen."""
    path = program.script or program.executable
    function = host_function(path) or (host_function(main.name) if not program.script else None)
    if function is None and main.pid == 1 and program.basename in INIT_PROGRAMS:
        function = host_function("init")
    if function is None or not function.service_when_reachable:
        return function
    reachable = any(
        not each.listener.loopback and (each.pids or each.listener.port in function.ports) for each in listeners
    )
    return None if reachable else function


def _clients(group: Group) -> frozenset[str]:
    """Programs that work on the servers of the group."""
    running = {program_of(process).basename for process in group.processes}
    return frozenset(
        client for program in data_table().programs if program.names & running for client in program.clients
    )


def _is_interpreter_path(path: str, group: Group) -> bool:
    return any(program_of(process).script and path == process.executable for process in group.processes)
