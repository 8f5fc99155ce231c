"""Group the processes of a Linux host that belong together.

With systemd the cgroup names the unit. Otherwise the process tree decides: the descendants of a child of init or of a
supervisor are one service, and so are trees that the same init script certainly started.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assess.workloads.init_script_owners import NAMED_EXECUTABLE, PID_FILE, Owners
from assess.workloads.login_sessions import (
    at_shells_of_programs,
    children_of,
    descendants,
    login_sessions,
    takes_commands,
)
from assess.workloads.package_owners import PackageOwners
from assess.workloads.permanent_processes import Clock, together
from assess.workloads.process_group import ProcessGroup
from assess.workloads.program import INIT_PROGRAMS, program_of
from assess.workloads.supervisor_names import entry_name
from assess.workloads.transient_processes import is_job, is_passing, not_yet_started, placeholder
from inventory.model.processes import Process
from inventory.model.services import Services
from inventory.observation import value_or_none
from inventory.platforms import Platform
from inventory.snapshot import Snapshot

# Their children are separate services.
SUPERVISORS = frozenset(
    {"supervisord", "runsvdir", "runsv", "svscan", "supervise", "s6-svscan", "s6-supervise", "monit", "circusd",
     "inetd", "xinetd", "openbsd-inetd", "inetutils-inetd", "start-stop-daemon", "god"}
)  # fmt: skip


def group_processes(snapshot: Snapshot, packages: PackageOwners) -> tuple[ProcessGroup, ...]:
    """The groups of a host, in the order of their first process. Kernel threads and login sessions are left out."""
    if snapshot.platform == Platform.WINDOWS:
        from assess.workloads.windows_services import windows_groups  # which stands on this module

        return windows_groups(snapshot, listening_pids(snapshot))
    processes = value_or_none(snapshot.processes) or ()
    services = value_or_none(snapshot.services)
    # A zombie holds nothing and does nothing: it only waits for its parent.
    alive = [process for process in processes if not process.kernel and process.state not in ("Z", "X")]
    listening = listening_pids(snapshot)
    sessions = login_sessions(alive, listening)
    ours = {process.pid: process for process in alive if process.pid not in sessions}

    everybody = {process.pid: process for process in alive}
    clock = Clock.of(snapshot)
    units = tuple(_by_unit(ours, services))
    placed = {process.pid for group in units for process in group.processes}
    groups = [group for group in units if not _is_momentary(group, everybody, listening, services)]
    rest = {pid: process for pid, process in ours.items() if pid not in placed}
    # Where kernel threads are seen this is a machine and no container, and the first process is its init whatever it is
    # called. In a container it may be the service itself.
    machine = any(process.kernel for process in processes)
    trees = _by_tree(rest, Owners(services, packages), listening, machine)
    groups += [
        group
        for group in trees
        if not _is_momentary(group, everybody, listening, services) and not _only_runs(group, listening, clock)
    ]
    for group in groups:
        group.processes.sort(key=lambda process: process.pid)
    return tuple(sorted(groups, key=lambda group: group.processes[0].pid))


def _is_momentary(
    group: ProcessGroup, everybody: Mapping[int, Process], listening: frozenset[int], services: Services | None
) -> bool:
    """Whether a group is an unfinished start, a job, or a placeholder that belongs to no service."""
    if not_yet_started(group.processes, everybody):
        return True
    if any(process.pid in listening for process in group.processes):
        return False
    if group.unit and is_job(group.unit, group.service, services):
        return True
    known = group.service.pids if group.service is not None else ()
    return (
        not group.entry
        and all(placeholder(process) for process in group.processes)
        and not any(process.pid == 1 or process.pid in known for process in group.processes)
    )


def _only_runs(group: ProcessGroup, listening: frozenset[int], clock: Clock) -> bool:
    """Whether a tree belongs to no service and has only just started."""
    return (
        group.owner is None
        and not group.entry
        and not any(process.pid in listening for process in group.processes)
        and is_passing(group.processes, clock)
    )


def listening_pids(snapshot: Snapshot) -> frozenset[int]:
    """The processes that hold a listening socket (network, or unix with a name)."""
    pids: set[int] = set()
    for owned in value_or_none(snapshot.listeners) or ():
        pids.update(owned.pids)
    sockets = value_or_none(snapshot.sockets)
    for unix in sockets.unix if sockets else ():
        if unix.listening:
            pids.update(snapshot.holders_of(unix.inode))
    return frozenset(pids)


def _by_unit(processes: Mapping[int, Process], services: Services | None) -> Iterable[ProcessGroup]:
    known = {each.name: each for each in services.services if each.manager == "systemd"} if services else {}
    units: dict[str, list[Process]] = {}
    for process in processes.values():
        unit = process.unit or ""
        if unit.endswith(".service"):
            units.setdefault(unit.removesuffix(".service"), []).append(process)
    for unit, members in units.items():
        pids = {process.pid for process in members}
        tops = [process for process in members if process.ppid not in pids] or members
        yield ProcessGroup(
            root=min(tops, key=lambda process: (process.start_seconds, process.pid)).pid,
            processes=members,
            unit=unit,
            service=known.get(unit),
        )


def _by_tree(
    processes: Mapping[int, Process], owners: Owners, listening: frozenset[int], machine: bool
) -> list[ProcessGroup]:
    groups: list[ProcessGroup] = []
    by_pid: dict[int, ProcessGroup] = {}
    by_owner: dict[str, list[ProcessGroup]] = {}
    for top, family in _families(processes, machine):
        members = [processes[pid] for pid in sorted(family)]
        # Of this tree only: a process detached at a program's shell is a separate workload, not a guest.
        guests = at_shells_of_programs({process.pid: process for process in members})
        group = ProcessGroup(root=top, processes=members, guests=guests)
        group.owner = owner = owners.owner_of(_first_of(group, listening))
        group.service = owner.service if owner else None
        parent = processes.get(processes[top].ppid)
        group.entry, group.supervisor = _supervised_as(processes[top], parent, owners.services)
        same = _continued(group, parent, by_pid, processes) or next(
            (each for each in by_owner.get(owner.service.name if owner else "", ()) if _alike(each, group, listening)),
            None,
        )
        if same is not None:
            same.processes += members
            same.guests |= guests
        else:
            groups.append(group)
            if owner is not None:
                by_owner.setdefault(owner.service.name, []).append(group)
        by_pid.update((pid, same or group) for pid in family)
    return groups


def _continued(
    group: ProcessGroup, parent: Process | None, by_pid: Mapping[int, ProcessGroup], processes: Mapping[int, Process]
) -> ProcessGroup | None:
    """The group that a tree is only a part of, by the process that made it."""
    # The small processes of a supervisor (a runsv for each service) are the supervisor.
    if parent is not None and _is_supervisor(group.processes[0]) and _is_supervisor(parent):
        return by_pid.get(parent.pid)
    if parent is not None and _is_supervisor(parent):
        return None
    # A worker detached by its master keeps the session that the master created. (Daemons that a boot script started in
    # its own session share that one too, but its leader, the script, has ended. A process started from a shell that
    # still runs is not a worker of the shell.)
    sessions = sorted({process.session for process in group.processes if process.session > 1})
    led = (session for session in sessions if session in by_pid and not takes_commands(processes[session]))
    return next((by_pid[session] for session in led), None)


def _first_of(group: ProcessGroup, listening: frozenset[int]) -> list[Process]:
    """The processes that say whose a tree is: those that began with it, or listen."""
    head = next((process for process in group.own if process.pid == group.root), group.own[0])
    return [process for process in group.own if process.pid in listening or together(process, head)]


def _alike(first: ProcessGroup, second: ProcessGroup, listening: frozenset[int]) -> bool:
    """Whether two trees of one init script are one workload."""
    if first.owner is None or second.owner is None:
        return False
    sureness = min(first.owner.sureness, second.owner.sureness)
    if sureness >= PID_FILE:
        return True
    if sureness < NAMED_EXECUTABLE:
        return False
    # One script may start several programs; the same program twice, each with a port, is two instances.
    programs = [{program_of(process).key for process in group.processes} for group in (first, second)]
    listen = [any(process.pid in listening for process in group.processes) for group in (first, second)]
    return not programs[0] & programs[1] or not all(listen)


def _is_supervisor(process: Process) -> bool:
    return program_of(process).basename in SUPERVISORS


def _families(processes: Mapping[int, Process], machine: bool) -> Iterable[tuple[int, set[int]]]:
    """The trees: the pid at which each begins, and its members. Every process is in one of them.

    A tree begins at init itself, and at children of init, of supervisors and of unobserved processes; and at processes
    that were detached at a shell.
    """
    children = children_of(processes)
    tops = {
        process.pid for process in processes.values() if _begins_tree(process, processes.get(process.ppid), machine)
    }
    inner = {pid: [child for child in below if child not in tops] for pid, below in children.items()}
    left = set(processes)
    for top in sorted(tops):
        family = descendants(top, inner)
        left -= family
        yield top, family
    # What is left has its parents in a circle: processes are read one after the other, while pids are used again.
    while left:
        top = min(left)
        family = descendants(top, inner) & left
        left -= family
        yield top, family


def _begins_tree(process: Process, parent: Process | None, machine: bool) -> bool:
    """Whether a child of ``parent`` is a separate service."""
    if parent is None:
        return True
    program = program_of(parent).basename
    if program in SUPERVISORS:
        return True
    # It was given a separate session at a shell, so that it stays when the shell ends. Another interactive shell is
    # not a service, and without the session a daemon cannot be distinguished from a command.
    if process.session == process.pid and takes_commands(parent) and not takes_commands(process):
        return True
    if parent.pid != 1:
        return False
    # Whatever is process 1 of a container inherits the daemons that were started there: they have made a session of
    # their own and are another program. Its own workers are the same program (PostgreSQL's make sessions as well).
    adopted = process.session != parent.session and program_of(process).basename != program
    return machine or program in INIT_PROGRAMS or adopted


def _supervised_as(process: Process, parent: Process | None, services: Services | None) -> tuple[str, str]:
    """The name under which a supervisor runs ``process``, and which supervisor; both "" when none does."""
    if parent is None:
        return "", ""
    supervisor = program_of(parent).basename
    if supervisor not in SUPERVISORS:
        return "", ""
    return entry_name(process, parent, services), supervisor
