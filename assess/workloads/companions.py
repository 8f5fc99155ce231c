"""Companions of a workload: services of the same host that it reaches over Unix sockets, pipes and shared memory.

The kernel names only the listening end of a Unix socket, so the other end is known from lines and arguments that name
the path, from the directory in which another service put its socket, or because ``localhost`` means the socket of a
database. A companion at a socket can run in another container when both have the directory of the socket; what shares
files, pipes or memory cannot. Pipes and shared memory are observed at both ends. A connection that was open during the
scan may be closed at the next one: it is a dependency (:mod:`assess.planning.dependencies`), not a companion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from assess.configuration_text.configuration_lines import ConfigurationLines, is_comment
from assess.model import DataDirectory, Evidence
from assess.workloads.configuration_roots import own_root, paths_in
from assess.workloads.init_scripts import run_path
from assess.workloads.local_databases import LocalDatabases
from assess.workloads.program import program_of
from assess.workloads.socket_directories import POSTGRESQL, can_be_shared, runs_files_of_clients
from inventory.model.processes import Process
from inventory.model.sockets import UnixSocket
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

_KEPT_BY_SERVERS = ("/var/lib/", "/run/")
"""Where servers keep files that other programs read through memory (Varnish's log)."""


class ServiceMember(Protocol):
    """A workload in the making, as far as its companions need it. ``companions`` (by name), ``sockets`` (by the owner's
    name and the path) and ``inseparable`` (names) are filled in here.
    """

    name: str
    unix_sockets: tuple[UnixSocket, ...]
    roots: tuple[str, ...]
    data: tuple[DataDirectory, ...]
    companions: dict[str, Evidence]
    sockets: dict[tuple[str, str], Evidence]
    inseparable: set[str]

    @property
    def processes(self) -> tuple[Process, ...]:
        """Its processes."""
        ...


def tie_companions(snapshot: Snapshot, services: Sequence[ServiceMember], lines: ConfigurationLines) -> None:
    """Fill in the companions of each. Only services are companions: the host's log socket and bus are not."""
    if len(services) < 2:
        return
    _tie_sockets(services, lines)
    _tie_sockets_put_into_directories(services)
    _tie_databases(services, lines)
    by_pid = {process.pid: member for member in services for process in member.processes}
    _tie_pipes(snapshot, by_pid)
    _tie_memory(snapshot, by_pid)


def _tie_sockets(services: Sequence[ServiceMember], lines: ConfigurationLines) -> None:
    owners: dict[str, tuple[str, ServiceMember]] = {}
    folders: set[tuple[str, int]] = set()
    for member in services:
        for socket in member.unix_sockets:
            if socket.listening or socket.kind == "dgram":
                path = run_path(socket.path)
                owners.setdefault(path, (path, member))
                folder, _, name = path.rpartition("/")
                if name.startswith(POSTGRESQL):  # its clients name the directory
                    owners.setdefault(folder, (path, member))
                    folders.add((folder, id(member)))
    if not owners:
        return
    for member in services:
        for line in lines.under(member.roots):
            if is_comment(line):
                continue
            for named in paths_in(line.text):
                path, owner = owners.get(named, ("", member))
                if (named, id(member)) in folders:  # it says where the service itself listens
                    continue
                if owner is not member and _speaks_for(line.path, member, owner):
                    fact = f"{line.path}:{line.number} names {named}, where {owner.name} listens"
                    _tie(member, owner, path, Evidence(fact, line.origin, line.text))
        for process in member.processes:
            for named in (path for argument in process.arguments[1:] for path in paths_in(" " + argument)):
                path, owner = owners.get(named, ("", member))
                if owner is not member:
                    fact = f"{process.name} is given {named}, where {owner.name} listens"
                    _tie(member, owner, path, Evidence(fact, process.origin))


def _tie(member: ServiceMember, owner: ServiceMember, path: str, evidence: Evidence) -> None:
    """Make the owner of a socket a companion."""
    member.companions.setdefault(owner.name, evidence)
    apart = can_be_shared(path) and not (
        runs_files_of_clients(map(program_of, owner.processes), evidence.text)
        or _applications(member) & _applications(owner)
    )
    if apart:
        member.sockets.setdefault((owner.name, path), evidence)
    else:
        member.inseparable.add(owner.name)


def _tie_sockets_put_into_directories(services: Sequence[ServiceMember]) -> None:
    """Dovecot's private/auth lies in the queue directory of Postfix: who puts a socket into the directory of another
    service is asked by it.
    """
    places = {id(member): _places(member) for member in services}
    for owner in services:
        for socket in owner.unix_sockets:
            path = run_path(socket.path)
            own = {place for place in places[id(owner)] if _inside(path, (place,))}
            if not socket.listening:
                continue
            for member in services:
                # Its own directory may lie in the other's: OpenDKIM's in the queue directory of Postfix.
                outer = (place for place in places[id(member)] if all(_inside(each, (place,)) for each in own))
                if member is not owner and _inside(path, [place for place in outer if place not in own]):
                    fact = f"{owner.name} listens on {path}, in a directory of {member.name}"
                    _tie(member, owner, path, Evidence(fact, socket.origin))


def _places(member: ServiceMember) -> frozenset[str]:
    """The directories that a service works in, and those of its data."""
    working = {process.working_directory or "" for process in member.processes}
    return frozenset(path for path in {*working, *(each.path for each in member.data)} if own_root(path))


def _tie_databases(services: Sequence[ServiceMember], lines: ConfigurationLines) -> None:
    databases = LocalDatabases.of(services)
    for member in services:
        for meaning, server, path, line in databases.named_in(lines, member.roots):
            if server is not member:
                fact = f"{line.path}:{line.number} names {meaning}, which means the socket of {server.name}"
                _tie(member, server, path, Evidence(fact, line.origin, line.text))


def _speaks_for(path: str, member: ServiceMember, owner: ServiceMember) -> bool:
    """Whether a socket's path in this file says that ``member`` connects to it. The line with which ``owner`` says
    where it listens may lie in a tree that both read (/etc/php); but what two services of one application read, except
    the program of ``owner`` itself, both go by.
    """
    if not _inside(path, owner.roots):
        return True
    applications = _applications(member) & _applications(owner)
    return _inside(path, applications) and path not in _programs(owner)


def _applications(member: ServiceMember) -> set[str]:
    """Its own directories that contain its programs (/opt/survey)."""
    programs = _programs(member)
    return {root for root in member.roots if own_root(root) and any(path.startswith(root + "/") for path in programs)}


def _programs(member: ServiceMember) -> set[str]:
    """Return the executables of its processes, and scripts of interpreters."""
    found = [program_of(process) for process in member.processes]
    return {path for each in found for path in (each.executable, each.script) if path.startswith("/")}


def _named_by(path: str, member: ServiceMember) -> bool:
    """Whether a directory of a path is called after a member or one of its programs."""
    names = {member.name, *(program.rpartition("/")[2] for program in _programs(member))}
    return not names.isdisjoint(path.split("/")[:-1])


def _inside(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)


def _tie_pipes(snapshot: Snapshot, by_pid: Mapping[int, ServiceMember]) -> None:
    ends: dict[str, list[tuple[ServiceMember, bool, Evidence]]] = {}
    for file in value_or_none(snapshot.open_files) or ():
        member = by_pid.get(file.pid)
        # Standard input and output come from whoever started the process, and tie it to nothing.
        if member is None or file.descriptor <= 2 or not file.target.startswith("pipe:["):
            continue
        evidence = Evidence(f"process {file.pid} holds {file.target} as descriptor {file.descriptor}", file.origin)
        ends.setdefault(file.target, []).append((member, file.writable, evidence))
    for held in ends.values():
        for member, writes, evidence in held:
            for other, other_writes, _ in held:
                if other is not member and writes != other_writes:
                    member.companions.setdefault(other.name, evidence)
                    member.inseparable.add(other.name)


def _tie_memory(snapshot: Snapshot, by_pid: Mapping[int, ServiceMember]) -> None:
    for mapped in value_or_none(snapshot.libraries) or ():
        shared = mapped.path.startswith(("/dev/shm/", "/SYSV"))  # noqa: S108 - compared, not written
        if not shared and (mapped.executable or not mapped.path.startswith(_KEPT_BY_SERVERS)):
            continue
        sharers = {id(by_pid[pid]): by_pid[pid] for pid in mapped.pids if pid in by_pid}
        for member in sharers.values():
            for other in sharers.values():
                # A file below a server's own directory ties those to it that read it, and not it to them.
                if other is not member and (shared or _named_by(mapped.path, other) > _named_by(mapped.path, member)):
                    member.companions.setdefault(
                        other.name, Evidence(f"both have {mapped.path} mapped as shared memory", mapped.origin)
                    )
                    member.inseparable.add(other.name)
