"""The typed facts of one host at one time, and the joins between sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from inventory.depth import Depth
from inventory.links.process_links import kernel_objects, local_connections, pipes, shared_memory, unix_ties
from inventory.model.certificates import Certificates
from inventory.model.changed_files import ChangedFiles
from inventory.model.configuration import Configuration
from inventory.model.containers import Containers
from inventory.model.cron import CronJob
from inventory.model.directories import Directory
from inventory.model.ipc import Ipc
from inventory.model.kernel import Kernel
from inventory.model.language_packages import LanguagePackages
from inventory.model.libraries import Elf, MappedFile
from inventory.model.mounts import Mounts
from inventory.model.network import Network
from inventory.model.open_files import OpenFile
from inventory.model.packages import Packages
from inventory.model.process_links import LocalConnection, Pipe, SharedMemory, UnixSocketLink
from inventory.model.processes import Process
from inventory.model.services import Services
from inventory.model.sightings import Sightings
from inventory.model.sizes import DirectorySize
from inventory.model.sockets import Connection, OwnedConnection, OwnedListener, Sockets
from inventory.model.storage import Storage
from inventory.model.sysctls import Sysctl
from inventory.model.system import System
from inventory.model.unmanaged_files import UnmanagedFiles
from inventory.model.use import Use
from inventory.model.users import Users
from inventory.observation import Found, Observation, Origin, Unknown, value_or_none
from inventory.platforms import Platform
from inventory.product_facts import ProductFacts
from inventory.windows_facts import WindowsFacts

Status = Literal["complete", "partial", "unreachable"]

_ONE_LOOK = Unknown("only one sample was taken; assess scan --every 5m takes one every five minutes", asked=False)


@dataclass(frozen=True)
class Snapshot(ProductFacts, WindowsFacts):
    """One host. ``observations`` maps a section's name to its observation; an unasked section is Unknown.

    ``status`` is complete, partial (some section is Unknown or has gaps) or unreachable (then ``reason`` has the cause
    and nothing is Found). ``address`` and ``groups`` come from the inventory; ``peer`` is the IP address that the
    connection reached ("" where that is not known); ``taken`` is our clock in seconds since the epoch. ``depth`` is
    that of the scan: a section that it does not ask is Unknown and leaves the host complete. ``sightings`` are the
    observations of samples after the scan; its connections are among ``connections``.
    """

    host: str
    address: str
    groups: tuple[str, ...]
    platform: str
    taken: float
    status: Status
    reason: str
    observations: Mapping[str, Observation[Any]]
    user: str = ""
    privileged: bool = False
    peer: str = ""
    depth: Depth = Depth.STANDARD
    sightings: Observation[Sightings] = _ONE_LOOK

    def observation(self, section: str) -> Observation[Any]:
        """The observation of ``section``."""
        return self.observations.get(section) or Unknown(self.reason or f"section {section} was not asked")

    @property
    def system(self) -> Observation[System]:
        """Section system."""
        return self.observation("system")

    @property
    def kernel(self) -> Observation[Kernel]:
        """Section kernel."""
        return self.observation("kernel")

    @property
    def processes(self) -> Observation[tuple[Process, ...]]:
        """Section processes."""
        return self.observation("processes")

    @property
    def open_files(self) -> Observation[tuple[OpenFile, ...]]:
        """Section open_files."""
        return self.observation("open_files")

    @property
    def sockets(self) -> Observation[Sockets]:
        """Section sockets."""
        return self.observation("sockets")

    @property
    def packages(self) -> Observation[Packages]:
        """Section packages."""
        return self.observation("packages")

    @property
    def language_packages(self) -> Observation[LanguagePackages]:
        """Section language_packages."""
        return self.observation("language_packages")

    @property
    def changed_files(self) -> Observation[ChangedFiles]:
        """Section changed_files."""
        return self.observation("changed_files")

    @property
    def unmanaged_files(self) -> Observation[UnmanagedFiles]:
        """Section unmanaged_files."""
        return self.observation("unmanaged_files")

    @property
    def libraries(self) -> Observation[tuple[MappedFile, ...]]:
        """Section libraries."""
        return self.observation("libraries")

    @property
    def executables(self) -> Observation[tuple[Elf, ...]]:
        """Section executables."""
        return self.observation("executables")

    @property
    def services(self) -> Observation[Services]:
        """Section services."""
        return self.observation("services")

    @property
    def containers(self) -> Observation[Containers]:
        """Section containers."""
        return self.observation("containers")

    @property
    def mounts(self) -> Observation[Mounts]:
        """Section mounts."""
        return self.observation("mounts")

    @property
    def storage(self) -> Observation[Storage]:
        """Section storage."""
        return self.observation("storage")

    @property
    def network(self) -> Observation[Network]:
        """Section network."""
        return self.observation("network")

    @property
    def users(self) -> Observation[Users]:
        """Section users."""
        return self.observation("users")

    @property
    def cron(self) -> Observation[tuple[CronJob, ...]]:
        """Section cron."""
        return self.observation("cron")

    @property
    def sysctls(self) -> Observation[tuple[Sysctl, ...]]:
        """Section sysctls."""
        return self.observation("sysctls")

    @property
    def ipc(self) -> Observation[Ipc]:
        """Section ipc."""
        return self.observation("ipc")

    @property
    def configuration(self) -> Observation[Configuration]:
        """Section configuration."""
        return self.observation("configuration")

    @property
    def directories(self) -> Observation[tuple[Directory, ...]]:
        """Section directories."""
        return self.observation("directories")

    @property
    def certificates(self) -> Observation[Certificates]:
        """Section certificates."""
        return self.observation("certificates")

    @property
    def sizes(self) -> Observation[tuple[DirectorySize, ...]]:
        """Section sizes."""
        return self.observation("sizes")

    @property
    def use(self) -> Observation[Use]:
        """Section use."""
        return self.observation("use")

    @cached_property
    def _holders(self) -> Mapping[int, tuple[int, ...]]:
        holders: dict[int, list[int]] = {}
        for file in value_or_none(self.open_files) or ():
            if (inode := file.inode) is not None and file.pid not in holders.setdefault(inode, []):
                holders[inode].append(file.pid)
        return {inode: tuple(pids) for inode, pids in holders.items()}

    def holders_of(self, inode: int) -> tuple[int, ...]:
        """The processes that hold a socket or pipe; empty when none is visible."""
        if self.platform == Platform.WINDOWS:  # a socket there is known by the process that owns it
            return (inode,) if inode else ()
        return self._holders.get(inode, ())

    @cached_property
    def listeners(self) -> Observation[tuple[OwnedListener, ...]]:
        """Listeners with their processes."""
        sockets = self.sockets
        if not isinstance(sockets, Found):
            return sockets
        owned = tuple(OwnedListener(listener, self.holders_of(listener.inode)) for listener in sockets.value.listeners)
        return Found(owned, sockets.gaps)

    @cached_property
    def connections(self) -> Observation[tuple[OwnedConnection, ...]]:
        """Connections with their processes and direction: those of the scan, then those of samples.

        Of the latter the port of the client's end is 0 and the state ``SEEN``; their processes are those of the scan
        that run the same program for the same user.
        """
        sockets = self.sockets
        if not isinstance(sockets, Found):
            return sockets
        listening = {listener.port for listener in sockets.value.listeners if listener.protocol.startswith("tcp")}
        owned = tuple(
            OwnedConnection(connection, self.holders_of(connection.inode), connection.local_port in listening)
            for connection in sockets.value.connections
        )
        return Found((*owned, *self._seen_later(owned)), sockets.gaps)

    def _seen_later(self, now: tuple[OwnedConnection, ...]) -> Iterator[OwnedConnection]:
        sightings = value_or_none(self.sightings)
        if sightings is None:
            return
        known = {_pair(each.connection, each.inbound) for each in now}
        pids: dict[tuple[int, str], list[int]] = {}
        for process in value_or_none(self.processes) or ():
            pids.setdefault((process.uid, process.executable or process.name), []).append(process.pid)
        for number, seen in enumerate(sightings.connections, 1):
            connection = Connection(
                protocol=seen.protocol,
                local_address=seen.local_address,
                local_port=seen.local_port,
                remote_address=seen.remote_address,
                remote_port=seen.remote_port,
                state="SEEN",
                uid=seen.uid,
                inode=0,
                origin=Origin("sightings", "connections", number),
            )
            if _pair(connection, seen.inbound) not in known:
                yield OwnedConnection(connection, tuple(pids.get((seen.uid, seen.program), ())), seen.inbound)

    @cached_property
    def local_connections(self) -> Observation[tuple[LocalConnection, ...]]:
        """TCP connections of the host with itself, with both ends."""
        connections = self.connections
        if not isinstance(connections, Found):
            return connections
        return Found(local_connections(connections.value), connections.gaps)

    @cached_property
    def pipes(self) -> Observation[tuple[Pipe, ...]]:
        """Pipes and FIFOs between processes."""
        files = self.open_files
        return Found(pipes(files.value), files.gaps) if isinstance(files, Found) else files

    @cached_property
    def unix_ties(self) -> Observation[tuple[UnixSocketLink, ...]]:
        """Connections over unix sockets between processes."""
        sockets = self.sockets
        if not isinstance(sockets, Found):
            return sockets
        if sockets.value.unix_peers is None:
            return Unknown("the other ends of unix sockets could not be asked for without loading a kernel module")
        return Found(unix_ties(sockets.value.unix_peers, self.holders_of), sockets.gaps)

    @cached_property
    def shared_memory(self) -> Observation[tuple[SharedMemory, ...]]:
        """Shared memory that several processes have mapped."""
        mapped = self.libraries
        return Found(shared_memory(mapped.value), mapped.gaps) if isinstance(mapped, Found) else mapped

    @cached_property
    def kernel_objects(self) -> Observation[Mapping[int, Mapping[str, int]]]:
        """Descriptors without a file (inotify, io_uring, fanotify, eventfd, memfd …): their number by PID and kind."""
        files = self.open_files
        return Found(kernel_objects(files.value), files.gaps) if isinstance(files, Found) else files


def _pair(connection: Connection, inbound: bool) -> tuple[str, str, int, str, int]:
    """The fields that every connection of a client with a server shares."""
    local, remote = connection.local_port, connection.remote_port
    ends = (connection.local_address, local if inbound else 0, connection.remote_address, 0 if inbound else remote)
    return (connection.protocol.removesuffix("6"), *ends)
