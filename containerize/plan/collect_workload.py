"""Ask a host for everything that the plan of a workload needs, except file contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assess.model import Workload
from containerize.closure.file_contents import LookupPaths, follow_references
from containerize.closure.file_set import FileSet
from containerize.closure.lean_image import languages_of, make_lean
from containerize.closure.package_ownership import PackageOwnership
from containerize.closure.package_publishers import Publishers, from_no_repository
from containerize.closure.permissions import GroupMembers, Permissions, RunningAccount
from containerize.closure.restricted_files import FileAccess
from containerize.closure.starting_points import add_evidence, library_path, search_path
from containerize.content_store import ContentStore
from containerize.host.access_lists import ask_access_lists
from containerize.host.file_survey import FileSurvey, survey
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import LiveProcess
from containerize.image.package_records import claim_records
from containerize.plan.application_data import listed_as_data, place_data
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.foreground_start import daemon_for
from containerize.plan.image_accounts import homes
from containerize.plan.model import LeftOutGroup, Volume
from containerize.plan.request import PlanRequest, Reporting
from containerize.plan.start_account import account
from containerize.plan.start_closure import add_managed_start
from containerize.plan.volumes import all_volumes, handed_over
from containerize.profile.expectations import host_aliases
from containerize.profile.peers import PeerFinder
from containerize.profile.socket_peers import SocketFinder, socket_directories
from containerize.start.start_sources import StartSources, read_sources
from containerize.transfer.content_origins import Origins
from containerize.transfer.host_file_reader import HostFileReader
from inventory.errors import BrownfieldError
from inventory.observation import value_or_none
from inventory.transports.transport import Transport


class NoProgramFile(BrownfieldError):
    """The program of the workload never was a file, so no image can have it."""


def collect_workload(
    request: PlanRequest, transport: Transport, content: ContentStore, reporting: Reporting
) -> CollectedWorkload:
    """Ask the host for everything but the content. Raises HostError, WorkspaceError and NoProgramFile."""
    if request.workload.main.in_memory:
        raise NoProgramFile(
            "its program runs from memory and has no file to take; find what unpacks it on the host (see "
            f"`assess explain {request.workload.id}`) and install that in an image as its vendor documents"
        )
    listed = listed_as_data(request)
    shown = socket_directories(request.host, listed)
    files = survey(transport, request.members, listed, shown, reporting.step)
    reporting.step("what it needs")
    placed = place_data(request, files)
    request, data = placed.request, dict(placed.outside)
    members = request.members
    sources = _sources(request, transport, files)
    file_set = _file_set(request, transport, files, data, sources)
    aliases = host_aliases(files.hosts_file)
    ships = Publishers(file_set, from_no_repository(request.host)).ships
    names = [each.id for each in request.workloads]
    peers = PeerFinder(request.estate.known, request.host.name, aliases, names, ships)
    sockets = SocketFinder(request.host, request.workloads, ships)

    def witness(path: str, data: bytes) -> None:
        peers.read(path, data)
        sockets.read(path, data)

    reader = HostFileReader(
        transport,
        file_set,
        content,
        Origins(content.root, request.host.name),
        witness=witness,
        progress=reporting.files,
        bytes_per_second=request.bytes_per_second,
        in_house=from_no_repository(request.host),
        excepted=request.not_secret,
        known_hashes=request.known_hashes,
    )
    live = [process for member in members for process in files.processes[member.id]]
    read_notes = follow_references(
        file_set, reader, LookupPaths(search_path(live), (*library_path(live), *files.library_directories))
    )
    # What they set is in the environment of the service; whether that may be told is seen in them.
    reader.read(environment_files(members, files.tree, sources.variable_files))
    volumes = _volumes(request, file_set, peers)
    for home, owner in _homes(file_set, files.passwd, live):
        # Mail is delivered and programs start there; what people keep in it stays on the host.
        file_set.reach(home, f"is the home directory of {owner}")
    claim_records(file_set)
    groups: tuple[LeftOutGroup, ...] = ()
    if request.level != "complete":
        groups = make_lean(file_set, languages_of(process.environment for process in live))
    socket_peers, socket_notes = sockets.peers(files.tree)
    for each in socket_peers:
        file_set.reach(each.directory, "is the empty place of a volume")
    reporting.step("hashes")
    reader.hash_all()
    having = (path for path in file_set.claims if (entry := files.tree.get(path)) is not None and entry.kind != "l")
    return CollectedWorkload(
        request=request,
        files=files,
        file_set=file_set,
        reader=reader,
        peers=peers.peers(),
        socket_peers=socket_peers,
        volumes=volumes,
        aliases=aliases,
        content=content,
        groups=groups,
        access_lists=ask_access_lists(transport, having),
        read_notes=(*placed.notes, *read_notes, *socket_notes),
        sources=sources,
    )


def _sources(request: PlanRequest, transport: Transport, files: FileSurvey) -> StartSources:
    """The units, init scripts and entries of all members, as they are on the host now."""
    snapshot = request.host.snapshot
    system = value_or_none(snapshot.system)
    return read_sources(
        transport,
        request.members,
        value_or_none(snapshot.services),
        files.passwd,
        lambda path: files.tree.resolve(path) is not None,
        system.hostname if system else snapshot.host,
    )


def _file_set(
    request: PlanRequest, transport: Transport, files: FileSurvey, data: dict[str, str], sources: StartSources
) -> FileSet:
    """The files that the running processes show, with what each of them brings."""
    # The inventory names directories as the service does, and a link may stand before the data.
    data |= {real.path: reason for path, reason in data.items() if (real := files.tree.resolve(path)) is not None}
    access = FileAccess(
        Permissions(files.tree, GroupMembers(files.passwd, files.group)),
        running_accounts(request.members, files),
        [path for member in request.members for path in member.configuration_roots],
        lambda paths: ask_access_lists(transport, paths),
    )
    ownership = PackageOwnership(files.tree, files.database)
    file_set = FileSet(files.tree, files.database, ownership, data, request.without, access)
    for member in request.members:
        add_evidence(file_set, member, files.processes[member.id])
        if (managed := sources.starts.get(member.id)) is not None:
            add_managed_start(file_set, managed, search_path(files.processes[member.id]))
    return file_set


def _volumes(request: PlanRequest, file_set: FileSet, peers: PeerFinder) -> tuple[Volume, ...]:
    """The volumes in the order of their paths; the peers then hold who hands files over to whom."""
    handed = handed_over(request.workloads, request.host.workloads, file_set.claims, file_set.tree)
    volumes = {volume.path: volume for volume, _ in handed}
    volumes |= {each.path: each for each in all_volumes(request.members, file_set.tree)}
    for path in volumes:
        file_set.reach(path, "is the empty place of a volume")
    for member in request.members:
        peers.connections(member)
    peers.add(peer for _, peer in handed)
    return tuple(volumes[path] for path in sorted(volumes))


def _homes(file_set: FileSet, passwd: bytes, live: Iterable[LiveProcess]) -> Iterable[tuple[str, str]]:
    """The home directories of the accounts that run something or own a file of the image, each with its account. A
    process of root can act for any person.
    """
    uids = {process.uid for process in live}
    owners = {entry.uid for path in file_set.claims if (entry := file_set.tree.get(path)) is not None}
    return homes(passwd, uids | owners, people=0 in uids).items()


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


def environment_files(members: Iterable[Workload], tree: HostTree, more: Iterable[str] = ()) -> Sequence[str]:
    """The real paths of EnvironmentFile= of the services, and of ``more`` files that set variables for them."""
    found: dict[str, None] = {}
    named = list(more)
    for member in members:
        text = member.service.property("EnvironmentFiles") if member.service is not None else ""
        named += re.findall(r"/[^\s()]+", text)
    for path in named:
        resolved = tree.resolve(path)
        if resolved is not None and (entry := tree.get(resolved.path)) and entry.kind == "f":
            found[resolved.path] = None
    return list(found)
