"""The name by which a supervisor or inetd knows a process that it started."""

from __future__ import annotations

import posixpath
import shlex

from assess.workloads.program import program_of
from inventory.model.processes import Process
from inventory.model.services import Service, Services

_MANAGERS = {
    "supervisord": "supervisor",
    "runsv": "runit",
    "supervise": "runit",
    "s6-supervise": "runit",
    "inetd": "inetd",
    "openbsd-inetd": "inetd",
    "inetutils-inetd": "inetd",
    "xinetd": "xinetd",
}
"""Program of a supervisor to :attr:`Service.manager` of its entries."""


def entry_name(process: Process, parent: Process, services: Services | None) -> str:
    """The entry of ``parent``, a supervisor, that ``process`` is; "" when nothing says which.

    A small supervisor has its service directory as its argument; supervisord puts the name into the environment, which
    only root may read. Else it is the entry whose command is the process's, if there is one alone.
    """
    supervisor = program_of(parent).basename
    if supervisor in ("runsv", "supervise", "s6-supervise") and len(parent.arguments) > 1:
        return parent.arguments[1].rstrip("/").rpartition("/")[2]
    for name, value in process.environment or ():
        if name == "SUPERVISOR_PROCESS_NAME":
            return value
    manager = _MANAGERS.get(supervisor)
    entries = [each for each in services.services if each.manager == manager] if services and manager else []
    alike = [entry for entry in entries if entry.enabled and _runs(entry, process, whole=True)]
    alike = alike or [entry for entry in entries if entry.enabled and _runs(entry, process, whole=False)]
    names = {entry.name for entry in alike}
    return names.pop() if len(names) == 1 else ""


def _runs(entry: Service, process: Process, *, whole: bool) -> bool:
    """Whether an entry's command is that of the process: all its words, or only the program."""
    try:
        command = shlex.split(entry.property("Command"))
    except ValueError:
        return False
    if not command or not process.arguments:
        return False
    if whole:
        # an interpreter, or a program found on the PATH, comes before the words of the entry or has a directory
        given = list(process.arguments[-len(command) :])
        return given[1:] == command[1:] and posixpath.basename(given[0]) == posixpath.basename(command[0])
    program = program_of(process)
    return command[0] in (program.executable, program.script, process.arguments[0])
