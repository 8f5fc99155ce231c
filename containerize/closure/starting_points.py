"""The starting points of a closure: programs, open files and arguments of a workload's processes, and what the
inventory found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assess.model import Workload
from containerize.closure import path_rules
from containerize.closure.dependent_packages import add_dependents, add_search_directory
from containerize.closure.file_set import FileSet
from containerize.closure.named_places import add_named_places
from containerize.closure.references import find_references, references_in_arguments
from containerize.host.process_listing import LiveProcess

DEFAULT_SEARCH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def search_path(processes: Sequence[LiveProcess]) -> tuple[str, ...]:
    """PATH of the processes, with the usual directories behind it: a script may set its own."""
    found: dict[str, None] = {}
    for process in processes:
        for entry in process.environment:
            if entry.startswith(b"PATH="):
                for place in entry[5:].decode("utf-8", "surrogateescape").split(":"):
                    if place.startswith("/"):
                        found[place.rstrip("/") or "/"] = None
    return (*found, *(place for place in DEFAULT_SEARCH if place not in found))


def library_path(processes: Sequence[LiveProcess]) -> tuple[str, ...]:
    """LD_LIBRARY_PATH of the processes."""
    found: dict[str, None] = {}
    for process in processes:
        for entry in process.environment:
            if entry.startswith(b"LD_LIBRARY_PATH="):
                for place in entry.partition(b"=")[2].decode("utf-8", "surrogateescape").replace(";", ":").split(":"):
                    if place.startswith("/"):
                        found[place.rstrip("/") or "/"] = None
    return tuple(found)


def add_evidence(file_set: FileSet, workload: Workload, processes: Sequence[LiveProcess]) -> None:
    """Bring everything that one workload (the main one or a companion) shows."""
    _essential(file_set)
    search = search_path(processes)
    for process in processes:
        _process(file_set, process, search)
    _packages(file_set, workload)
    _service(file_set, workload)
    add_dependents(file_set, workload, processes)
    add_named_places(file_set, workload)
    file_set.accounts |= {process.uid for process in processes}
    for path in workload.configuration_roots:
        file_set.use(path, f"is configuration or code of {workload.id}")
    for job in workload.schedules:
        mentions = find_references("job.sh", job.command.encode("utf-8", "surrogateescape"))
        with file_set.on_behalf_of(job.place):
            _use_all(file_set, mentions.paths, f"is named by a job in {job.place}")
            _run_all(file_set, mentions.programs, search, f"is run by a job in {job.place}")


def _essential(file_set: FileSet) -> None:
    for path in path_rules.skeleton():
        file_set.reach(path, "is expected by every program")
    for path in path_rules.basics():
        file_set.reach(path, "is read by the system's libraries and shells")
    for name in path_rules.basic_packages():
        file_set.package_named(name, "whose files are read by the system's libraries")
    for key in sorted(file_set.essential):
        package = file_set.database.packages[key]
        file_set.package(
            key,
            "which is essential: programs rely on it without saying so"
            if package.essential
            else "which the essential packages depend on",
        )


def _process(file_set: FileSet, process: LiveProcess, search: Sequence[str]) -> None:
    who = process.executable
    file_set.use(process.executable, "is the program of the service")
    for path in process.mapped:
        file_set.use(path, f"is mapped by {who}")
    for path in process.opened:
        _opened(file_set, path, who)
    if process.arguments:
        _command_name(file_set, process.arguments[0], search)
    with file_set.on_behalf_of_account(process.uid, f"an argument or a variable of {who}"):
        _named(file_set, process)
    if process.working_directory not in ("", "/"):
        file_set.use(process.working_directory, f"is the working directory of {who}")


def _named(file_set: FileSet, process: LiveProcess) -> None:
    """Add the files named in a process's arguments and environment, on behalf of its account: it can overwrite both."""
    paths = references_in_arguments(process.arguments).paths
    _use_all(file_set, paths, f"is an argument of {process.executable}")
    for entry in process.environment:
        name, _, value = entry.partition(b"=")
        label = name.decode("utf-8", "replace")
        if label in _SESSION_VARIABLES:
            continue
        _use_all(file_set, references_in_arguments((value,)).paths, f"is named in the environment variable {label}")


_SESSION_VARIABLES = frozenset(
    {"PATH", "HOME", "SHELL", "PWD", "OLDPWD", "MAIL", "LOGNAME", "SSH_TTY", "_", "LS_COLORS"}
)
"""What a login or an init script leaves in every environment says nothing of the service."""


def _command_name(file_set: FileSet, first: bytes, search: Sequence[str]) -> None:
    """argv[0] may be another name than the executable: ``/usr/bin/python3`` is a link, and programs look at it."""
    name = first.decode("utf-8", "surrogateescape").split(" ")[0].rstrip(":")
    if name.startswith("/"):
        file_set.use(name, "is the name by which the service was started")
    elif found := file_set.tree.find_program(name, search):
        file_set.use(found, "is the name by which the service was started")


def _opened(file_set: FileSet, path: str, who: str) -> None:
    clause = f"is held open by {who}"
    if path_rules.below_any(path, ("/var/log", "/var/spool", "/var/cache")):
        file_set.use(path.rpartition("/")[0], f"holds files that {who} has open")
    elif not path_rules.left_out(path):
        file_set.use(path, clause)


def _packages(file_set: FileSet, workload: Workload) -> None:
    for name in workload.packages:
        file_set.package_named(name, "which owns programs of the service")
    file_set.package_named(workload.name, "which has the service's name")


def _service(file_set: FileSet, workload: Workload) -> None:
    service = workload.service
    if service is None:
        return
    if service.path:
        resolved = file_set.tree.resolve(service.path)
        owner = file_set.ownership.owner(resolved.path) if resolved else None
        if owner is not None:
            file_set.package(owner, f"which brings {service.path}, by which the service is started")
    environment_files = service.property("EnvironmentFiles")
    for place in ("/etc/default", "/etc/sysconfig", "/etc/conf.d"):
        # What systemd reads itself is in the environment of the process already.
        if f"{place}/{service.name}" not in environment_files:
            file_set.use(f"{place}/{service.name}", "holds settings of the service")
    texts = [value for name, value in service.properties if name.startswith("Exec") or name == "WorkingDirectory"]
    if service.text and not file_set.ownership.owner(service.path):
        texts.append(service.text)
    for text in texts:
        mentions = find_references("unit.sh", text.encode("utf-8", "surrogateescape"))
        _use_all(
            file_set, mentions.paths - {"/lib/lsb/init-functions"}, f"is named by the service's unit ({service.name})"
        )


def _use_all(file_set: FileSet, paths: Iterable[str], clause: str) -> None:
    for path in sorted(paths):
        if path != "/":
            file_set.use(path, clause)
            add_search_directory(file_set, path)


def _run_all(file_set: FileSet, programs: Iterable[str], search: Sequence[str], clause: str) -> None:
    for name in sorted(programs):
        if found := file_set.tree.find_program(name, search):
            file_set.use(found, clause)
