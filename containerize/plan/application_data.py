"""The data of a workload once the files of its applications were listed.

The inventory names the directories that a service may write; an application's own directory is among them where it
belongs to the account that runs it. Here its code becomes part of the image and its data a volume.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assess.model import DataDirectory, Evidence, Workload
from assess.workloads.configuration_roots import paths_in
from assess.workloads.program import program_of
from containerize.closure import path_rules
from containerize.closure.application_directories import data_directories
from containerize.closure.code_and_data import DividedTree, divide, holds_code
from containerize.host.file_survey import FileSurvey
from containerize.host.file_tree import FileEntry, HostTree
from containerize.plan.request import PlanRequest
from containerize.plan.volumes import data_of


@dataclass(frozen=True)
class PlacedData:
    """``request`` has the workloads with the data that they have in truth. ``outside`` maps what no image has to its
    reason; ``mixed`` are directories that are volumes, and whose code is in the image as well.
    """

    request: PlanRequest
    outside: Mapping[str, str]
    mixed: Sequence[str] = ()

    @property
    def notes(self) -> Iterator[str]:
        """Sentences for people."""
        for path in self.mixed:
            yield (
                f"{path} holds code and data, and both belong to the service: it is a volume that has to be filled "
                "with a copy, and its code is in the image as well"
            )


def listed_as_data(request: PlanRequest) -> dict[str, str]:
    """The data directories of the host's workloads that need not be listed: those that hold none of the code that the
    members run.
    """
    applications = frozenset(_claimed_applications(request))
    every = data_of(request.members) | data_of(request.host.workloads)
    return {path: reason for path, reason in every.items() if path not in applications}


def place_data(request: PlanRequest, files: FileSurvey) -> PlacedData:
    """Divide the applications of the members into code and data."""
    outside = listed_as_data(request)
    volumes: dict[str, list[DataDirectory]] = {}
    mixed: list[str] = []
    claimed = frozenset(_claimed_applications(request))
    for path in sorted(claimed | frozenset(_application_roots(request.members, files.tree, claimed))):
        resolved = files.tree.resolve(path)
        if resolved is None:
            continue
        divided = _divided(resolved.path, request, files, outside)
        if path in claimed and not divided.data and not holds_code(files.tree, resolved.path):
            outside[path] = f"data of {request.workload.id}"
            continue
        volumes[path] = [_directory(files.tree, place, reason) for place, reason in sorted(divided.data.items())]
        mixed += sorted(divided.mixed)
        outside |= {place: _reason(request, why) for place, why in divided.outside.items()}
        outside |= {place: _reason(request, why) for place, why in divided.data.items() if place not in divided.mixed}
    return PlacedData(_with_volumes(request, volumes), outside, mixed)


def _reason(request: PlanRequest, why: str) -> str:
    return f"data of {request.workload.id} ({why})"


def _directory(tree: HostTree, path: str, reason: str) -> DataDirectory:
    entry = tree.get(path)
    uid, gid, mode = (entry.uid, entry.gid, entry.mode) if entry is not None else (0, 0, 0o755)
    return DataDirectory(path, uid, gid, mode, (Evidence(reason),))


def _divided(path: str, request: PlanRequest, files: FileSurvey, outside: Iterable[str]) -> DividedTree:
    live = [process for member in request.members for process in files.processes[member.id]]
    accounts = [(process.uid, frozenset((process.gid, *process.groups))) for process in live]
    opened = {each for process in live for each in process.opened if path_rules.is_below(each, path)}
    known = [each for each in outside if path_rules.is_below(each, path)]
    return divide(files.tree, path, opened, _writable(accounts), known)


def _writable(accounts: Sequence[tuple[int, frozenset[int]]]) -> Callable[[FileEntry], bool]:
    """Whether the accounts may write something. Of root that says nothing, unless all run as root."""
    ordinary = [(uid, gids - {0}) for uid, gids in accounts if uid]

    def writable(entry: FileEntry) -> bool:
        if not ordinary:
            return bool(accounts)
        return any(
            (entry.uid == uid and entry.mode & 0o200)
            or (entry.gid in gids and entry.mode & 0o020)
            or entry.mode & 0o002
            for uid, gids in ordinary
        )

    return writable


def _with_volumes(request: PlanRequest, volumes: Mapping[str, Sequence[DataDirectory]]) -> PlanRequest:
    """The request with other data in its workloads: what was divided is taken apart, what was found is added to the
    first member.
    """
    named = {each.path for member in request.members for each in data_directories(member)}
    found = [each for path, directories in volumes.items() if path not in named for each in directories]

    def placed(workload: Workload, more: Sequence[DataDirectory] = ()) -> Workload:
        data = [part for each in data_directories(workload) for part in volumes.get(each.path, (each,))]
        return replace(workload, data=(*data, *more))

    first = placed(request.workload, found)
    if request.workload.parts:
        head, *rest = request.workload.parts
        first = replace(first, parts=(placed(head, found), *map(placed, rest)))
    companions = tuple(
        replace(placed(each), parts=tuple(map(placed, each.parts))) if each.parts else placed(each)
        for each in request.companions
    )
    return replace(request, workload=first, companions=companions)


# Which directories are applications


def _claimed_applications(request: PlanRequest) -> Iterator[str]:
    """Data directories, by the inventory, of any workload of the host in which a member's own code is."""
    runs = [path for member in request.members for path in _programs(member)]
    works = [path for member in request.members for path in _surroundings(member)]
    for path in {**data_of(request.members), **data_of(request.host.workloads)}:
        inside = any(path_rules.is_below(each, path) and each != path for each in runs)
        if inside or (_is_deployed(path) and any(path_rules.is_below(each, path) for each in works)):
            yield path


def _application_roots(members: Iterable[Workload], tree: HostTree, claimed: Iterable[str]) -> Iterator[str]:
    """Directories of applications that are not data as a whole, in which some may be."""
    claimed = tuple(claimed)
    for member in members:
        for path in (*_programs(member), *_surroundings(member)):
            resolved = tree.resolve(path)
            entry = tree.get(resolved.path) if resolved is not None else None
            if resolved is None or entry is None:
                continue
            root = path_rules.application_root(resolved.path, directory=entry.kind == "d")
            if root and _is_deployed(root) and not path_rules.below_any(root, claimed):
                yield root


def _is_deployed(path: str) -> bool:
    """Whether people put applications there, by the path alone."""
    return (
        path != "/"
        and path_rules.application_root(path, directory=True) is not None
        and not path_rules.in_search_directory(path)
    )


def _programs(workload: Workload) -> Iterator[str]:
    """The files that a workload runs, by the inventory."""
    for process in workload.all_processes:
        program = program_of(process)
        yield from (path for path in (program.executable, program.script) if path.startswith("/"))
    if workload.service is not None:
        for name in ("ExecStart", "ExecStartPre", "ExecStartPost"):
            yield from paths_in(workload.service.property(name))


def _surroundings(workload: Workload) -> Iterator[str]:
    """The working directories of a workload, and what configures it."""
    for process in workload.all_processes:
        if (process.working_directory or "").startswith("/"):
            yield process.working_directory or ""
    yield from workload.configuration_roots
