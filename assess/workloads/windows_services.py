"""Group the processes of a Windows host by the services and application pools that own them.

The process of a service and its descendants are one workload. Processes that several services share (svchost) belong to
the host. IIS starts a worker process for each application pool; those of a pool are one workload under its name.
"""

from __future__ import annotations

from collections.abc import Mapping

from assess.workloads.init_script_owners import PID_FILE, Owner
from assess.workloads.login_sessions import children_of, descendants
from assess.workloads.process_group import ProcessGroup
from assess.workloads.program import program_of
from inventory.model.processes import Process
from inventory.model.services import Service
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

_WORKER = "w3wp.exe"
# Their children are separate services, or processes of people.
_PARENTS = frozenset({
    "wininit.exe", "services.exe", "svchost.exe", "smss.exe", "csrss.exe", "winlogon.exe", "explorer.exe",
    "userinit.exe", "taskeng.exe", "taskhostw.exe",
})  # fmt: skip
# A process for every connection: its descendants are login sessions, and our own probe is one of them.
_CONNECTIONS = frozenset({"sshd.exe", "sshd-session.exe", "wsmprovhost.exe", "winrshost.exe"})


def windows_groups(snapshot: Snapshot, listening: frozenset[int]) -> tuple[ProcessGroup, ...]:
    """The groups of a Windows host, in the order of their first process."""
    alive = {each.pid: each for each in value_or_none(snapshot.processes) or () if not each.kernel}
    services = _by_pid(snapshot)
    children = children_of(alive)
    ours = {pid: each for pid, each in alive.items() if pid not in _sessions(alive, services, children, listening)}
    tops = {pid for pid, process in ours.items() if pid in services or _begins(process, ours.get(process.ppid))}
    inner = {pid: [child for child in below if child not in tops] for pid, below in children.items()}
    groups: list[ProcessGroup] = []
    pools: dict[str, ProcessGroup] = {}
    left = set(ours)
    for top in sorted(tops):
        family = (descendants(top, inner) & left) or {top}
        left -= family
        group = ProcessGroup(root=top, processes=[ours[pid] for pid in sorted(family)])
        if known := services.get(top):
            owner = _owner(known, ours[top])
            group.owner, group.service = owner, owner.service
        pool = _pool(ours[top])
        if pool and pool in pools:
            pools[pool].processes += group.processes
            continue
        if pool:
            group.entry, group.supervisor = pool, "IIS"
            pools[pool] = group
        groups.append(group)
    # What is left has its parents in a circle: a pid was used again.
    groups += [ProcessGroup(root=pid, processes=[ours[pid]]) for pid in sorted(left)]
    return tuple(sorted(groups, key=lambda group: group.processes[0].pid))


def _by_pid(snapshot: Snapshot) -> Mapping[int, list[Service]]:
    services = value_or_none(snapshot.services)
    found: dict[int, list[Service]] = {}
    for service in services.services if services else ():
        for pid in service.pids:
            found.setdefault(pid, []).append(service)
    return found


def _owner(known: list[Service], process: Process) -> Owner:
    """Of several services in one process the first lends its name; svchost is known as the host's by its program."""
    service = known[0]
    others = f" with {len(known) - 1} others" if len(known) > 1 else ""
    return Owner(service, PID_FILE, f"Windows service {service.name} owns process {process.pid}{others}")


def _begins(process: Process, parent: Process | None) -> bool:
    return parent is None or _name(parent) in _PARENTS or _name(process) == _WORKER


def _sessions(
    alive: Mapping[int, Process],
    services: Mapping[int, list[Service]],
    children: Mapping[int, list[int]],
    listening: frozenset[int],
) -> frozenset[int]:
    """The processes of people: connections, and desktops (sessions from 1 on) of which nothing listens."""
    found: set[int] = set()
    for process in alive.values():
        if process.pid in services:
            continue
        family = descendants(process.pid, children)
        if _name(process) in _CONNECTIONS or (process.session > 0 and not family & listening):
            found |= {pid for pid in family if pid not in services}
    return frozenset(found)


def _pool(process: Process) -> str:
    """The application pool of a worker process (``w3wp.exe -ap "Shop" …``), "" for other programs."""
    if _name(process) != _WORKER or "-ap" not in process.arguments[:-1]:
        return ""
    return process.arguments[process.arguments.index("-ap") + 1]


def _name(process: Process) -> str:
    return program_of(process).basename or process.name.lower()
