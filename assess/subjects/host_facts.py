"""The facts of one host, joined and indexed once for all rules. Everything is derived from its snapshot."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from assess.configuration_text.configuration_lines import ConfigurationLines
from assess.configuration_text.effective_configuration import configuration_in_force, out_of_force, shipped
from assess.configuration_text.ip_addresses import is_address, is_local_address, plain_address
from assess.model import Evidence, SocketTie, Workload
from assess.subjects.cached_facts import CachedFacts, KernelThreads
from assess.subjects.estate_index import IndexedHost
from assess.subjects.kernel_choices import KernelChoice, choices_of
from assess.subjects.kernel_requirements import SettingRequirement, setting_requirements, tuned
from assess.subjects.utilisation_history import UtilisationHistory, utilisation_history
from assess.workloads.data_directories import is_lasting
from assess.workloads.init_scripts import run_path
from assess.workloads.package_owners import LIBC_PACKAGES, PackageOwners
from assess.workloads.program import program_of
from inventory.model.java import JavaProcess
from inventory.model.libraries import Elf, MappedFile
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process
from inventory.model.sysctls import Sysctl
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot

_READ = frozenset({"fs.aio-nr", "kernel.core_pattern"})
"""Settings that a rule reads. Of the rest, some hundred, rules see what deviates from the kernel's own."""


class CachedHost(NamedTuple):
    """The facts that an earlier pass computed for a host, and those that other hosts may know."""

    facts: CachedFacts
    host: IndexedHost


