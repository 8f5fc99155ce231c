"""Assemble workloads from groups of processes and all facts about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType

from assess.configuration_text.configuration_lines import ConfigurationLines
from assess.configuration_text.effective_configuration import configuration_in_force, out_of_force
from assess.knowledge.system_tables import HostFunction, data_table, host_function
from assess.model import DataDirectory, Evidence, SocketTie, Workload
from assess.workloads.companions import tie_companions
from assess.workloads.configuration_roots import configuration_roots
from assess.workloads.cron_jobs import schedules_of
from assess.workloads.data_directories import Directories, data_directories
from assess.workloads.grouping import group_processes
from assess.workloads.kernel_assigned_ports import is_return_address, names_port
from assess.workloads.naming import Naming, name_group, told_apart, unique_names
from assess.workloads.package_owners import PackageOwners
from assess.workloads.permanent_processes import Clock, permanent_processes, together
from assess.workloads.process_group import ProcessGroup
from assess.workloads.process_observations import ProcessObservations
from assess.workloads.program import INIT_PROGRAMS, Program, is_shell, program_of
from assess.workloads.transient_processes import placeholder
from inventory.links.timers import timer_jobs
from inventory.model.cron import CronJob
from inventory.model.processes import Process
from inventory.model.sockets import OwnedListener, UnixSocket
from inventory.observation import value_or_none
from inventory.platforms import Platform
from inventory.snapshot import Snapshot

_NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class _Draft:
    """A workload in the making. What belongs to services only stays empty for a host function."""

    group: ProcessGroup
    main: Process
    processes: tuple[Process, ...]
    passing: tuple[Process, ...]
    naming: Naming
    function: HostFunction | None
    listeners: tuple[OwnedListener, ...]
    unix_sockets: tuple[UnixSocket, ...]
    executables: tuple[str, ...]
    packages: tuple[str, ...]
    name: str = ""
    roots: tuple[str, ...] = ()
    data: tuple[DataDirectory, ...] = ()
    schedules: tuple[CronJob, ...] = ()
    companions: dict[str, Evidence] = field(default_factory=dict)
    sockets: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    inseparable: set[str] = field(default_factory=set)


def find_workloads(snapshot: Snapshot, known: Mapping[str, str] = _NOTHING_KNOWN) -> tuple[Workload, ...]:
    """The workloads of a host, in the order of their first process.

    ``known`` maps keys of ``Workload.recognised_by`` to the names of the last scan, which are kept. Empty when the
    processes could not be seen (``snapshot.processes`` says why).
    """
    packages = PackageOwners(snapshot.packages)
    joins = ProcessObservations(snapshot)
    lines = configuration_in_force(snapshot, out_of_force(snapshot))

    # What Windows says of a process does not tell what it shares with others.
    clock = None if snapshot.platform == Platform.WINDOWS else Clock.of(snapshot)
    drafts = [_draft(group, joins, packages, clock) for group in group_processes(snapshot, packages)]
    namings = told_apart([draft.naming for draft in drafts])
    for draft, naming, name in zip(drafts, namings, unique_names(namings, known), strict=True):
        draft.naming, draft.name = naming, name
    services = [draft for draft in drafts if draft.function is None]
    directories = Directories(value_or_none(snapshot.directories))
    accounts = _accounts(drafts)
    jobs = _jobs(snapshot)
    for draft in services:
        parts = _owners(joins.mapped(draft.processes), packages)
        draft.roots = configuration_roots(draft.group, draft.processes, draft.packages, parts, lines)
        own = frozenset(process.effective_uid for process in draft.processes if accounts[process.effective_uid] == 1)
        draft.data = data_directories(draft.processes, joins.open_files, draft.roots, lines, directories, own)
        draft.schedules = _schedules(draft, snapshot, jobs)
    for draft in drafts:
        draft.listeners = tuple(_served(draft, joins, lines))
    tie_companions(snapshot, services, lines)
    return tuple(_workload(snapshot.host, draft, joins) for draft in drafts)


def _draft(group: ProcessGroup, joins: ProcessObservations, packages: PackageOwners, clock: Clock | None) -> _Draft:
    main = _main(group, joins)
    program = program_of(main)
    by_pid = {process.pid: process for process in group.processes}
    kept = permanent_processes(by_pid, group.guests, main, joins, clock) if clock is not None else by_pid.keys()
    processes = tuple(process for process in group.processes if process.pid in kept)
    listeners = joins.listeners(processes)
    # One that runs from memory has no path; its name is what it has in common with the same one elsewhere.
    paths = (program_of(each).executable if each.in_memory else each.executable for each in processes)
    executables = tuple(sorted({path for path in paths if path}))
    return _Draft(
        group=group,
        main=main,
        processes=processes,
        passing=tuple(process for process in group.processes if process.pid not in kept),
        naming=name_group(group, program, joins.listeners(group.own) if group.guests else listeners),
        function=_function(program, main, listeners or joins.unowned),
        listeners=listeners,
        unix_sockets=joins.unix_sockets(processes),
        executables=executables,
        packages=_owners(executables, packages),
    )


def _workload(host: str, draft: _Draft, joins: ProcessObservations) -> Workload:
    companions = sorted(draft.companions)
    return Workload(
        host=host,
        name=draft.name,
        kind="service" if draft.function is None else "host function",
        processes=draft.processes,
        main_pid=draft.main.pid,
        listeners=draft.listeners,
        unix_sockets=draft.unix_sockets,
        connections=joins.connections(draft.group.processes),
        service=draft.group.service,
        packages=draft.packages,
        executables=draft.executables,
        configuration_roots=draft.roots,
        data=draft.data,
        schedules=draft.schedules,
        companions=tuple(f"{host}/{name}" for name in companions),
        named_by=draft.naming.reason,
        purpose=draft.function.purpose if draft.function else "",
        recognised_by=draft.naming.keys,
        companion_evidence=tuple((f"{host}/{name}", draft.companions[name]) for name in companions),
        passing=draft.passing,
        socket_ties=tuple(
            SocketTie(f"{host}/{name}", path, evidence)
            for (name, path), evidence in sorted(draft.sockets.items(), key=lambda tie: tie[0])
            if name not in draft.inseparable
        ),
    )


def _served(draft: _Draft, joins: ProcessObservations, lines: ConfigurationLines) -> Iterator[OwnedListener]:
    """The listeners but for those at which only answers arrive."""
    for owned in draft.listeners:
        if is_return_address(owned.listener, joins.answer_ports):
            given = (argument for process in draft.processes for argument in process.arguments[1:])
            set_in = (line.text for line in lines.in_force(draft.roots))
            if not names_port(chain(given, set_in), owned.listener.port):
                continue
        yield owned


def _owners(paths: Iterable[str], packages: PackageOwners) -> tuple[str, ...]:
    return tuple(sorted({package for path in paths if (package := packages.owner_of(path))}))


def _main(group: ProcessGroup, joins: ProcessObservations) -> Process:
    """The process that is the service: the one the init system knows, else the first that listens, else the first.

    A wrapper (mysqld_safe) stands above the server that it watches; the server is what people mean.
    """
    by_pid = {process.pid: process for process in group.own}
    if group.service is not None:
        for pid in group.service.pids:
            if pid in by_pid:
                return by_pid[pid]
    oldest = sorted(group.own, key=lambda process: (process.start_seconds, process.pid))
    listening = [process for process in oldest if joins.listens(process)]
    if listening:
        return listening[0]
    root = by_pid.get(group.root, oldest[0])
    if is_shell(root):
        # A wrapper that waits, or runs one command after the other, is all that there is of its service.
        server = (each for each in oldest if not is_shell(each) and not placeholder(each) and together(each, root))
        return next(server, root)
    return root


def _function(program: Program, main: Process, listeners: tuple[OwnedListener, ...]) -> HostFunction | None:
    """Return the purpose of the program for its host. ``listeners`` are its own, else those whose owner could not be
    read.
    """
    path = program.script or program.executable
    function = host_function(path) or (host_function(main.name) if not program.script else None)
    if function is None and main.pid == 1 and program.basename in INIT_PROGRAMS:
        function = host_function("init")
    if function is None and not listeners and (purpose := placeholder(main)):
        function = HostFunction((), purpose, "nothing: find out who relies on it")
    if function is None or not function.service_when_reachable:
        return function
    reachable = any(
        not each.listener.loopback and (each.pids or each.listener.port in function.ports) for each in listeners
    )
    return None if reachable else function


def _accounts(drafts: Iterable[_Draft]) -> Counter[int]:
    """For each uid the number of workloads that run under it."""
    return Counter(uid for draft in drafts for uid in {process.effective_uid for process in draft.processes})


def _jobs(snapshot: Snapshot) -> tuple[CronJob, ...]:
    """All jobs of a host, those of timers too."""
    services = value_or_none(snapshot.services)
    return (*(value_or_none(snapshot.cron) or ()), *(timer_jobs(services) if services else ()))


def _schedules(draft: _Draft, snapshot: Snapshot, jobs: Sequence[CronJob]) -> tuple[CronJob, ...]:
    users = value_or_none(snapshot.users)
    uids = {process.effective_uid for process in draft.processes}
    running = {program_of(process).basename for process in draft.processes}
    # An interpreter is named by the jobs of everybody.
    interpreters = {process.executable for process in draft.processes if program_of(process).script}
    executables = [path for path in draft.executables if path not in interpreters]
    return schedules_of(
        jobs,
        names=frozenset({draft.name, draft.naming.wanted, *draft.packages}),
        accounts=frozenset(user.name for user in users.users if user.uid in uids) if users else frozenset(),
        paths=(*draft.roots, *(each.path for each in draft.data), *executables),
        clients=frozenset(
            client for program in data_table().programs if program.names & running for client in program.clients
        ),
    )
