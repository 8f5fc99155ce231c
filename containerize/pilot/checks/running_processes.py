"""Check that the processes have the executables and accounts of the inventory."""

from __future__ import annotations

from collections import Counter

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult
from containerize.plan.foreground_start import daemon_for
from containerize.plan.model import ImagePlan
from containerize.runtimes.init_program import INIT_IN_CONTAINER, PROGRAMS
from containerize.supervisor.image_paths import PROGRAM as SUPERVISOR

NAME = "processes"

_OWN = (INIT_IN_CONTAINER, SUPERVISOR, "/run/podman-init", *(f"/usr/bin/{name}" for name in PROGRAMS))
"""Process 1 where it is not the service: of the runtime, or the supervisor of the image."""


_TRIES = 50
_BETWEEN_SECONDS = 0.2
"""A server listens before it starts its workers, so those that are missing are waited for: ten seconds in all."""


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """Check executables and accounts. Counts are shown but not compared: servers start and stop workers as needed."""
    expected = {(each.executable, each.user): each.count for each in subject.plan.processes}
    words = _words(expected)
    for attempt in range(_TRIES):
        if attempt:
            subject.sleep(_BETWEEN_SECONDS)
        running = subject.runtime.processes(subject.container)
        if running and not any(process.executable for process in running):
            return (subject.undecided(NAME, words, "only root sees which programs run; run the pilot as root"),)
        seen = Counter(
            (process.executable, subject.accounts.get(process.uid, str(process.uid)))
            for process in running
            if process.executable not in _OWN
        )
        absent = [key for key in expected if not _is_there(key, seen)]
        attendants = [key for key in absent if _is_attendant(key[0], subject.plan.start.service)]
        resting = [key for key in absent if is_on_demand(key[0], subject.plan)]
        missing = [key for key in absent if key not in attendants and key not in resting]
        if not missing or not running:
            break
    detail = "\n".join(f"{count} × {executable} as {user}" for (executable, user), count in sorted(seen.items()))
    if missing:
        gone = ", ".join(f"{executable} as {user}" for executable, user in missing)
        return (subject.compared(NAME, False, words, f"not there: {gone}; running: {_words(seen)}", detail),)
    without = f"; not needed here: {', '.join(executable for executable, _ in attendants)}" if attendants else ""
    if resting:
        without += f"; started when there is work for them: {', '.join(executable for executable, _ in resting)}"
    return (subject.compared(NAME, True, words, f"{_words(seen)}{without}", detail),)


_ATTENDANTS = frozenset(
    {"sh", "dash", "bash", "ksh", "busybox", "logger", "daemon", "start-stop-daemon", "supervise", "multilog", "svlogd"}
)
"""Shells and programs that start a service, restart it and pass its output on (``mysqld_safe`` with ``logger``): in a
container the runtime does this.
"""


def _is_attendant(executable: str, arguments: tuple[str, ...]) -> bool:
    """Whether a program only looked after the service. One that the container starts is the service itself."""
    name = executable.rpartition("/")[2]
    return name in _ATTENDANTS and not any(argument.rpartition("/")[2] == name for argument in arguments[:1])


def is_on_demand(executable: str, plan: ImagePlan) -> bool:
    """Whether a program is one that another of the plan starts when there is work for it (Postfix's ``local``), and the
    image has it.
    """
    directory, _, name = executable.rpartition("/")
    inside = any(file.path in _names(executable) for file in plan.files)
    starters = (daemon_for(each.executable) for each in plan.processes if each.executable.startswith(f"{directory}/"))
    return inside and any(starter is not None and name in starter.on_demand for starter in starters)


def _is_there(key: tuple[str, str], seen: Counter[tuple[str, str]]) -> bool:
    """Whether an executable is among these, under either name where /bin and /lib are links into /usr."""
    executable, user = key
    return any((name, user) in seen for name in _names(executable))


def _names(executable: str) -> frozenset[str]:
    return frozenset({executable, f"/usr{executable}", executable.removeprefix("/usr")})


def _words(processes: dict[tuple[str, str], int] | Counter[tuple[str, str]]) -> str:
    return ", ".join(
        f"{executable} as {user}{f' × {count}' if count > 1 else ''}"
        for (executable, user), count in sorted(processes.items())
    )
