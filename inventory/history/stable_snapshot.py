"""A snapshot without what is of the moment: what clients, jobs and the kernel's own work leave in a scan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from inventory.model.kernel import Kernel, KernelKey
from inventory.model.libraries import Elf, MappedFile
from inventory.model.open_files import OpenFile
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.model.services import Service, Services
from inventory.model.sockets import Listener, Sockets, UnixSocket
from inventory.observation import Found, Observation, value_or_none
from inventory.snapshot import Snapshot

RANDOM_PORTS = range(32_768, 61_000)
"""The ports that Linux assigns to programs that request none (Documentation/networking/ip-sysctl.rst)."""

_C_LIBRARY = ("libc.so", "libc-", "ld-", "ld.so", "ld64")


def stable_snapshot(snapshot: Snapshot, lasting: Collection[int]) -> Snapshot:
    """``snapshot`` with the facts of a host that are the same in the next scan, when nothing was changed on it.

    ``lasting`` are the pids of the processes that its workloads are judged by. Left out are other processes, with what
    they alone have mapped or run; connections, open files, and UDP ports picked at random.
    """
    pids = frozenset(lasting)
    observations: dict[str, Observation[Any]] = {
        name: replace(observation, value=_steady(observation.value, snapshot, pids))
        if isinstance(observation, Found)
        else observation
        for name, observation in snapshot.observations.items()
    }
    return replace(snapshot, observations=observations)


def _steady(value: Any, snapshot: Snapshot, pids: frozenset[int]) -> Any:
    match value:
        case Sockets():
            return _sockets(value, snapshot, pids)
        case Packages():
            return replace(value, owners=())  # which files were asked about depends on what runs
        case Services():
            return replace(value, services=tuple(map(_service, value.services)), pid_files=())
        case Kernel():
            return replace(value, keys=_keys(value.keys))
        case (Process(), *_):
            return _processes(value, pids)
        case (OpenFile(), *_):
            return ()
        case (MappedFile(), *_):
            return tuple(each for each in value if not pids.isdisjoint(each.pids))
        case (Elf(), *_):
            return _executables(value, snapshot, pids)
    return value


def _processes(value: tuple[Process, ...], pids: frozenset[int]) -> tuple[Process, ...]:
    """One of each program: how many workers there are is a matter of load."""
    return tuple({(each.uid, each.arguments, each.executable): each for each in value if each.pid in pids}.values())


def _sockets(value: Sockets, snapshot: Snapshot, pids: frozenset[int]) -> Sockets:
    def stays(socket: Listener | UnixSocket) -> bool:
        holders = snapshot.holders_of(socket.inode)
        return not holders or not pids.isdisjoint(holders)

    return replace(
        value,
        listeners=tuple(
            each
            for each in value.listeners
            if stays(each) and not (each.protocol.startswith("udp") and each.port in RANDOM_PORTS)
        ),
        connections=(),
        unix=tuple(each for each in value.unix if each.listening and stays(each)),
        unix_peers=None,
        netlink=(),
        sctp=tuple(each for each in value.sctp if not each.remote_port),
    )


def _executables(value: tuple[Elf, ...], snapshot: Snapshot, pids: frozenset[int]) -> tuple[Elf, ...]:
    own = {each.executable for each in value_or_none(snapshot.processes) or () if each.pid in pids}
    return tuple(each for each in value if each.path in own or each.path.rpartition("/")[2].startswith(_C_LIBRARY))


def _service(service: Service) -> Service:
    """A job is at work or not at the moment of a scan."""
    if service.property("Type") != "oneshot" or service.state == "failed":
        return service
    properties = tuple(each for each in service.properties if each[0] not in ("ActiveState", "SubState"))
    return replace(service, state="", properties=properties)


def _keys(keys: tuple[KernelKey, ...] | None) -> tuple[KernelKey, ...] | None:
    """One of each: every login and every service that was started leaves another."""
    return None if keys is None else tuple({(each.kind, each.uid, each.description): each for each in keys}.values())
