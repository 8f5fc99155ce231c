"""Everything known about a workload after its host was asked, and the plan made from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assess.knowledge.system_logins import logs_system_users_in
from assess.model import Workload
from containerize.closure.file_set import FileSet
from containerize.closure.permissions import GroupMembers, Permissions
from containerize.content_store import ContentStore
from containerize.host.access_lists import Attributes
from containerize.host.file_survey import FileSurvey
from containerize.host.process_listing import LiveProcess
from containerize.image.package_lists import list_of
from containerize.image.secret_search import ImageSearch
from containerize.plan.container_start import Starting, make_start
from containerize.plan.image_accounts import numbers, shadow_without_passwords, without_passwords
from containerize.plan.model import (
    ImagePlan,
    LeftOutGroup,
    PlannedPackage,
    RunDirectory,
    SecretMount,
    SocketPeer,
    Volume,
)
from containerize.plan.planned_files import GeneratedFile, left_out_list, planned_files
from containerize.plan.request import PlanRequest
from containerize.plan.run_directories import find_run_directories
from containerize.plan.start_service import StartSource
from containerize.plan.supervised_start import container_start
from containerize.plan.supervisor_files import is_available, supervisor_files
from containerize.profile.expectations import (
    KEPT_LIMITS,
    expected_processes,
    image_name,
    own_addresses,
    own_names,
    planned_ports,
)
from containerize.profile.observed_needs import capabilities_and_devices
from containerize.profile.peers import Peer
from containerize.secret_values.secret_sources import SecretTest
from containerize.secret_values.workload_secrets import WorkloadSecrets, collect, masked
from containerize.start.start_sources import NO_SOURCES, StartSources
from containerize.supervisor.service_spec import SupervisorSpec
from containerize.transfer.host_file_reader import HostFileReader
from inventory.observation import value_or_none

_MOST_NOT_EXAMINED = 50


@dataclass(frozen=True)
class CollectedWorkload:
    """Everything that the plan is made from."""

    request: PlanRequest
    files: FileSurvey
    file_set: FileSet
    reader: HostFileReader
    peers: tuple[Peer, ...]
    socket_peers: tuple[SocketPeer, ...]
    volumes: tuple[Volume, ...]
    aliases: tuple[tuple[str, str], ...]
    content: ContentStore
    groups: tuple[LeftOutGroup, ...]
    access_lists: Mapping[str, Attributes]
    read_notes: tuple[str, ...]
    sources: StartSources = NO_SOURCES
    known: WorkloadSecrets = field(default_factory=WorkloadSecrets, repr=False)

    @property
    def members(self) -> tuple[Workload, ...]:
        """The workload and what comes along with it in the same image."""
        return self.request.members

    @property
    def search(self) -> ImageSearch:
        """The search that the finished image must pass."""
        return ImageSearch(self.known, self.reader.public, self.reader.excepted)

    def settled(self) -> CollectedWorkload:
        """The same once the content is here: with the secrets that it showed, without the files that repeat them."""
        groups = GroupMembers(self.files.passwd, self.files.group)
        permissions = Permissions(self.files.tree, groups, dict(self.access_lists))
        secrets = collect(self.reader.learned, self.live, permissions)
        if secrets.known:
            self.reader.leave_out_known(secrets.known)
        return replace(self, known=secrets)

    @property
    def live(self) -> list[LiveProcess]:
        """The processes of all members, as they run now."""
        return [process for member in self.members for process in self.files.processes[member.id]]

    def plan(self) -> ImagePlan:
        """The plan, with a note for each thing that people should know."""
        workload, snapshot = self.request.workload, self.request.host.snapshot
        system = value_or_none(snapshot.system)
        secrets = self._secrets()
        run_directories = self._run_directories()
        files = planned_files(
            self.file_set,
            self.reader.hashes,
            outside=(*self.reader.secrets, *self.reader.missing),
            generated=self._generated(),
            run_directories=run_directories,
            capabilities=self.files.capabilities or {},
            access_lists=self.access_lists,
        )
        inside = {file.path for file in files} | {secret.path for secret in secrets}
        starting, spec = self._starting(inside, system.architecture if system else "")
        if spec is not None:
            added = supervisor_files(spec, system.architecture if system else "", self.content)
            files = tuple(sorted((*files, *added), key=lambda file: file.path))
        distribution = system.distribution if system else None
        request = self.request
        observed = capabilities_and_devices(self.live, request.workloads, request.host, request.estate.known)
        hostname = system.hostname if system else snapshot.host
        addresses, address_notes = own_addresses(request.workloads, request.host, self.peers, request.estate.known)
        plan = ImagePlan(
            workload=workload.id,
            host=snapshot.host,
            image=image_name(snapshot.host, workload.name),
            architecture=system.architecture if system else "",
            distribution=distribution.pretty_name if distribution else "unknown distribution",
            start=starting.start,
            files=files,
            volumes=self.volumes,
            secrets=secrets,
            run_directories=run_directories,
            ports=planned_ports(self.members),
            processes=expected_processes(self.members, self.request.host),
            unix_sockets=tuple(
                sorted({each.path for member in self.members for each in member.unix_sockets if each.listening})
            ),
            companions=tuple(member.id for member in self.request.companions),
            hostname=hostname,
            host_aliases=self.aliases,
            peers=self.peers,
            capabilities=tuple(each.name for each in observed if each.name.startswith("CAP_")),
            devices=tuple(each.name for each in observed if each.name.startswith("/dev/")),
            limits=tuple(row for row in self.live[0].limits if row[0] in KEPT_LIMITS and -1 not in row),
            shm_bytes=starting.shm_bytes,
            left_out=left_out_list(self.file_set, self.reader.missing, secrets),
            notes=(*self.read_notes, *starting.notes, *address_notes, *self._notes()),
            level="complete" if self.request.level == "complete" else "lean",
            groups=self.groups,
            packages=self._packages(),
            evidence=observed,
            socket_peers=self.socket_peers,
            own_names=own_names(self.files.hosts_file, hostname, self.request.host.addresses),
            own_addresses=addresses,
        )
        return masked(plan, self.known)

    def _packages(self) -> tuple[PlannedPackage, ...]:
        file_set = self.file_set
        rows = {
            file_set.database.packages[key].name: (clause, *file_set.also_packages.get(key, ()))
            for key, clause in file_set.packages.items()
        }
        return tuple(PlannedPackage(name, rows[name]) for name in sorted(rows))

    def _starting(self, inside: set[str], architecture: str) -> tuple[Starting, SupervisorSpec | None]:
        def is_inside(path: str) -> bool:
            resolved = self.files.tree.resolve(path)
            return resolved is not None and resolved.path in inside

        users, groups = numbers(self.files.passwd), numbers(self.files.group)
        starts = []
        for member in self.members:
            if running := self.files.processes[member.id]:
                managed, hidden = self.sources.starts.get(member.id), self.sources.secret.get(member.id, frozenset())
                source = StartSource(managed, hidden, users, groups)
                starts.append(make_start(member, running, self.files.tree, is_inside, SecretTest(self.known), source))
        return container_start(starts, lambda: is_available(architecture))

    def _secrets(self) -> tuple[SecretMount, ...]:
        mounts = []
        for path, why in sorted(self.reader.secrets.items()):
            entry = self.files.tree.get(path)
            if entry is not None and path in self.file_set.claims:
                mounts.append(SecretMount(path, entry.uid, entry.gid, entry.mode, why))
        return tuple(mounts)

    def _run_directories(self) -> tuple[RunDirectory, ...]:
        uids = frozenset(process.uid for process in self.live if process.uid)
        users, groups = numbers(self.files.passwd), numbers(self.files.group)
        found: dict[str, RunDirectory] = {}
        for member in self.members:
            managed = self.sources.starts.get(member.id)
            wanted = (self.file_set, member, self.files.tmpfiles, users, groups, uids)
            for each in find_run_directories(*wanted, managed):
                found.setdefault(each.path, each)
        return tuple(found[path] for path in sorted(found))

    def _generated(self) -> tuple[GeneratedFile, ...]:
        """Accounts without passwords, and the package database of what is inside."""
        passwd, group = self.files.passwd, self.files.group
        rows = [
            ("/etc/passwd", without_passwords(passwd), "holds the accounts of the host, without passwords"),
            ("/etc/group", without_passwords(group), "holds the groups of the host, without passwords"),
        ]
        if "/etc/shadow" in self.files.tree:
            shadow = shadow_without_passwords(passwd)
            rows.append(("/etc/shadow", shadow, "was made here: every account, and no password"))
        rows += self._package_list()
        generated = []
        for path, data, reason in rows:
            entry = self.files.tree.get(path)
            mode, uid, gid = (entry.mode, entry.uid, entry.gid) if entry else (0o644, 0, 0)
            digest = self.content.put(data)
            generated.append(GeneratedFile(path, digest, len(data), mode, uid, gid, 0, reason))
        return tuple(generated)

    def _package_list(self) -> Iterator[tuple[str, bytes, str]]:
        """Path, content and reason of the lists of packages inside."""
        database = self.files.database
        known = list_of(database.manager)
        if known is None or not self.file_set.packages:
            return
        inside = [database.packages[key] for key in self.file_set.packages]
        for path, content in known.cut(self.files.package_answers, database, inside).items():
            yield known.place(path, self.files.tree), content, known.reason

    def _not_examined(self) -> Iterator[str]:
        """Files of the image that could not be searched for secrets."""
        rows = {path: why for path, why in sorted(self.reader.not_examined.items()) if path in self.file_set.claims}
        for path, why in islice(rows.items(), _MOST_NOT_EXAMINED):
            yield f"not examined for secrets: {path} ({'; '.join(why)})"
        if len(rows) > _MOST_NOT_EXAMINED:
            yield f"not examined for secrets: {len(rows) - _MOST_NOT_EXAMINED} more files"

    def _notes(self) -> Sequence[str]:
        notes = list(self.files.tree.notes)
        notes += [
            f"{member.id} was not running, so the container does not start it; start it on the host, and build again"
            for member in self.members
            if not self.files.processes[member.id]
        ]
        if any(logs_system_users_in(each.executable, path) for each in self.live for path in each.mapped):
            notes.append(
                "accounts of the host log in to the service, and the image has them without passwords: no login works "
                "until a file with the lines of these accounts is mounted over /etc/shadow as a secret; pilots try none"
            )
        if self.files.database.trouble:
            notes.append(self.files.database.trouble)
        if not self.files.database.packages:
            notes.append("no package database could be read: only what processes use and configuration names is inside")
        elif not self.file_set.packages:
            notes.append("no package owns what it runs: only what processes use and configuration names is inside")
        if self.files.capabilities is None:
            notes.append("the host has no getcap: capabilities of files, if there are any, are lost")
        notes += [
            f"the host has no {algorithm}sum, so {count} files could not be compared with their packages"
            for algorithm, count in sorted(self.reader.unchecked.items())
        ]
        notes += [
            f"the open files of process {process.pid} are not known: a file name among them imitates the listing"
            for process in self.live
            if process.doubtful
        ]
        notes += [f"{path} {why}" for path, why in sorted(self.reader.missing.items())]
        notes += self._not_examined()
        notes += [
            f"{path} was declared not secret and is inside: {why}"
            for path, why in sorted(self.reader.declared.items())
            if path in self.file_set.claims
        ]
        notes += [
            f"{path} is left out because of --without; it {'; it '.join(reasons)}"
            if reasons
            else f"--without {path} changes nothing: nothing asks for it"
            for path, reasons in sorted(self.file_set.depended.items())
        ]
        return notes
