"""Scan data of a workload that its plan does not hold: clients, usage, sizes, jobs, settings and gaps.

The files next to an image rest on it: requests and limits, network policies, jobs, the profile for system calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assess.configuration_text.ip_addresses import is_address, is_local_address, plain_address
from assess.knowledge.kernel_features import kernel_settings
from assess.model import Workload
from assess.planning.placement.placement_prices import placement_table
from assess.planning.placement.workload_sizing import sizing_of
from assess.subjects.estate_facts import EstateView
from assess.subjects.host_facts import HostFacts
from assess.workloads.published_ports import is_published, transport_of
from containerize.profile.job_schedules import ScheduledJob, scheduled_jobs
from containerize.profile.observed_needs import host_network, huge_pages, real_time_priority
from inventory.model.sysctl_defaults import default_of
from inventory.observation import Found, Unknown, value_or_none

_NEWEST = "6.12.0"
"""The kernel whose own settings a new container is taken to have."""

_SETTING = re.compile(r"[a-z0-9_][a-z0-9_./-]*")

_SYSTEM_CALLS: Mapping[str, tuple[str, ...]] = {
    "io_uring": ("io_uring_setup", "io_uring_enter", "io_uring_register"),
    "bpf-map": ("bpf",),
    "bpf-prog": ("bpf",),
    "bpf-link": ("bpf",),
    "perf_event": ("perf_event_open",),
    "userfaultfd": ("userfaultfd",),
    "fanotify": ("fanotify_init", "fanotify_mark"),
}
"""Calls that make a descriptor of each kind (the name in /proc/PID/fd) and that Docker's default profile rejects."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client connected to a port. ``address`` is an IP address; ``workload`` an id of the estate, else ""."""

    protocol: str
    port: int
    address: str
    workload: str


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """Resource usage of the processes, in bytes and processors (1.0: one all the time).

    ``busy_bytes`` is the memory of busy hours, without headroom, and ``cpus`` the processors of busy hours, with the
    headroom that its measure asks for; ``busy_by`` and ``cpus_by`` say in words what they were measured by
    (:mod:`assess.planning.placement.workload_sizing`). ``cpus`` is None when the host's clock was not read.
    ``peak_bytes`` is the most that each process ever had (VmHWM), added up; ``group_peak_bytes`` the highest memory of
    the unit's control group, page cache included, None where the kernel does not count it. ``threads`` counts those of
    all processes: the most that its control group had, or those of the scan.
    """

    processes: int
    resident_bytes: int
    busy_bytes: int
    busy_by: str
    peak_bytes: int
    group_peak_bytes: int | None
    cpus: float | None
    cpus_by: str
    threads: int = 0


@dataclass(frozen=True, slots=True)
class NeededSystemCall:
    """A system call that the default profile of engines refuses, and what shows that the workload makes it."""

    name: str
    reason: str


