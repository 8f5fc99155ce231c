"""Recognise processes that are not a workload: an unfinished start, a job, or a placeholder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assess.workloads.login_sessions import takes_commands
from assess.workloads.permanent_processes import Clock
from assess.workloads.program import INIT_PROGRAMS, program_of
from inventory.links.timers import recurs, unit_of_timer
from inventory.model.processes import Process
from inventory.model.services import Service, Services

_STARTERS = INIT_PROGRAMS | {"systemd-executor"}
"""Programs that every service's process is until it becomes the service's own (systemd.exec(5))."""


def not_yet_started(members: Sequence[Process], processes: Mapping[int, Process]) -> bool:
    """Whether all of a group are copies of what starts them: made by fork(2), and not yet another program by execve(2).

    ``processes`` are those of the host by pid. A copy has its parent's executable, arguments and, mostly, name.
    """
    own = {process.pid for process in members}
    return all(_is_copy(process, processes.get(process.ppid), own) for process in members)


def _is_copy(process: Process, parent: Process | None, own: set[int]) -> bool:
    if process.pid == 1:
        return False
    if process.unit and process.unit.endswith(".service") and program_of(process).basename in _STARTERS:
        return True
    if parent is None or parent.pid in own or process.executable is None:
        return False
    return (process.executable, process.arguments) == (parent.executable, parent.arguments)


def placeholder(process: Process) -> str:
    """Return the purpose of a process that only has to exist, "" for all others."""
    if takes_commands(process):
        return "waiting for the commands of a person or a program"
    program, words = program_of(process).basename, process.arguments[1:]
    if program == "sleep" or (program == "coreutils" and "--coreutils-prog=sleep" in words[:1]):
        return "keeping its entry running: it only sleeps"
    if program == "pause" or (program == "tail" and words[-1:] == ("/dev/null",)):
        return "keeping its entry running: it only waits"
    return ""


def is_job(unit: str, service: Service | None, services: Services | None) -> bool:
    """Whether a systemd unit that runs is a job: its start is not over, or a timer starts it again and again."""
    if service is not None and service.property("Type") == "oneshot":
        return service.state in ("activating", "deactivating")
    timers = services.triggers if services is not None else ()
    return any(each.name.endswith(".timer") and unit_of_timer(each) == unit and recurs(each) for each in timers)


def is_passing(members: Sequence[Process], clock: Clock) -> bool:
    """Whether nothing of what only runs, without being anybody's service, was there some seconds ago."""
    return all(clock.just_started(process) for process in members)
