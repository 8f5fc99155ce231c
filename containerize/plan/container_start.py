"""The start command of a container: the foreground form of the process that runs on the host."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assess.model import Workload
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import SIGTERM, LiveProcess
from containerize.plan.foreground_start import daemon_for
from containerize.plan.model import Start
from containerize.plan.start_account import account
from containerize.plan.start_environment import changed_variables, managed_environment, split_environment
from containerize.plan.start_service import NO_SOURCE, StartSource, Surroundings, supervise
from containerize.plan.start_vector import choose_vector
from containerize.secret_values.secret_sources import ARGUMENT_VARIABLE, SecretTest
from containerize.supervisor.service_spec import SupervisedService


@dataclass(frozen=True)
class Starting:
    """The start of one service, and what it asks of the plan besides.

    ``start`` begins with the service itself; ``service`` is the same for the supervisor, and ``needed`` says what only
    the supervisor can do, () where the service starts without it. ``helped`` says what it does better. ``as_root``: the
    supervisor needs root for it.
    """

    start: Start
    shm_bytes: int
    notes: tuple[str, ...]
    service: SupervisedService
    needed: tuple[str, ...] = ()
    helped: tuple[str, ...] = ()
    as_root: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        """The vector of the service under the supervisor, the file of its program first."""
        last = self.service.start[-1]
        return (last.program or last.argv[0], *last.argv[1:])


def make_start(
    workload: Workload,
    processes: Sequence[LiveProcess],
    tree: HostTree,
    inside: Callable[[str], bool],
    secret: SecretTest,
    source: StartSource = NO_SOURCE,
) -> Starting:
    """The start of a workload from its processes, the main one first. ``inside`` says whether the image has a path."""
    process = processes[0]
    daemon = daemon_for(process.executable)
    vector = choose_vector(workload, process, daemon, tree, inside, source.managed)
    managed = source.managed if vector.managed else None
    notes = list(vector.notes)
    if daemon is not None:
        notes += [daemon.note] if daemon.note else []
        if daemon.syslog:
            notes.append("it reports to /dev/log, which no container has: mount a syslog socket, or miss its messages")
    if managed is not None:
        environment, secret_names = managed_environment(process, managed, secret, source.secret)
        if changed := changed_variables(process, managed):
            notes.append(f"{managed.source} has other values than the running process for {', '.join(changed)}")
    else:
        environment, secret_names = split_environment(process, secret)
    encoded = [word.encode("utf-8", "surrogateescape") for word in vector.arguments]
    filled = secret.filled_in(source.managed.environment, source.secret) if source.managed is not None else None
    arguments, variables = hide_arguments(vector.arguments, secret.arguments(encoded, filled))
    umask = managed.umask if managed is not None and managed.umask is not None else process.umask
    umask = 0o022 if umask is None or (daemon and daemon.sets_umask) else umask
    directory = process.working_directory or "/"
    if managed is not None and vector.kind != "simple":
        # Where the process is now says where it went by itself.
        directory = managed.working_directory or "/"
    elif managed is not None and managed.working_directory:
        directory = managed.working_directory
    if directory != "/" and not inside(directory):
        notes.append(f"the working directory {directory} is not in the image; it starts in /")
        directory = "/"
    as_root, account_reason = account(process, workload, daemon.user if daemon else "", managed)
    deaf = not process.handles(SIGTERM)
    start = Start(
        arguments=with_umask(arguments, umask) if umask != 0o022 else arguments,
        environment=environment,
        secret_environment=(*secret_names, *variables),
        user="0:0" if as_root else f"{process.uid}:{process.gid}",
        working_directory=directory,
        stop_signal=daemon.stop_signal if daemon else (managed and managed.stop_signal) or _stop_signal(workload),
        init=needs_init(process, several=len(processes) > 1, reaps=daemon is not None and daemon.reaps),
        reason=vector.reason + account_reason,
        groups=() if as_root else tuple(group for group in process.groups if group != process.gid),
    )
    shm = daemon.shm_bytes if daemon else 0
    if any(path.startswith("/dev/shm/") for path in (*process.mapped, *process.opened)):  # noqa: S108 - compared
        shm = max(shm, 256 << 20)
    supervised = supervise(
        workload,
        process,
        replace(start, arguments=arguments),
        umask,
        vector,
        source,
        Surroundings(tree, inside, secret, filled),
        known=daemon is not None,
    )
    return Starting(
        start,
        shm or 64 << 20,
        (*notes, *supervised.notes),
        supervised.service,
        supervised.needed,
        (*supervised.helped, *(("would ignore SIGTERM as process 1",) if deaf else ())),
        supervised.as_root,
    )


def _stop_signal(workload: Workload) -> str:
    """KillSignal= of the unit, SIGTERM else."""
    number = workload.service.property("KillSignal") if workload.service else ""
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return "SIGTERM"


def hide_arguments(arguments: Sequence[str], hidden: frozenset[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take arguments that hold secrets from the environment, by way of a shell: (vector, names of the variables)."""
    if not hidden:
        return tuple(arguments), ()
    names = {index: ARGUMENT_VARIABLE.format(index) for index in sorted(hidden)}
    words = [f'"${{{names[at]}?}}"' if at in names else f'"${{{at + 1}}}"' for at in range(len(arguments))]
    plain = ["" if at in names else argument for at, argument in enumerate(arguments)]
    return ("/bin/sh", "-c", "exec " + " ".join(words), "sh", *plain), tuple(names.values())


def with_umask(arguments: Sequence[str], umask: int) -> tuple[str, ...]:
    """The same vector under another umask, which no image can say."""
    return ("/bin/sh", "-c", f'umask {umask:04o}; exec "$@"', "sh", *arguments)


def needs_init(process: LiveProcess, *, several: bool, reaps: bool) -> bool:
    """Whether a small init must be PID 1: the kernel drops SIGTERM for a PID 1 that has no handler for it, and
    orphans remain zombies under one that does not expect them.
    """
    if not process.handles(SIGTERM):
        return True
    return several and not reaps