@dataclass(frozen=True)
class WorkloadProfile:
    """All of it, for one workload with its companions.

    ``taken`` is our clock in seconds since the epoch; ``address`` how the host is reached; ``distribution`` is the ID
    and VERSION_ID of os-release; ``timezone`` a name of the tz database or "". ``destinations`` are (address, port,
    workload id or "") that it connects to, ``names_without_address`` peers of the plan without a known address.
    ``directory_bytes`` are (path, bytes). ``sysctls`` are settings of a name space that people changed on the host.
    ``looks`` describes the samples taken; ``unseen`` are (what, why). ``host_network`` are sentences on
    what has no effect from a container's own network; ``real_time_priority`` is 1 to 99, 0 for none.
    """

    taken: float = 0.0
    address: str = ""
    distribution: tuple[str, str] = ("", "")
    timezone: str = ""
    clients: tuple[Client, ...] = ()
    destinations: tuple[tuple[str, int, str], ...] = ()
    names_without_address: tuple[str, ...] = ()
    use: ResourceUse | None = None
    directory_bytes: tuple[tuple[str, int], ...] = ()
    jobs: tuple[ScheduledJob, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    system_calls: tuple[NeededSystemCall, ...] = ()
    looks: str = ""
    host_network: tuple[str, ...] = ()
    huge_page_bytes: int = 0
    real_time_priority: int = 0
    unseen: tuple[tuple[str, str], ...] = ()


NOTHING_SEEN = WorkloadProfile()
"""For a plan of which no scan is known."""


def profile_of(
    members: Sequence[Workload],
    host: HostFacts,
    estate: EstateView,
    peers: Iterable[tuple[str, int, str]],
    aliases: Iterable[tuple[str, str]],
) -> WorkloadProfile:
    """``members`` are the workload and its companions; ``peers`` and ``aliases`` those of the plan."""
    snapshot = host.snapshot
    system = value_or_none(snapshot.system)
    distribution = system.distribution if system else None
    destinations, unknown = _destinations(peers, dict(aliases), estate)
    sizes = value_or_none(snapshot.sizes) or ()
    jobs = {job: None for member in members for job in member.schedules}
    return WorkloadProfile(
        taken=snapshot.taken,
        address=_address_of(host) or snapshot.host,
        distribution=(distribution.id, distribution.version) if distribution else ("", ""),
        timezone=system.timezone if system else "",
        clients=tuple(_clients(members, host, estate)),
        destinations=destinations,
        names_without_address=unknown,
        use=use_of(members, host),
        directory_bytes=tuple(sorted({(each.path, each.size_bytes) for each in sizes})),
        jobs=scheduled_jobs(jobs, value_or_none(snapshot.users)),
        sysctls=tuple(_sysctls(host)) if any(member.listeners or member.connections for member in members) else (),
        system_calls=tuple(_system_calls(members, host)),
        looks=_looks(host),
        host_network=host_network(members, host, estate.known),
        huge_page_bytes=huge_pages(members),
        real_time_priority=real_time_priority(members),
        unseen=tuple(_unseen(host)),
    )


def _clients(members: Sequence[Workload], host: HostFacts, estate: EstateView) -> Iterator[Client]:
    ports = {
        (transport_of(owned.listener.protocol), owned.listener.port)
        for member in members
        for owned in member.listeners
        if is_published(owned)
    }
    found: set[tuple[str, int, str]] = set()
    for member in members:
        for owned in member.connections:
            connection = owned.connection
            key = (transport_of(connection.protocol), connection.local_port)
            address = plain_address(connection.remote_address)
            if owned.inbound and key in ports and is_address(address) and not is_local_address(address):
                found.add((*key, address))
    for protocol, port, address in sorted(found):
        known = estate.known.host_by_address.get(address)
        yield Client(protocol, port, address, _caller(estate.host(known.name), host, port) if known else "")


def _caller(client: HostFacts, server: HostFacts, port: int) -> str:
    """The workload of a host that is connected to a port of another, "" when none or several are."""
    callers = {
        workload.id
        for workload in client.workloads
        for owned in workload.connections
        if not owned.inbound
        and owned.connection.remote_port == port
        and plain_address(owned.connection.remote_address) in server.addresses
    }
    return callers.pop() if len(callers) == 1 else ""


def _destinations(
    peers: Iterable[tuple[str, int, str]], aliases: Mapping[str, str], estate: EstateView
) -> tuple[tuple[tuple[str, int, str], ...], tuple[str, ...]]:
    found: set[tuple[str, int, str]] = set()
    unknown: set[str] = set()
    for name, port, workload in peers:
        host = estate.known.host_by_name.get((workload.partition("/")[0] or name).lower())
        address = (
            name if is_address(name) else aliases.get(name) or (_address_of(estate.host(host.name)) if host else "")
        )
        if is_address(address):
            found.add((plain_address(address), port, workload))
        else:
            unknown.add(f"{name}:{port}")
    return tuple(sorted(found)), tuple(sorted(unknown))


def _address_of(host: HostFacts) -> str:
    """The address of a host for others: ours, unless that leads through this machine alone."""
    address = host.snapshot.address
    if not is_local_address(address):
        return address
    return next(iter(sorted(host.addresses)), address)


def use_of(members: Sequence[Workload], host: HostFacts) -> ResourceUse | None:
    """The usage of a workload and its companions; None when no process of them was observed."""
    processes = {process.pid: process for member in members for process in member.all_processes}
    if not processes:
        return None
    use = value_or_none(host.snapshot.use)
    units = {each.unit for each in processes.values() if each.unit and each.unit.endswith(".service")}
    groups = [group for group in (use.cgroups if use else ()) if group.path.rpartition("/")[2] in units]
    peaks = [group.memory_peak_bytes for group in groups if group.memory_peak_bytes is not None]
    counted = sum(max(group.tasks_peak or 0, group.tasks or 0) for group in groups)
    sizings = [sizing_of(host, member) for member in members]
    busy = sum(each.needs["memory"] for each in sizings) / placement_table().memory_headroom
    return ResourceUse(
        processes=len(processes),
        resident_bytes=sum(each.rss_bytes for each in processes.values()),
        busy_bytes=round(busy),
        busy_by=_each_once(each.memory_by for each in sizings),
        peak_bytes=sum(max(each.peak_rss_bytes, each.rss_bytes) for each in processes.values()),
        group_peak_bytes=sum(peaks) if peaks else None,
        cpus=sum(each.needs["cpus"] for each in sizings) if value_or_none(host.snapshot.system) else None,
        cpus_by=_each_once(each.processors_by for each in sizings),
        threads=max(counted, sum(max(each.threads, 1) for each in processes.values())),
    )


def _each_once(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))


