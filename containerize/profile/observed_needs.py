"""Observed use of features beyond a plain container, each with its evidence.

A host reports it, so nothing here grants anything: it is listed for a person to decide on
(:mod:`containerize.grants.needs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assess.model import Severity, Workload
from assess.rule import Hit
from assess.rules.kernel.packet_socket import packet_socket
from assess.rules.kernel.raw_socket import raw_socket
from assess.rules.network.broadcast_server import broadcast_server
from assess.rules.network.multicast_group import multicast_group
from assess.subjects.estate_index import EstateIndex
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import WorkloadSubject
from containerize.host.process_listing import LiveProcess
from containerize.profile.expectations import devices, extra_capabilities
from inventory.model.processes import Process

_REAL_TIME = ("fifo", "rr", "deadline")


class ObservedNeed(NamedTuple):
    """``name`` is ``CAP_…`` or a path in /dev; ``reason`` says what shows it ("/usr/bin/x (user id 33) held it")."""

    name: str
    reason: str


def capabilities_and_devices(
    live: Sequence[LiveProcess], members: Sequence[Workload], host: HostFacts, estate: EstateIndex
) -> tuple[ObservedNeed, ...]:
    """Capabilities beyond the engine's defaults, then devices, each with the first process that shows it."""
    found: dict[str, str] = {}
    for process in live:
        for name in extra_capabilities([process]):
            found.setdefault(name, f"{_who(process)} held it")
    for member in members:
        for name, reason in _by_what_it_does(member, host, estate):
            found.setdefault(name, reason)
    for process in live:
        for path in devices([process]):
            found.setdefault(path, f"{_who(process)} held it open")
    return tuple(ObservedNeed(name, reason) for name, reason in found.items())


def _who(process: LiveProcess) -> str:
    return f"{process.executable} (user id {process.uid})"


def _by_what_it_does(workload: Workload, host: HostFacts, estate: EstateIndex) -> Iterator[ObservedNeed]:
    """Root holds every capability on its host, which says nothing; what its processes do with them does."""
    for process in workload.all_processes:
        if process.kernel:
            continue
        if process.scheduling in _REAL_TIME:
            yield ObservedNeed("CAP_SYS_NICE", f"{_named(process)} runs in real time (policy {process.scheduling})")
        elif process.nice < 0:
            yield ObservedNeed("CAP_SYS_NICE", f"{_named(process)} runs with nice {process.nice}")
        if process.memory is not None and process.memory.huge_pages:
            yield ObservedNeed(
                "CAP_IPC_LOCK", f"{_named(process)} has {process.memory.huge_pages >> 20} MiB in huge pages"
            )
    subject = WorkloadSubject(estate, host, workload)
    for rule in (raw_socket, packet_socket):
        for hit in rule.check(subject):
            if isinstance(hit, Hit):
                reason = "; ".join(each.fact for each in hit.evidence)
                yield ObservedNeed("CAP_NET_RAW", f"{reason}; Docker grants this by default, Podman does not")


def _named(process: Process) -> str:
    return f"{process.name} (pid {process.pid})"


def host_network(members: Iterable[Workload], host: HostFacts, estate: EstateIndex) -> tuple[str, ...]:
    """Actions of the members that have no effect from a container's own network, a sentence each."""
    found: dict[str, None] = {}
    for member in members:
        subject = WorkloadSubject(estate, host, member)
        for rule in (raw_socket, packet_socket, broadcast_server, multicast_group):
            for hit in rule.check(subject):
                if isinstance(hit, Hit) and hit.severity is Severity.MAJOR:
                    facts = "; ".join(each.fact for each in hit.evidence)
                    found.setdefault(f"{hit.message} {facts[:1].upper()}{facts[1:]}.")
    return tuple(found)


def huge_pages(members: Iterable[Workload]) -> int:
    """Bytes of huge pages that the processes have; 0 where the kernel does not tell."""
    memory = [process.memory for member in members for process in member.all_processes]
    return sum(each.huge_pages or 0 for each in memory if each is not None)


def real_time_priority(members: Iterable[Workload]) -> int:
    """The highest real-time priority (1 to 99) of the processes; 0 for none."""
    return max((process.realtime_priority for member in members for process in member.all_processes), default=0)
