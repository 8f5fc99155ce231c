"""Services that were not seen in use: perhaps they can be switched off instead of moved.

A service is in use when any connection was open to it or from it, another service needs it or names it, a job belongs
to it, or it was at work. Where that could not be seen (its descriptors, its UDP clients) nothing is said. What was seen
is as good as the length of the observation, which is always given.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from assess.assessment import Assessment
from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Unused, Workload
from assess.planning.port_map import Clients
from assess.subjects.host_facts import HostFacts
from assess.workloads.kernel_assigned_ports import names_port
from inventory.observation import Found, value_or_none

_ITSELF = ("127.0.0.1", "localhost", "::1")

_HOUR, _DAY = 3_600.0, 86_400.0
_BUSY = 0.001
"""Share of one processor from which on a program does more than wait: 86 seconds a day."""


class UnusedConfidence(StrEnum):
    """The confidence that a service is not in use."""

    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


def strength_of(unused: Unused) -> UnusedConfidence:
    """Strong from a week on, which holds what people do on each of its days; weak below a day."""
    if unused.seconds >= 7 * _DAY:
        return UnusedConfidence.STRONG
    return UnusedConfidence.FAIR if unused.seconds >= _DAY else UnusedConfidence.WEAK


def observed_for(unused: Unused) -> str:
    """The length of the observation in words: ``1 scan, a glance`` or ``2,017 samples over 7.0 days``."""
    if unused.samples < 2:
        return "1 scan, a glance"
    seconds = unused.seconds
    if seconds >= _DAY:
        return f"{unused.samples:,} samples over {seconds / _DAY:.1f} days"
    if seconds >= _HOUR:
        return f"{unused.samples:,} samples over {seconds / _HOUR:.1f} hours"
    if seconds >= 120:
        return f"{unused.samples:,} samples over {seconds / 60:.0f} minutes"
    return f"{unused.samples:,} samples over {seconds:.0f} seconds"


def unused_services(host: HostFacts, clients: Clients) -> tuple[Unused, ...]:
    """The services of a host without a client, connection or job, with what that rests on.

    ``clients`` are those that the scans of all hosts have seen.
    """
    snapshot = host.snapshot
    if not all(isinstance(each, Found) for each in (snapshot.sockets, snapshot.open_files, snapshot.cron)):
        return ()
    needed = {name for each in host.workloads for name in each.companions}
    sightings = value_or_none(snapshot.sightings)
    samples = 1 + (sightings.looks if sightings else 0)
    seconds = max(0.0, sightings.last - snapshot.taken) if sightings else 0.0
    found = []
    for workload in host.workloads:
        if workload.kind != "service" or workload.id in needed or _in_use(host, workload, clients):
            continue
        found.append(Unused(workload.id, samples, seconds, tuple(_evidence(workload))))
    return tuple(found)


def _in_use(host: HostFacts, workload: Workload, clients: Clients) -> bool:
    """Whether it was used, or could have been without anyone seeing it."""
    if workload.connections or workload.schedules or workload.passing:
        return True
    for owned in workload.listeners:
        protocol, port = owned.listener.protocol, owned.listener.port
        if not protocol.startswith("tcp") or clients.get((host.name, port)) or _named_beside(host, workload, port):
            return True
    if host.unseen_files(workload.processes) or _unix_clients(host, workload):
        return True
    return _cpu_share(host, workload) > _BUSY or _ran_more(host, workload)


def _named_beside(host: HostFacts, workload: Workload, port: int) -> bool:
    """Whether another service of the host has its port as a server's in its configuration."""
    return any(
        names_port([line.text], port)
        for other in host.workloads
        if other is not workload and other.kind == "service"
        for line in host.configuration.in_force(other.configuration_roots)
        if any(name in line.text for name in _ITSELF)
    )


def _unix_clients(host: HostFacts, workload: Workload) -> bool:
    """Whether another process is connected to one of its unix sockets, or that could not be seen."""
    paths = {socket.path for socket in workload.unix_sockets}
    sockets = value_or_none(host.snapshot.sockets)
    if not paths:
        return False
    if sockets is None or sockets.unix_peers is None:
        return True
    own = {process.pid for process in workload.all_processes}
    ends = (host.snapshot.holders_of(peer.peer_inode) for peer in sockets.unix_peers if peer.path in paths)
    return any(not holders or not own.issuperset(holders) for holders in ends)


def _cpu_share(host: HostFacts, workload: Workload) -> float:
    """The part of one processor that its processes have used since they were started."""
    system = value_or_none(host.snapshot.system)
    uptime = system.clock - system.boot_time if system else 0.0
    ages = [(process.cpu_seconds, uptime - process.start_seconds) for process in workload.processes]
    return sum(cpu / max(age, _HOUR) for cpu, age in ages)


def _ran_more(host: HostFacts, workload: Workload) -> bool:
    """Whether a later sample saw its unit run a program that it does not run all the time."""
    sightings = value_or_none(host.snapshot.sightings)
    unit = workload.main.unit
    if sightings is None or not unit or not unit.endswith(".service"):
        return False
    return any(each.unit == unit and each.executable not in workload.executables for each in sightings.processes)


def _evidence(workload: Workload) -> Iterator[Evidence]:
    seen: set[tuple[str, int]] = set()
    for owned in workload.listeners:
        listener = owned.listener
        if (listener.address, listener.port) not in seen:
            seen.add((listener.address, listener.port))
            fact = f"no client was connected to {endpoint(listener.address, listener.port)}"
            yield Evidence(fact, listener.origin)
    for socket in workload.unix_sockets:
        if socket.listening:
            yield Evidence(f"no client was connected to {socket.path}", socket.origin)
    main = workload.main
    yield Evidence(f"{main.name} (pid {main.pid}) held no connection, and no job belongs to it", main.origin)


def retire_candidates(assessment: Assessment) -> tuple[Unused, ...]:
    """The unused services of the estate, in the order of its hosts, but for those that another service depends on.

    What a host reports to use is believed, also where the server saw no connection: to keep a service costs less than
    to miss one. No host can make another's service a candidate.
    """
    edges = assessment.plan.dependencies if assessment.plan else ()
    servers = {edge.server for edge in edges}
    return tuple(each for host in assessment.hosts for each in host.unused if each.workload not in servers)
