"""Making the plan of a workload: the host is asked, the closure is found, and everything has its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assess.model import Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from containerize.closure import file_contents
from containerize.closure.file_set import FileSet
from containerize.closure.lean_image import languages_of, make_lean
from containerize.closure.package_ownership import PackageOwnership
from containerize.closure.package_publishers import Publishers, from_no_repository
from containerize.closure.permissions import GroupMembers, Permissions, RunningAccount
from containerize.closure.restricted_files import FileAccess
from containerize.closure.starting_points import add_evidence, search_path
from containerize.content_store import ContentStore
from containerize.host.access_lists import Attributes, ask_access_lists
from containerize.host.file_survey import FileSurvey, survey
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import LiveProcess
from containerize.image.package_lists import list_of
from containerize.image.package_records import claim_records
from containerize.image.secret_search import ImageSearch
from containerize.known_secrets.secret_sources import SecretTest
from containerize.known_secrets.workload_secrets import WorkloadSecrets, collect, masked
from containerize.plan.foreground_start import daemon_for
from containerize.plan.image_accounts import homes, numbers, shadow_without_passwords, without_passwords
from containerize.plan.model import ImagePlan, LeftOutGroup, Level, PlannedPackage, RunDirectory, SecretMount, Volume
from containerize.plan.multi_process import combined_start
from containerize.plan.planned_files import GeneratedFile, left_out_list, planned_files
from containerize.plan.run_directories import find_run_directories
from containerize.plan.start import Starting, make_start
from containerize.plan.start_account import account
from containerize.plan.volumes import all_volumes, data_of, handed_over
from containerize.profile.expectations import KEPT_LIMITS, expected_processes, host_aliases, image_name, planned_ports
from containerize.profile.observed_needs import capabilities_and_devices
from containerize.profile.peers import Peer, PeerFinder
from containerize.transfer.content_fetch import Progress
from containerize.transfer.content_origins import Origins
from containerize.transfer.host_file_reader import HostFileReader
from inventory.errors import BrownfieldError
from inventory.observation import value_or_none
from inventory.transports.transport import Transport

_MOST_NOT_EXAMINED = 50


class NoProgramFile(BrownfieldError):
    """The program of the workload never was a file, so no image can have it."""


@dataclass(frozen=True)
class Reporting:
    """Where progress goes: ``step`` gets a few words, ``files`` what arrived."""

    step: Callable[[str], None] = lambda _step: None
    files: Progress = lambda _files, _size: None


@dataclass(frozen=True)
class PlanRequest:
    """What is to be planned. ``bytes_per_second`` 0 is unlimited; ``fetch`` False leaves most content on the host.

    A plan of the level ``observed`` begins as a lean one: what its pilot uses is known only later. ``without`` are
    paths that are left out whoever asks for them, ``not_secret`` those that a person declared harmless.
    """

    workload: Workload
    companions: tuple[Workload, ...]
    host: HostFacts
    estate: EstateFacts
    fetch: bool = True
    bytes_per_second: int = 0
    level: Level = "complete"
    without: tuple[str, ...] = ()
    not_secret: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedBuild:
    """A plan, how many bytes the host sent for it, and the search that its image must pass."""

    plan: ImagePlan
    fetched: int
    search: ImageSearch


def make_plan(
    request: PlanRequest, transport: Transport, content: ContentStore, reporting: Reporting | None = None
) -> PlannedBuild:
    """Ask the host and make the plan. All content of the plan is in ``content`` when ``request.fetch`` was set. Raises
    HostError, WorkspaceError and NoProgramFile.
    """
    reporting = reporting or Reporting()
    gathered = collect_workload(request, transport, content, reporting)
    if request.fetch:
        reporting.step("content")
        gathered.reader.fetch_all()
    gathered = gathered.settled()
    return PlannedBuild(gathered.plan(), gathered.reader.fetched, gathered.search)


def collect_workload(
    request: PlanRequest, transport: Transport, content: ContentStore, reporting: Reporting
) -> CollectedWorkload:
    """Ask the host for everything but the content. Raises HostError, WorkspaceError and NoProgramFile."""
    if request.workload.main.in_memory:
        raise NoProgramFile(
            "its program runs from memory and has no file to take; find what unpacks it on the host (see "
            f"`assess explain {request.workload.id}`) and install that in an image as its maker says"
        )
    members = (request.workload, *request.companions)
    data = data_of(request.host.workloads) | data_of(members)
    files = survey(transport, members, data, reporting.step)
    reporting.step("what it needs")
    # The inventory names directories as the service does, and a link may stand before the data.
    data |= {real.path: reason for path, reason in data.items() if (real := files.tree.resolve(path)) is not None}
    ownership = PackageOwnership(files.tree, files.database)
    access = FileAccess(
        Permissions(files.tree, GroupMembers(files.passwd, files.group)),
        running_accounts(members, files),
        [path for member in members for path in member.configuration_roots],
        lambda paths: ask_access_lists(transport, paths),
    )
    gathering = FileSet(files.tree, files.database, ownership, data, request.without, access)
    for member in members:
        add_evidence(gathering, member, files.processes[member.id])
    aliases = host_aliases(files.hosts_file)
    names = [member.id for member in members]
    ships = Publishers(gathering, from_no_repository(request.host)).ships
    peers = PeerFinder(request.estate, request.host.name, aliases, names, ships)
    reader = HostFileReader(
        transport,
        gathering,
        content,
        Origins(content.root, request.host.name),
        witness=peers.read,
        progress=reporting.files,
        bytes_per_second=request.bytes_per_second,
        in_house=from_no_repository(request.host),
        excepted=request.not_secret,
    )
    live = [process for member in members for process in files.processes[member.id]]
    surroundings = file_contents.LookupPaths(search_path(live), files.library_directories)
    notes = file_contents.close(gathering, reader, surroundings)
    # What they set is in the environment of the service; whether that may be told is seen in them.
    reader.read(environment_files(members, files.tree))
    handed = handed_over(members, request.host.workloads, gathering.claims, files.tree)
    volumes = {volume.path: volume for volume, _ in handed} | {
        each.path: each for each in all_volumes(members, files.tree)
    }
    for path in volumes:
        gathering.reach(path, "is the empty place of a volume")
    for member in members:
        peers.connections(member)
    peers.add(peer for _, peer in handed)
    for home, owner in homes(files.passwd).items():
        # Mail is delivered and programs start there; what people keep in it stays on the host.
        gathering.reach(home, f"is the home directory of {owner}")
    claim_records(gathering)
    groups: tuple[LeftOutGroup, ...] = ()
    if request.level != "complete":
        groups = make_lean(gathering, languages_of(process.environment for process in live))
    reporting.step("hashes")
    reader.hash_all()
    having = (path for path in gathering.claims if (entry := files.tree.get(path)) is not None and entry.kind != "l")
    access_lists = ask_access_lists(transport, having)
    return CollectedWorkload(
        request,
        members,
        files,
        gathering,
        reader,
        peers.peers(),
        tuple(volumes[path] for path in sorted(volumes)),
        aliases,
        content,
        groups,
        access_lists,
        tuple(notes),
    )


def running_accounts(members: Iterable[Workload], files: FileSurvey) -> frozenset[RunningAccount]:
    """The accounts that the services run under; root too where a service is started by it."""
    groups = GroupMembers(files.passwd, files.group)
    found = set()
    for member in members:
        live = files.processes[member.id]
        found |= {RunningAccount(each.uid, frozenset((each.gid, *each.groups))) for each in live}
        for process in live[:1]:
            daemon = daemon_for(process.executable)
            if account(process, member, daemon.user if daemon else "")[0]:
                found.add(RunningAccount(0, groups.of(0)))
        if any(job.user == "root" for job in member.schedules):
            found.add(RunningAccount(0, groups.of(0)))
    return frozenset(found)


def environment_files(members: Iterable[Workload], tree: HostTree) -> Sequence[str]:
    """The real paths of EnvironmentFile= of the services."""
    found: dict[str, None] = {}
    for member in members:
        text = member.service.property("EnvironmentFiles") if member.service is not None else ""
        for path in re.findall(r"/[^\s()]+", text):
            resolved = tree.resolve(path)
            if resolved is not None and (entry := tree.get(resolved.path)) and entry.kind == "f":
                found[resolved.path] = None
    return list(found)


@dataclass(frozen=True)
class CollectedWorkload:
    """Everything that is known when the plan is written down."""

    request: PlanRequest
    members: tuple[Workload, ...]
    files: FileSurvey
    gathering: FileSet
    reader: HostFileReader
    peers: tuple[Peer, ...]
    volumes: tuple[Volume, ...]
    aliases: tuple[tuple[str, str], ...]
    content: ContentStore
    groups: tuple[LeftOutGroup, ...]
    access_lists: Mapping[str, Attributes]
    read_notes: tuple[str, ...]
    known: WorkloadSecrets = field(default_factory=WorkloadSecrets, repr=False)

    @property
    def search(self) -> ImageSearch:
        """What the finished image is searched for."""
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
            self.gathering,
            self.reader.hashes,
            outside=(*self.reader.secrets, *self.reader.missing),
            generated=self._generated(),
            run_directories=run_directories,
            capabilities=self.files.capabilities or {},
            access_lists=self.access_lists,
        )
        starting = self._starting({file.path for file in files} | {secret.path for secret in secrets})
        distribution = system.distribution if system else None
        observed = capabilities_and_devices(self.live, self.members, self.request.host, self.request.estate)
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
            hostname=system.hostname if system else snapshot.host,
            host_aliases=self.aliases,
            peers=self.peers,
            capabilities=tuple(each.name for each in observed if each.name.startswith("CAP_")),
            devices=tuple(each.name for each in observed if each.name.startswith("/dev/")),
            limits=tuple(row for row in self.live[0].limits if row[0] in KEPT_LIMITS and -1 not in row),
            shm_bytes=starting.shm_bytes,
            left_out=left_out_list(self.gathering, self.reader.missing, secrets),
            notes=(*self.read_notes, *starting.notes, *self._notes()),
            level="complete" if self.request.level == "complete" else "lean",
            groups=self.groups,
            packages=self._packages(),
            evidence=observed,
        )
        return masked(plan, self.known)

    def _packages(self) -> tuple[PlannedPackage, ...]:
        gathering = self.gathering
        rows = {
            gathering.database.packages[key].name: (clause, *gathering.also_packages.get(key, ()))
            for key, clause in gathering.packages.items()
        }
        return tuple(PlannedPackage(name, rows[name]) for name in sorted(rows))

    def _starting(self, inside: set[str]) -> Starting:
        def is_inside(path: str) -> bool:
            resolved = self.files.tree.resolve(path)
            return resolved is not None and resolved.path in inside

        starts = [
            make_start(member, running, self.files.tree, is_inside, SecretTest(self.known))
            for member in self.members
            if (running := self.files.processes[member.id])
        ]
        return combined_start(starts) if len(starts) > 1 else starts[0]

    def _secrets(self) -> tuple[SecretMount, ...]:
        mounts = []
        for path, why in sorted(self.reader.secrets.items()):
            entry = self.files.tree.get(path)
            if entry is not None and path in self.gathering.claims:
                mounts.append(SecretMount(path, entry.uid, entry.gid, entry.mode, why))
        return tuple(mounts)

    def _run_directories(self) -> tuple[RunDirectory, ...]:
        uids = frozenset(process.uid for process in self.live if process.uid)
        users, groups = numbers(self.files.passwd), numbers(self.files.group)
        found: dict[str, RunDirectory] = {}
        for member in self.members:
            for each in find_run_directories(self.gathering, member, self.files.tmpfiles, users, groups, uids):
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
        """Path, content and reason of what tells which packages are inside."""
        database = self.files.database
        known = list_of(database.manager)
        if known is None or not self.gathering.packages:
            return
        inside = [database.packages[key] for key in self.gathering.packages]
        for path, content in known.cut(self.files.package_answers, database, inside).items():
            yield known.place(path, self.files.tree), content, known.reason

    def _not_examined(self) -> Iterator[str]:
        """What is inside and may hold a secret that could not be looked for."""
        rows = {path: why for path, why in sorted(self.reader.not_examined.items()) if path in self.gathering.claims}
        for path, why in islice(rows.items(), _MOST_NOT_EXAMINED):
            yield f"not examined for secrets: {path} ({'; '.join(why)})"
        if len(rows) > _MOST_NOT_EXAMINED:
            yield f"not examined for secrets: {len(rows) - _MOST_NOT_EXAMINED} more files"

    def _notes(self) -> Sequence[str]:
        notes = list(self.files.tree.notes)
        if self.files.database.trouble:
            notes.append(self.files.database.trouble)
        if not self.files.database.packages:
            notes.append("no package database could be read: only what processes use and configuration names is inside")
        elif not self.gathering.packages:
            notes.append("no package owns what it runs: only what processes use and configuration names is inside")
        if self.files.capabilities is None:
            notes.append("the host has no getcap: capabilities of files, if there are any, are lost")
        notes += [
            f"the host has no {algorithm}sum, so that nobody can tell of {count} files whether they are their packages'"
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
            if path in self.gathering.claims
        ]
        notes += [
            f"{path} is left out as --without says; it {'; it '.join(reasons)}"
            if reasons
            else f"--without {path} changes nothing: nothing asks for it"
            for path, reasons in sorted(self.gathering.depended.items())
        ]
        return notes
