"""The command of a service: the manager's where the process agrees with it, else the one seen."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from assess.model import Workload
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import LiveProcess
from containerize.plan.foreground_start import foreground
from containerize.plan.start_environment import USUAL_PATH
from containerize.start.managed_start import Kind, ManagedStart
from inventory.products.product import ForegroundTable


@dataclass(frozen=True)
class StartVector:
    """The vector of a service. ``managed`` says that its manager starts the program itself, so that nothing between
    them sets variables; ``doubtful`` that the program may leave the foreground or not.
    """

    arguments: tuple[str, ...] = field(repr=False)
    kind: Kind
    reason: str
    managed: bool = False
    doubtful: bool = False
    notes: tuple[str, ...] = ()


def choose_vector(
    workload: Workload,
    process: LiveProcess,
    daemon: ForegroundTable | None,
    tree: HostTree,
    inside: Callable[[str], bool],
    managed: ManagedStart | None,
) -> StartVector:
    """The command of the service. ``daemon`` is what a product file knows of its foreground form."""
    seen = tuple(argument.decode("utf-8", "surrogateescape") for argument in process.arguments)
    name = program_name(process, tree, inside)
    direct = managed is not None and _starts_directly(managed, process, tree)
    hidden = rewrote_its_title(process, tree)
    agrees = managed is not None and (hidden or _agrees(managed.arguments, seen, tree))
    if daemon is not None:
        titled = direct and hidden and managed is not None and not daemon.title
        given = managed.arguments if titled and managed is not None else seen
        return StartVector(foreground(daemon, name, given), "simple", daemon.reason, managed=direct)
    if managed is not None and direct and (agrees or managed.kind == "oneshot"):
        return StartVector(_located(managed, tree), managed.kind, _reason(managed), managed=True)
    if managed is not None and not direct and (hidden or managed.kind != "simple") and _is_there(managed, tree, inside):
        return StartVector(_located(managed, tree), managed.kind, _reason(managed), managed=True)
    notes: tuple[str, ...] = ()
    if managed is not None and direct:
        notes = (f"{managed.source} now has another command than the running process, which is taken as it runs",)
    if hidden:
        reason = "its executable alone: it hides its command line, and no other source has it"
        return StartVector((name,), "forking", reason, doubtful=True, notes=notes)
    stays = _stays(workload, managed)
    if stays:
        reason = f"the main process as it was observed, which stays in the foreground ({stays})"
        return StartVector((name, *seen[1:]), "simple", reason, managed=direct, notes=notes)
    doubtful = process.ppid == 1
    reason = "the main process as it was observed"
    kind_seen: Kind = "forking" if doubtful else "simple"
    return StartVector((name, *seen[1:]), kind_seen, reason, managed=direct, doubtful=doubtful, notes=notes)


def _stays(workload: Workload, managed: ManagedStart | None) -> str:
    """Evidence that the main process stays in the foreground, "" where nothing does."""
    service = workload.service
    if service is not None and service.manager == "systemd":
        kind = service.property("Type") or "simple"
        return f"Type={kind}" if kind not in ("forking", "oneshot") else ""
    return managed.source if managed is not None and managed.kind == "simple" else ""


def _reason(managed: ManagedStart) -> str:
    how = {
        "simple": "which stays in the foreground",
        "forking": "which leaves the foreground, so the supervisor follows its daemon",
        "oneshot": "which ends once the service is up",
    }[managed.kind]
    return f"the command of {managed.source}, {how}"


def _resolved(path: str, tree: HostTree) -> str:
    if not path.startswith("/"):
        path = tree.find_program(path, USUAL_PATH.split(":")) or path
    found = tree.resolve(path) if path.startswith("/") else None
    return found.path if found is not None else path


def _located(managed: ManagedStart, tree: HostTree) -> tuple[str, ...]:
    program, *rest = managed.arguments
    if not program.startswith("/"):
        program = tree.find_program(program, USUAL_PATH.split(":")) or program
    return (program, *rest)


def _is_there(managed: ManagedStart, tree: HostTree, inside: Callable[[str], bool]) -> bool:
    return inside(_located(managed, tree)[0])


def _starts_directly(managed: ManagedStart, process: LiveProcess, tree: HostTree) -> bool:
    """Whether the manager runs the program itself: its executable, or the script that its interpreter runs."""
    program = _resolved(managed.arguments[0], tree)
    if program == process.executable:
        return True
    words = [argument.decode("utf-8", "surrogateescape") for argument in process.arguments[1:4]]
    return any(word.startswith("/") and _resolved(word, tree) == program for word in words)


def _agrees(arguments: tuple[str, ...], seen: tuple[str, ...], tree: HostTree) -> bool:
    """Whether a process has the arguments that it was started with. A script has its interpreter before them, and a
    program may blank a password among them.
    """
    wanted = arguments[1:]
    if len(seen) < len(arguments):
        return False
    given = seen[len(seen) - len(wanted) :] if wanted else ()
    if any(one != other and set(one) - set("x* ") for one, other in zip(given, wanted, strict=True)):
        return False
    before = seen[: len(seen) - len(wanted)]
    if len(before) == 1:
        return True
    program = _resolved(arguments[0], tree)
    return any(word.startswith("/") and _resolved(word, tree) == program for word in before)


def rewrote_its_title(process: LiveProcess, tree: HostTree) -> bool:
    """Whether a process wrote a title over its command line: one word that names no program of the host.

    Where the title is shorter than what it covers, Ruby (Puma) leaves NULs behind it, which read as empty arguments.
    """
    if any(process.arguments[1:]):
        return False
    if not process.arguments:
        return True
    name = process.arguments[0].decode("utf-8", "surrogateescape")
    resolved = tree.resolve(name) if name.startswith("/") else None
    bare = process.executable.rpartition("/")[2]
    return resolved is None and name != bare and tree.find_program(name, USUAL_PATH.split(":")) is None


def program_name(process: LiveProcess, tree: HostTree, inside: Callable[[str], bool]) -> str:
    """The name to execute: argv[0] where it leads to the executable (programs look at how they are called), with the
    directory that PATH found it in; else the executable itself.

    A title may begin with the name: Debian's Redis is a link to another program, redis-check-rdb, which is a server
    only when it is called ``/usr/bin/redis-server``, and its title is ``/usr/bin/redis-server 127.0.0.1:6379``.
    """
    title = process.arguments[0].decode("utf-8", "surrogateescape") if process.arguments else ""
    search = next((entry[5:] for entry in process.environment if entry.startswith(b"PATH=")), b"")
    places = [
        place for place in (search.decode("utf-8", "surrogateescape") or USUAL_PATH).split(":") if place.startswith("/")
    ]
    for name in dict.fromkeys((title, title.split(" ")[0])):
        path = name if name.startswith("/") else tree.find_program(name, places)
        resolved = tree.resolve(path) if path else None
        if path and resolved is not None and resolved.path == process.executable and inside(resolved.path):
            return posixpath.normpath(path)
    return process.executable
