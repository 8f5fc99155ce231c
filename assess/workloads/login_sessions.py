"""Processes of people who work on the host, which are not part of its services. Our own probe is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile

from assess.workloads.program import is_shell, program_of
from inventory.model.processes import Process

_SSH_SERVERS = frozenset({"sshd", "dropbear", "sshd-session", "sshd-auth", "tinysshd"})
_LOGIN_PROGRAMS = frozenset({"login", "su", "sudo", "doas", "runuser", "screen", "tmux", "tmux: server"})
_COMMAND_LINE = re.compile(r"-[A-Zabd-z]*c[A-Za-z]*")
"""``-c`` of a shell, alone or among other letters; ``--norc`` is none."""


def login_sessions(processes: Iterable[Process], listening: frozenset[int]) -> frozenset[int]:
    """The pids of login sessions.

    They are: what descends from an ssh server's child (each connection is one), systemd's user managers, and what sits
    on a terminal, or at a shell that takes commands and that nothing on the host has started, without listening on a
    socket (``listening`` has the pids that do). A daemon that was started by hand and left its session is none of
    these and stays.
    """
    by_pid = {process.pid: process for process in processes}
    children = children_of(by_pid)
    sessions: set[int] = set()
    for process in by_pid.values():
        if process.pid in sessions:
            continue
        parent = by_pid.get(process.ppid)
        is_connection = _is_ssh_server(process) and (
            (parent is not None and _is_ssh_server(parent)) or _is_connection_title(process)
        )
        if is_connection:
            sessions.update(descendants(process.pid, children))
        elif _is_user_manager(process):
            # A user's own service that listens is work of the host; the rest of a user manager is the session's.
            sessions.add(process.pid)
            for child in children.get(process.pid, ()):
                family = descendants(child, children)
                if not any(pid in listening for pid in family):
                    sessions.update(family)
        elif process.tty and not _is_terminal_service(process):
            family = descendants(process.pid, children)
            if not any(pid in listening for pid in family):
                sessions.update(family)
        elif _is_left_alone(process, parent) and takes_commands(process):
            family = _of_session(process, by_pid, children)
            if not any(pid in listening for pid in family):
                sessions.update(family)
    return frozenset(sessions)


def takes_commands(process: Process) -> bool:
    """Whether a process is a shell that reads its commands from its input: it is used by a person, or by a program
    instead (an agent that runs what it receives). A shell with its own script or command line is a wrapper.
    """
    if not is_shell(process) or program_of(process).script:
        return False
    options = takewhile(lambda option: option not in ("-", "--"), process.arguments[1:])
    return not any(_COMMAND_LINE.fullmatch(option) for option in options)


def at_shells_of_programs(by_pid: Mapping[int, Process]) -> frozenset[int]:
    """The pids of shells that a program gives its commands, and of all that runs below them.

    They belong to the program's workload, but what it happens to run there says nothing of what it is. A shell that
    another one or ``su`` has started is none of these: init scripts start services so.
    """
    shells = []
    for process in by_pid.values():
        parent = by_pid.get(process.ppid)
        if parent is None or parent.pid == 1 or not takes_commands(process):
            continue
        if not is_shell(parent) and program_of(parent).basename not in _LOGIN_PROGRAMS:
            shells.append(process.pid)
    children = children_of(by_pid) if shells else {}
    return frozenset(pid for shell in shells for pid in descendants(shell, children))


def children_of(by_pid: Mapping[int, Process]) -> dict[int, list[int]]:
    """The children of each process, by pid."""
    children: dict[int, list[int]] = {}
    for process in by_pid.values():
        if process.ppid != process.pid:
            children.setdefault(process.ppid, []).append(process.pid)
    return children


def descendants(pid: int, children: Mapping[int, list[int]]) -> set[int]:
    """``pid`` and all that descends from it. Processes are read one by one, so parents may form a circle."""
    family: set[int] = set()
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        if current not in family:
            family.add(current)
            waiting.extend(children.get(current, ()))
    return family


def _is_ssh_server(process: Process) -> bool:
    return process.name in _SSH_SERVERS or program_of(process).basename in _SSH_SERVERS


def _is_connection_title(process: Process) -> bool:
    # sshd writes its state over its arguments: "sshd: ops [priv]", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100".
    title = process.command
    return title.startswith("sshd: ") and "[listener]" not in title


def _is_left_alone(process: Process, parent: Process | None) -> bool:
    """Whether what started a process is gone or out of sight: a connection that was cut, a container that was entered.
    The main process of a unit or a container is what it was started as.
    """
    if process.pid == 1 or (process.unit or "").endswith(".service"):
        return False
    return parent is None or (parent.pid == 1 and not takes_commands(parent))


def _of_session(shell: Process, by_pid: Mapping[int, Process], children: Mapping[int, list[int]]) -> set[int]:
    """A shell and its descendants, except those with a separate session, which stay when the shell ends."""
    inner = {
        pid: [child for child in below if by_pid[child].session != child or takes_commands(by_pid[child])]
        for pid, below in children.items()
    }
    return descendants(shell.pid, inner)


def _is_user_manager(process: Process) -> bool:
    return any("/user.slice/" in path and "/user@" in path for path in process.cgroups) and process.name in (
        "systemd",
        "(sd-pam)",
    )


def _is_terminal_service(process: Process) -> bool:
    return process.name in ("getty", "agetty", "mingetty", "fgetty", "login")
