"""Ports, processes, capabilities, devices and names of a workload, from the inventory to the plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from assess.configuration_text.ip_addresses import addresses_in, is_address, is_local_address, plain_address
from assess.knowledge.capabilities import DOCKER_DEFAULT, NAMES, names
from assess.model import Workload
from assess.subjects.estate_index import EstateIndex
from assess.subjects.host_facts import HostFacts
from assess.workloads.published_ports import is_published, transport_of
from containerize.grants.grant_names import is_device_path
from containerize.host.process_listing import LiveProcess
from containerize.plan.model import ExpectedProcess, ImagePort

USUAL_DEVICES = frozenset(
    [
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
        "/dev/tty",
        "/dev/console",
        "/dev/ptmx",
        "/dev/stdin",
        "/dev/stdout",
        "/dev/stderr",
        "/dev/log",
        "/dev/shm",  # noqa: S108 - compared, not written
        "/dev/pts",
        "/dev/fd",
        "/dev/mqueue",
    ]
)

KEPT_LIMITS = frozenset({"nofile", "memlock", "core"})
"""Limits that a container takes over. The number of processes is counted over all containers of an account, so the
host's figure means nothing there.
"""


def image_name(host: str, workload: str) -> str:
    """The image's name: ``localhost`` so that no engine looks for it in a registry."""
    return f"localhost/brownfield/{_reference(host)}/{_reference(workload)}:lift"


def _reference(name: str) -> str:
    """A name as the path of an image reference allows it: lower case, single separators between other characters."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "unnamed"


def host_aliases(hosts_file: str) -> tuple[tuple[str, str], ...]:
    """(name, address) of every line of /etc/hosts that names another machine."""
    found: dict[tuple[str, str], None] = {}
    for line in hosts_file.split("\n"):
        words = line.partition("#")[0].split()
        if len(words) < 2 or words[0].startswith(("127.", "::1", "fe00::", "ff0", "255.")):
            continue
        if is_address(words[0]):
            found.update(dict.fromkeys((name, words[0]) for name in words[1:]))
    return tuple(found)


def own_names(hosts_file: str, hostname: str, addresses: Collection[str]) -> tuple[str, ...]:
    """The names that /etc/hosts gives the host itself, the canonical one first: those on a line with its name, on the
    line that Debian writes (127.0.1.1), or at one of its ``addresses``.
    """
    known = {hostname, hostname.partition(".")[0]}
    found: dict[str, None] = {}
    for line in hosts_file.split("\n"):
        address, *names = line.partition("#")[0].split() or [""]
        local = address.startswith("127.") or address == "::1"
        if address in addresses or address == "127.0.1.1" or (known & set(names) and (local or is_address(address))):
            found.update(dict.fromkeys(name for name in names if not name.startswith(("localhost", "ip6-"))))
    return tuple(found)


def own_addresses(
    members: Sequence[Workload], host: HostFacts, peers: Iterable[tuple[str, int, str]], estate: EstateIndex
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(addresses, notes): the addresses of the host at which a service listens because a setting or its arguments name
    them, and those by which it reaches services of the same host.

    Where the container runs, an address leads to it and nowhere else. So one that belongs to another host of the
    estate, or that several report, is not among them.
    """
    found: dict[str, None] = {}
    notes = []
    for member in members:
        named = {
            address for _, each in host.configuration.naming_addresses(member.configuration_roots) for address in each
        }
        words = " ".join(argument for process in member.processes for argument in process.arguments[1:])
        for owned in member.listeners:
            address = plain_address(owned.listener.address)
            if not is_published(owned) or owned.listener.any_address or is_local_address(address):
                continue
            if address in found or not (address in named or address in addresses_in(words)):
                continue
            if not _is_known_as_own(address, host, estate):
                notes.append(
                    f"it listens on {address}, which is not known to be this server's own: no file here gives it to "
                    "the container, so set 0.0.0.0 or :: instead"
                )
            else:
                found[address] = None
                notes.append(
                    f"it listens on {address}, an address of the server: {_given(address)} Kubernetes and Swarm cannot "
                    "give it, so set 0.0.0.0 there"
                )
    for name, _, workload in peers:
        address = plain_address(name) if is_address(name) else ""
        own = workload.partition("/")[0] == host.name and not is_local_address(address)
        if address and own and _is_known_as_own(address, host, estate):
            found[address] = None
    return tuple(sorted(found)), tuple(dict.fromkeys(notes))


def _is_known_as_own(address: str, host: HostFacts, estate: EstateIndex) -> bool:
    owner = estate.host_by_address.get(address)
    return owner.name == host.name if owner is not None else address not in estate.address_claimants


def _given(address: str) -> str:
    if ":" in address:
        return "no file here gives it to the container, so set :: instead."
    return "compose.yaml gives the container this address in a small separate network;"


def planned_ports(members: Sequence[Workload]) -> tuple[ImagePort, ...]:
    """The ports of the inventory, one row for each protocol, port and address."""
    rows: dict[tuple[str, int, str], ImagePort] = {}
    for member in members:
        names = {process.pid: process.name for process in member.processes}
        for owned in member.listeners:
            listener = owned.listener
            transport = transport_of(listener.protocol)
            if transport not in ("tcp", "udp"):
                continue
            process = next((names[pid] for pid in owned.pids if pid in names), "")
            rows.setdefault(
                (transport, listener.port, listener.address),
                ImagePort(
                    "tcp" if transport == "tcp" else "udp",
                    listener.port,
                    listener.address,
                    is_published(owned),
                    process,
                ),
            )
    return tuple(rows[key] for key in sorted(rows))


def expected_processes(members: Sequence[Workload], host: HostFacts) -> tuple[ExpectedProcess, ...]:
    """The processes of the inventory by executable and account."""
    counts: dict[tuple[str, str], int] = {}
    for member in members:
        for process in member.processes:
            if process.executable:
                key = (process.executable, host.account(process.effective_uid))
                counts[key] = counts.get(key, 0) + 1
    return tuple(ExpectedProcess(executable, user, count) for (executable, user), count in sorted(counts.items()))


def extra_capabilities(processes: Sequence[LiveProcess]) -> tuple[str, ...]:
    """Capabilities beyond the engine's defaults that processes of ordinary users hold. Root has all of them on any
    host, which says nothing. They are what the workload would need, and no grant.
    """
    mask = 0
    for process in processes:
        if process.uid != 0:
            mask |= process.capabilities & ~DOCKER_DEFAULT
    # No engine takes a capability that has no name yet.
    return tuple(f"CAP_{name}" for name in names(mask & (1 << len(NAMES)) - 1))


def devices(processes: Sequence[LiveProcess]) -> tuple[str, ...]:
    """Devices that processes hold open and that no container has by itself: what they would need, and no grant."""
    found = {path for process in processes for path in process.opened if is_device_path(path)}
    memory = ("/dev/shm/", "/dev/pts/")  # noqa: S108 - compared, not written
    return tuple(sorted(path for path in found if path not in USUAL_DEVICES and not path.startswith(memory)))
