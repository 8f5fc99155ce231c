"""Services of a host that use one of its features; findings about the feature count for these alone.

Only facts that are the same in each scan are used: connections come and go, and a verdict must not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from assess.configuration_text.ip_addresses import is_local_address, plain_address
from assess.model import Workload
from assess.subjects.host_facts import HostFacts
from inventory.observation import Found, value_or_none

Ids = tuple[str, ...]
"""Ids of workloads, in the order of the host's."""


def bound_to(host: HostFacts, addresses: Collection[str]) -> Ids:
    """The services that listen on one of these addresses and not on all."""
    return _those(host, lambda each: not _listening(each).isdisjoint(addresses))


def reached_at(host: HostFacts, addresses: Collection[str]) -> Ids:
    """The services that listen on one of these addresses and not on all, or whose settings name one."""
    return both(bound_to(host, addresses), naming(host, addresses))


def naming(host: HostFacts, addresses: Collection[str]) -> Ids:
    """The services whose settings name one of these addresses."""

    def names(each: Workload) -> bool:
        lines = host.written_configuration.naming_addresses(each.configuration_roots)
        return any(not set(named).isdisjoint(addresses) for _, named in lines)

    return _those(host, names) if addresses else ()


def bound_elsewhere(host: HostFacts) -> Ids:
    """The services that listen on an address that the host does not have."""
    network = value_or_none(host.snapshot.network)
    own = network.own_addresses if network else frozenset[str]()
    return _those(host, lambda each: any(not is_local_address(one) and one not in own for one in _listening(each)))


def listening_at(host: HostFacts, ports: Collection[int]) -> Ids:
    """The services that listen on one of these ports."""
    return _those(host, lambda each: any(owned.listener.port in ports for owned in each.listeners))


def holding(host: HostFacts, *paths: str) -> Ids:
    """The services that hold one of these files open."""
    return _of_pids(
        host, (pid for pid, files in host.files_by_pid.items() if any(one.target in paths for one in files))
    )


def working_below(host: HostFacts, directories: Iterable[str]) -> Ids:
    """The services whose data, programs or open files lie in one of these directories."""
    beginnings = tuple(directory.rstrip("/") + "/" for directory in directories)

    def works(each: Workload) -> bool:
        own = [*(data.path for data in each.data), *each.executables, *each.configuration_roots]
        own += [file.target for process in each.processes for file in host.files_by_pid.get(process.pid, ())]
        return any(f"{path}/".startswith(beginnings) for path in own)

    return _those(host, works) if beginnings else ()


def running(host: HostFacts, programs: Collection[str]) -> Ids:
    """The services that run one of these programs (names of executables)."""
    return _those(
        host,
        lambda each: any((one.executable or one.name).rpartition("/")[2] in programs for one in each.processes),
    )


def with_packet_sockets(host: HostFacts) -> Ids:
    """The services that take frames from the network."""
    sockets = value_or_none(host.snapshot.sockets)
    found = (pid for each in (sockets.packet if sockets else ()) for pid in host.snapshot.holders_of(each.inode))
    return _of_pids(host, found)


def with_unlisted_sockets(host: HostFacts) -> Ids | None:
    """The services that hold a socket of which no table of the kernel tells: of a family that has none, or not bound to
    anything. None where that is unknown.
    """
    sockets = value_or_none(host.snapshot.sockets)
    files = host.snapshot.open_files
    if sockets is None or not isinstance(files, Found) or files.gaps:
        return None
    tables = (sockets.listeners, sockets.connections, sockets.unix, sockets.packet, sockets.netlink, sockets.sctp)
    listed = {each.inode for table in tables for each in table}
    listed.update(each.inode for each in sockets.unix_peers or ())
    found = _of_pids(
        host, (file.pid for file in files.value if (inode := _socket(file.target)) is not None and inode not in listed)
    )
    return found or None


def of_accounts(host: HostFacts, uids: Collection[int]) -> Ids:
    """The services with a process of one of these accounts."""
    return _those(host, lambda each: any({one.uid, one.effective_uid}.intersection(uids) for one in each.processes))


def both(*several: Ids) -> Ids:
    """All of them, each once."""
    return tuple(dict.fromkeys(name for ids in several for name in ids))


def _socket(target: str) -> int | None:
    number = target.removeprefix("socket:[").removesuffix("]")
    return int(number) if target.startswith("socket:[") and number.isdigit() else None


def _those(host: HostFacts, holds: Callable[[Workload], bool]) -> Ids:
    return tuple(each.id for each in host.workloads if each.kind == "service" and holds(each))


def _of_pids(host: HostFacts, pids: Iterable[int]) -> Ids:
    found = {host.workload_of_pid[pid].id for pid in pids if pid in host.workload_of_pid}
    return _those(host, lambda each: each.id in found)


def _listening(workload: Workload) -> frozenset[str]:
    return frozenset(plain_address(owned.listener.address) for owned in workload.listeners)