def _sysctls(host: HostFacts) -> Iterator[tuple[str, str]]:
    """Settings of the network's and of IPC's name space that a new container would not have by itself."""
    table = kernel_settings()
    for setting in host.tuned_settings:
        own = setting.name in table.network or setting.name in table.ipc
        if not own or setting.name in table.copied or not _SETTING.fullmatch(setting.name):
            continue
        if not setting.value.isprintable():  # no value of these has control characters; Kustomize rejects them
            continue
        default = default_of(setting.name, _NEWEST)
        if setting.value == default or (setting.name in table.grown and _at_most(setting.value, default)):
            continue
        yield setting.name, setting.value


def _at_most(value: str, other: str | None) -> bool:
    """Whether no number of one setting is above that of the other."""
    mine, others = value.split(), (other or "").split()
    if len(mine) != len(others) or not all(word.isdigit() for word in (*mine, *others)):
        return False
    return all(int(a) <= int(b) for a, b in zip(mine, others, strict=True))


def _system_calls(members: Sequence[Workload], host: HostFacts) -> Iterator[NeededSystemCall]:
    objects = value_or_none(host.snapshot.kernel_objects) or {}
    told: dict[str, NeededSystemCall] = {}
    for member in members:
        for process in member.all_processes:
            for kind in objects.get(process.pid, {}):
                for name in _SYSTEM_CALLS.get(kind, ()):
                    told.setdefault(name, NeededSystemCall(name, f"{process.name} held a descriptor of {kind}"))
    yield from (told[name] for name in sorted(told))


def _looks(host: HostFacts) -> str:
    if isinstance(host.snapshot.sightings, Found):
        return "the host was looked at again and again after the scan"
    return "the host was looked at once, so only what was open or running at that moment is known"


def _unseen(host: HostFacts) -> Iterator[tuple[str, str]]:
    for name in ("processes", "sockets", "open_files", "packages", "cron", "use", "sizes", "sysctls", "services"):
        observation = host.snapshot.observation(name)
        if isinstance(observation, Unknown):
            yield name, observation.reason
        elif isinstance(observation, Found):
            yield from ((f"{name}: {gap.what}", gap.reason) for gap in observation.gaps)