@dataclass(frozen=True, eq=False)
class HostFacts:
    """A host with its workloads, and the joins that several rules need. ``cached`` facts are not computed again."""

    snapshot: Snapshot
    workloads: tuple[Workload, ...]
    cached: CachedHost | None = None

    @property
    def name(self) -> str:
        """The host's name in the inventory."""
        return self.snapshot.host

    @cached_property
    def configuration(self) -> ConfigurationLines:
        """The lines of configuration and code that are in force; empty when they were not seen."""
        return configuration_in_force(self.snapshot, self.unused_files)

    @cached_property
    def unused_files(self) -> frozenset[str]:
        """The files of configuration that nothing reads."""
        return self.cached.facts.unused_files if self.cached is not None else out_of_force(self.snapshot)

    @cached_property
    def written_configuration(self) -> ConfigurationLines:
        """Those that people wrote: without files that are as their package brought them."""
        if self.not_written == self.unused_files:
            return self.configuration
        return configuration_in_force(self.snapshot, self.not_written)

    @cached_property
    def not_written(self) -> frozenset[str]:
        """The files that nothing reads, and those that are as their package brought them."""
        return self.unused_files | shipped(self.snapshot)

    @cached_property
    def package_owners(self) -> PackageOwners:
        """The installed packages, and which of them owns a path."""
        if self.cached is not None:
            return PackageOwners(self.snapshot.packages, self.cached.facts.packages)
        return PackageOwners(self.snapshot.packages)

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """All processes but threads of the kernel; empty when they could not be seen."""
        if self.cached is not None and self.cached.facts.others is not None:
            by_pid = {process.pid: process for process in self.cached.facts.others}
            by_pid.update((process.pid, process) for each in self.workloads for process in each.all_processes)
            return tuple(by_pid[pid] for pid in sorted(by_pid))
        return tuple(process for process in value_or_none(self.snapshot.processes) or () if not process.kernel)

    @cached_property
    def kernel_threads(self) -> tuple[KernelThreads, ...]:
        """The threads of the kernel by their names."""
        if self.cached is not None:
            return self.cached.facts.kernel_threads
        threads: dict[str, list[Process]] = {}
        for process in value_or_none(self.snapshot.processes) or ():
            if process.kernel:
                threads.setdefault(process.name, []).append(process)
        return tuple(KernelThreads(name, len(each), each[0].origin) for name, each in threads.items())

    @cached_property
    def utilisation_history(self) -> UtilisationHistory:
        """The utilisation of the host as sysstat recorded it."""
        if self.cached is not None:
            return self.cached.facts.utilisation_history
        return utilisation_history(value_or_none(self.snapshot.use))

    @cached_property
    def files_by_pid(self) -> Mapping[int, tuple[OpenFile, ...]]:
        """Open files of each process; a process of which nothing was seen is missing."""
        files: dict[int, list[OpenFile]] = {}
        for file in value_or_none(self.snapshot.open_files) or ():
            files.setdefault(file.pid, []).append(file)
        return {pid: tuple(each) for pid, each in files.items()}

    @cached_property
    def mapped_by_pid(self) -> Mapping[int, tuple[MappedFile, ...]]:
        """Mapped files of each process."""
        mapped: dict[int, list[MappedFile]] = {}
        for file in value_or_none(self.snapshot.libraries) or ():
            for pid in file.pids:
                mapped.setdefault(pid, []).append(file)
        return {pid: tuple(each) for pid, each in mapped.items()}

    def mapped_by(self, workload: Workload) -> tuple[tuple[Process, MappedFile], ...]:
        """The files that a workload has mapped, each path once, with the first process that has it."""
        return self._mapped_by_workload[workload.id]

    @cached_property
    def _mapped_by_workload(self) -> Mapping[str, tuple[tuple[Process, MappedFile], ...]]:
        """The answers of :meth:`mapped_by`: the processes of a workload have most of their files in common."""
        mapped: dict[str, tuple[tuple[Process, MappedFile], ...]] = {}
        for workload in self.workloads:
            found: dict[str, tuple[Process, MappedFile]] = {}
            for process in workload.processes:
                for file in self.mapped_by_pid.get(process.pid, ()):
                    found.setdefault(file.path, (process, file))
            mapped[workload.id] = tuple(found.values())
        return mapped

    @cached_property
    def writers_by_directory(self) -> Mapping[str, Mapping[str, OpenFile]]:
        """For each directory with files that last: one that each service (by id) holds open there for writing."""
        written: dict[str, dict[str, OpenFile]] = {}
        services = {
            process.pid: each for each in self.workloads if each.kind == "service" for process in each.processes
        }
        for file in value_or_none(self.snapshot.open_files) or ():
            workload = services.get(file.pid)
            if workload and file.writable and not file.deleted and file.kind == "file" and is_lasting(file.target):
                written.setdefault(posixpath.dirname(file.target), {}).setdefault(workload.id, file)
        return written

    @cached_property
    def elf_by_path(self) -> Mapping[str, Elf]:
        """ELF facts by path."""
        return {elf.path: elf for elf in value_or_none(self.snapshot.executables) or ()}

    @cached_property
    def workload_of_pid(self) -> Mapping[int, Workload]:
        """The workload each process belongs to."""
        return {process.pid: workload for workload in self.workloads for process in workload.all_processes}

    @cached_property
    def workloads_by_port(self) -> Mapping[int, tuple[Workload, ...]]:
        """The workloads that listen on each port, on whatever address and transport."""
        listening: dict[int, dict[str, Workload]] = {}
        for workload in self.workloads:
            for owned in workload.listeners:
                listening.setdefault(owned.listener.port, {})[workload.id] = workload
        return {port: tuple(workloads.values()) for port, workloads in listening.items()}

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Addresses known to be this host's own: of its interfaces, connections and listeners, and the inventory's."""
        if self.cached is not None:
            return self.cached.host.addresses
        own: set[str] = set()
        sockets = value_or_none(self.snapshot.sockets)
        if sockets:
            own.update(plain_address(each.local_address) for each in sockets.connections)
            own.update(plain_address(each.address) for each in sockets.listeners)
        network = value_or_none(self.snapshot.network)
        if network:
            own.update(network.own_addresses)
        return self.proven_addresses | {each for each in own if not is_local_address(each)}

    @cached_property
    def proven_addresses(self) -> frozenset[str]:
        """The addresses that the inventory gives this host, and the one that the connection to it reached."""
        given = (self.name, self.snapshot.address, self.snapshot.peer)
        own = (plain_address(each) for each in given if is_address(each))
        return frozenset(each for each in own if not is_local_address(each))

    @cached_property
    def kernel_requirements(self) -> Mapping[str, tuple[SettingRequirement, ...]]:
        """The settings of the whole kernel that each service (by id) ran with, where they were changed."""
        if self.cached is not None:
            return dict(self.cached.host.kernel_requirements)
        return setting_requirements(self.snapshot, self.settings, self.workloads)

    @cached_property
    def kernel_choices(self) -> Mapping[str, tuple[KernelChoice, ...]]:
        """The exclusive choices that each service (by id) needs the kernel to make."""
        if self.cached is not None:
            return dict(self.cached.host.kernel_choices)
        return choices_of(self.snapshot, self.workloads)

    @cached_property
    def settings(self) -> tuple[Sysctl, ...]:
        """The kernel settings that were changed or that a file names, and those that a rule reads in any case."""
        if self.cached is not None:
            return self.cached.facts.settings
        return tuple(
            each
            for each in value_or_none(self.snapshot.sysctls) or ()
            if each.configured_in or (each.default is not None and each.value != each.default) or each.name in _READ
        )

    @cached_property
    def tuned_settings(self) -> tuple[Sysctl, ...]:
        """The kernel settings that an administrator changed."""
        return tuple(each for each in self.settings if tuned(each))

    @cached_property
    def socket_peers(self) -> Mapping[str, Mapping[str, Evidence]]:
        """For each service (by id) the services of the host to whose Unix sockets it was connected during the scan."""
        peers: dict[str, dict[str, Evidence]] = {}
        for client, tie in self.socket_connections:
            peers.setdefault(client, {}).setdefault(tie.companion, tie.evidence)
        return peers

    @cached_property
    def socket_connections(self) -> tuple[tuple[str, SocketTie], ...]:
        """(id of the client, socket of another service of the host to which it was connected during the scan)."""
        found: dict[tuple[str, str, str], SocketTie] = {}
        for tie in value_or_none(self.snapshot.unix_ties) or ():
            if not tie.path:
                continue
            server = next((self.workload_of_pid[pid] for pid in tie.server_pids if pid in self.workload_of_pid), None)
            for client in (self.workload_of_pid[pid] for pid in tie.client_pids if pid in self.workload_of_pid):
                if server is not None and client is not server and {client.kind, server.kind} == {"service"}:
                    fact = f"{client.name} was connected to {tie.path}, where {server.name} listens"
                    path = run_path(tie.path)
                    seen = SocketTie(server.id, path, Evidence(fact, tie.origin))
                    found.setdefault((client.id, server.id, path), seen)
        return tuple((client, tie) for (client, _, _), tie in found.items())

    @cached_property
    def segments_mapped(self) -> Mapping[str, tuple[MappedFile, ...]]:
        """Mapped segments of System V by the name that the kernel gives them (``/SYSV`` and the key)."""
        mapped: dict[str, list[MappedFile]] = {}
        for file in value_or_none(self.snapshot.libraries) or ():
            if file.path.startswith("/SYSV"):
                mapped.setdefault(file.path, []).append(file)
        return {name: tuple(each) for name, each in mapped.items()}

    @cached_property
    def workloads_of_uid(self) -> Mapping[int, tuple[Workload, ...]]:
        """The workloads with processes of each user."""
        owned: dict[int, dict[str, Workload]] = {}
        for workload in self.workloads:
            for process in workload.processes:
                owned.setdefault(process.uid, {})[workload.id] = workload
        return {uid: tuple(workloads.values()) for uid, workloads in owned.items()}

    @cached_property
    def java(self) -> tuple[JavaProcess, ...]:
        """The virtual machines of Java that run; empty when none was seen."""
        return self.cached.facts.java if self.cached is not None else value_or_none(self.snapshot.java) or ()

    def to_cache(self) -> CachedFacts:
        """Return the facts that a second pass over this host need not compute again."""
        pids = [process.pid for process in self.processes]
        ordered = all(earlier < later for earlier, later in pairwise(pids))
        programs = [program_of(process) for each in self.workloads for process in each.processes]
        paths = {path for each in programs for path in (each.executable, each.script) if path.startswith("/")}
        paths.update(path for each in self.workloads for path in each.executables)
        of_workloads = {name for each in self.workloads for package in each.packages for name in _names(package)}
        return CachedFacts(
            settings=self.settings,
            packages=self.package_owners.cached(paths, of_workloads.union(LIBC_PACKAGES)),
            others=tuple(each for each in self.processes if each.pid not in self.workload_of_pid) if ordered else None,
            kernel_threads=self.kernel_threads,
            utilisation_history=self.utilisation_history,
            java=self.java,
            unused_files=self.unused_files,
        )

    def account(self, uid: int) -> str:
        """The name of a user, or the number when it has none that we know."""
        users = value_or_none(self.snapshot.users)
        user = users.user(uid) if users else None
        return user.name if user else str(uid)

    def unseen_files(self, processes: Iterable[Process]) -> str:
        """Say why the open files of some of ``processes`` could not be read; "" when all were."""
        observation = self.snapshot.open_files
        if not isinstance(observation, Found):
            return observation.reason
        if not observation.gaps:
            return ""
        if any(process.pid not in self.files_by_pid for process in processes):
            return observation.gaps[0].reason
        return ""


def _names(package: str) -> tuple[str, str]:
    """A package as the database calls it, and without its architecture (``libc6:amd64``)."""
    return package, package.partition(":")[0]
