"""A service as the supervisor runs it, and whether it needs the supervisor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from assess.knowledge.capabilities import NAMES, PODMAN_DEFAULT
from assess.model import Workload
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import LiveProcess
from containerize.plan.model import Start
from containerize.plan.start_environment import USUAL_PATH
from containerize.plan.start_sockets import passed_sockets
from containerize.plan.start_vector import StartVector
from containerize.secret_values.secret_sources import SecretTest
from containerize.start.managed_start import ManagedCommand, ManagedDirectory, ManagedStart
from containerize.supervisor.service_spec import (
    LEAST_URGENT,
    MOST_INSTANCES,
    KillMode,
    ServiceCommand,
    ServiceDirectory,
    ServiceLimit,
    SupervisedService,
)
from inventory.privacy.secrets.word_search import WordSearch


@dataclass(frozen=True)
class StartSource:
    """The start as the manager runs it, the names of its secret variables, and numbers of accounts by name."""

    managed: ManagedStart | None = None
    secret: frozenset[str] = frozenset()
    users: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)


NO_SOURCE = StartSource()


@dataclass(frozen=True)
class Surroundings:
    """The files of the host and of the image, the test for secrets, and the search for those that variables fill in."""

    tree: HostTree
    inside: Callable[[str], bool]
    secret: SecretTest
    filled: WordSearch | None = None


@dataclass(frozen=True)
class Supervised:
    """The service, what only the supervisor can do for it, what it may do better, and whether it has to be root."""

    service: SupervisedService
    needed: tuple[str, ...]
    helped: tuple[str, ...]
    as_root: bool
    notes: tuple[str, ...]


_WITHOUT_EFFECT = frozenset("true test [ sleep echo logger".split())  # noqa: SIM905
_PREPARING = frozenset("mkdir install chown chmod touch rm ln".split())  # noqa: SIM905
"""Programs that prepare directories: below /run they are made with the image."""
_CHECKS = frozenset(
    "-t -T -tq -tt --test --check --configtest -configtest configtest checkconf checkconfig check validate -C".split()  # noqa: SIM905
)


def supervise(
    workload: Workload,
    process: LiveProcess,
    start: Start,
    umask: int,
    vector: StartVector,
    source: StartSource,
    around: Surroundings,
    *,
    known: bool,
) -> Supervised:
    """The service for the supervisor. ``known``: a product file knows how it stays in the foreground, so nothing more
    is needed of its manager.
    """
    managed = source.managed
    notes: list[str] = []
    needed: list[str] = []
    helped = ("may leave the foreground",) if vector.doubtful else ()
    if vector.kind == "forking" and not vector.doubtful:
        needed.append("leaves the foreground")
    elif vector.kind == "oneshot":
        needed.append("ends once the service is up")
    uid, _, gid = start.user.partition(":")
    service = SupervisedService(
        name=workload.name,
        kind=vector.kind,
        start=(ServiceCommand(start.arguments),),
        executable=process.executable if vector.kind == "forking" and not (managed and managed.pid_file) else "",
        uid=int(uid),
        gid=int(gid or 0),
        groups=start.groups,
        umask=umask,
        working_directory=start.working_directory,
        secrets=start.secret_environment,
        stop_signal=start.stop_signal,
        start_seconds=0 if vector.doubtful else 90,
    )
    if managed is None:
        return Supervised(service, tuple(needed), helped, False, ())
    commands = {
        name: tuple(_commands(group, around, notes))
        for name, group in (
            ("pre", managed.pre),
            ("post", managed.post),
            ("stop", managed.stop),
            ("post_stop", managed.post_stop),
            ("start", managed.start[:-1] if vector.kind == "oneshot" else ()),
        )
    }
    # What root does before the start of another account has left its files on the host.
    before = [each for each in commands["pre"] if not (each.as_root and service.uid)]
    matter = [each for each in (*before, *commands["post"]) if _matters(each)]
    sockets, style, socket_notes = passed_sockets(managed.sockets, source.users, source.groups)
    held = _held(managed, process)
    beyond = [] if known else [name for name, number in held.items() if not PODMAN_DEFAULT >> number & 1]
    if not known:
        needed += [f"runs {each.argv[0].rpartition('/')[2]} before or after its start" for each in matter[:2]]
        needed += ["gets its sockets from its manager"] if sockets else []
        needed += [f"keeps {name} without being root" for name in beyond]
        notes += [*socket_notes, *managed.notes]
    as_root = bool(start.user == "0:0" or sockets or beyond or any(each.as_root for each in matter))
    limit = min([each.instances for each in managed.sockets if each.instances] or [64])
    service = SupervisedService(
        name=service.name,
        kind="notify" if managed.notifies and vector.managed and vector.kind == "simple" and not known else vector.kind,
        remain_after_exit=managed.remain_after_exit and vector.kind == "oneshot",
        pre=commands["pre"],
        start=(*commands["start"], _main(managed, vector, start)),
        post=commands["post"],
        stop=commands["stop"],
        post_stop=commands["post_stop"],
        pid_file=managed.pid_file if vector.kind == "forking" and managed.pid_file.startswith("/") else "",
        executable=service.executable,
        uid=service.uid,
        gid=service.gid,
        groups=service.groups,
        umask=umask,
        working_directory=service.working_directory,
        secrets=service.secrets,
        limits=tuple(_limits(managed, process)),
        nice=min(max(managed.nice, 0), LEAST_URGENT),
        ignore_sigpipe=managed.ignore_sigpipe,
        directories=tuple(_directories(managed.directories, service, around.tree)),
        sockets=sockets if not known else (),
        socket_style=style,
        instances=min(limit, MOST_INSTANCES),
        ambient=tuple(held) if service.uid else (),
        bounding=managed.bounding,
        stop_signal=service.stop_signal,
        kill_mode=_kill_mode(managed.kill_mode),
        stop_seconds=90 if managed.stop_seconds is None else managed.stop_seconds,
        start_seconds=0 if vector.doubtful else 90 if managed.start_seconds is None else managed.start_seconds,
    )
    return Supervised(service, tuple(needed), helped, as_root, tuple(notes))


def _held(managed: ManagedStart, process: LiveProcess) -> dict[str, int]:
    """The ambient capabilities that the service still has, with their numbers."""
    numbers = {f"CAP_{name}": number for number, name in enumerate(NAMES)}
    return {
        name: numbers[name] for name in managed.ambient if name in numbers and process.capabilities >> numbers[name] & 1
    }


def _main(managed: ManagedStart, vector: StartVector, start: Start) -> ServiceCommand:
    main = managed.main
    if main is not None and main.program and start.arguments == vector.arguments:
        return ServiceCommand((main.arguments[0], *start.arguments[1:]), start.arguments[0])
    return ServiceCommand(start.arguments)


def _kill_mode(text: str) -> KillMode:
    return next((mode for mode in get_args(KillMode) if mode == text), "control-group")


def _limits(managed: ManagedStart, process: LiveProcess) -> Iterable[ServiceLimit]:
    """Limits of the unit; those of the process are what the kernel gave."""
    given = {name: (soft, hard) for name, soft, hard in process.limits}
    for name, soft, hard in managed.limits:
        soft, hard = given.get(name, (soft, hard))
        if hard >= 0 and not 0 <= soft <= hard:
            soft = hard  # as setrlimit(2) wants it, and the supervisor with it
        yield ServiceLimit(name, None if soft < 0 else soft, None if hard < 0 else hard)


def _directories(
    wanted: Iterable[ManagedDirectory], service: SupervisedService, tree: HostTree
) -> Iterable[ServiceDirectory]:
    """With the owner and mode of the host, else those of the account."""
    for each in wanted:
        resolved = tree.resolve(each.path)
        entry = tree.get(resolved.path) if resolved else None
        if entry is not None and entry.kind == "d" and resolved is not None:
            yield ServiceDirectory(resolved.path, entry.uid, entry.gid, entry.mode)
        elif entry is None:
            yield ServiceDirectory(each.path, service.uid, service.gid, each.mode)


def _commands(commands: Iterable[ManagedCommand], around: Surroundings, notes: list[str]) -> Iterable[ServiceCommand]:
    for each in commands:
        program, *rest = each.vector
        name = program.rpartition("/")[2]
        if not program.startswith("/"):
            program = around.tree.find_program(program, USUAL_PATH.split(":")) or program
        encoded = [word.encode("utf-8", "surrogateescape") for word in each.vector]
        if each.manages_host:
            if not each.ignore_failure:
                notes.append(f"its manager also runs {name}, which manages the host; it is left out")
        elif around.secret.arguments(encoded, around.filled):
            notes.append(f"its manager also runs {name} with a secret among its arguments; it is left out")
        elif not program.startswith("/") or not around.inside(program):
            if not (each.ignore_failure and around.tree.resolve(program) is None):
                notes.append(f"its manager also runs {program}, which is not in the image; it is left out")
        else:
            argv = each.arguments if each.program else (program, *rest)
            yield ServiceCommand(argv, program if each.program else "", each.ignore_failure, each.as_root)


def _matters(command: ServiceCommand) -> bool:
    """Whether a service may miss a command. A check of its settings changes nothing, and neither do directories of
    /run, which are made with the image.
    """
    name = command.argv[0].rpartition("/")[2]
    words = command.argv[1:]
    if command.ignore_failure or name in _WITHOUT_EFFECT or "check" in name or _CHECKS & set(words):
        return False
    if name in _PREPARING:
        paths = [word for word in words if word.startswith("/")]
        return not all(path.startswith(("/run/", "/var/run/", "/dev/null")) for path in paths)
    return True
