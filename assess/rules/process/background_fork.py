"""PRC005: programs that fork into the background when they start."""

from __future__ import annotations

import re

from assess.knowledge.foreground_daemons import stays_in_foreground
from assess.model import Evidence, Severity, Workload
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.init_scripts import read_script
from assess.workloads.program import program_of
from inventory.model.services import Service

_OPTIONS = frozenset(
    ["--daemon", "--daemonize", "--daemonise", "--detach", "--background", "--fork", "-daemon", "-daemonize"]
)
"""Command line options that send a program into the background."""
_BACKGROUNDED = re.compile(
    r"(?:^|\s)(?:--background|-b|nohup|setsid|daemonize|supervise)(?:\s|$)|[^&>]&[ \t]*$", re.MULTILINE
)
"""Signs that an init script itself sends a foreground program into the background."""
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@rule("PRC005", scope=Scope.WORKLOAD, needs=("processes", "services"), aliases=("forks-into-background",))
def background_fork(subject: WorkloadSubject) -> RuleAnswer:
    """Program forks into the background when it starts.

    Why:
        A container ends when its first process ends. A program that forks and lets its parent exit ends the container
        immediately, with everything in it. For many daemons the build knows the option that keeps them in the
        foreground; all others run under a supervisor in the image, which follows the forked process.
    Remedy:
        An image that assess builds needs none. In one made by hand, start the program with the option that keeps it in
        the foreground (nginx -g "daemon off;", httpd -DFOREGROUND, sshd -D), or run a small init as the first process
        that waits for the forked one.
    Source:
        Type=forking in the unit, systemd.service(5); an option such as --daemon on the command line; a program that an
        init script starts without sending it to the background itself. Known daemons: data, foreground.toml.
    """
    workload = subject.workload
    known = any(map(stays_in_foreground, _programs(workload)))
    # Everything an init script starts forks: report it only where the build does not know what to do.
    shown = _by_option(workload) or _by_unit(workload) or (None if known else _by_script(workload))
    if shown is None:
        if not known and _is_hidden(workload):
            yield Undecided("processes", "the program that the init script started could not be read")
        return
    yield Hit(
        Severity.INFO,
        "The program forks into the background; the build starts it in the foreground."
        if known
        else "The program forks into the background; the supervisor of the image follows it.",
        (shown,),
    )


def _by_option(workload: Workload) -> Evidence | None:
    for process in workload.processes:
        for argument in process.arguments[1:]:
            if argument.partition("=")[0] in _OPTIONS and not argument.endswith(("=no", "=off", "=false", "=0")):
                fact = f"{process.name} (pid {process.pid}) runs with {argument}"
                return Evidence(fact, process.origin, process.command)
    return None


def _by_unit(workload: Workload) -> Evidence | None:
    service = workload.service
    if service is None or service.manager != "systemd" or service.property("Type") != "forking":
        return None
    # A unit that systemd generates for an init script has Type=forking for every script.
    if _is_of_script(service) or not _forks_itself(workload):
        return None
    where = service.source_of("Type") or service.name
    return Evidence(f"{where} sets Type=forking", service.origin, "Type=forking")


def _by_script(workload: Workload) -> Evidence | None:
    service = workload.service
    if service is None or not service.text or not (service.manager == "sysv" or _is_of_script(service)):
        return None
    main = workload.main
    if main.ppid != 1 or main.pid not in service.pids:
        return None
    # A script forked if the init script names it and it does not lead its session, as after two forks.
    script = program_of(main).script
    program = main.executable if not script else script if main.session != main.pid else None
    if program not in read_script(service.text).paths or _BACKGROUNDED.search(_COMMENT.sub("", service.text)):
        return None
    return Evidence(f"{service.path} starts {main.name}, which then runs as a child of init", service.origin)


def _is_hidden(workload: Workload) -> bool:
    """Whether init has adopted a program that an init script may have started and that could not be read."""
    service, main = workload.service, workload.main
    by_script = service is not None and bool(service.text) and (service.manager == "sysv" or _is_of_script(service))
    return by_script and main.ppid == 1 and main.executable is None


def _is_of_script(service: Service) -> bool:
    return bool(service.path.startswith("/run/systemd/generator") or "/init.d/" in service.path or service.text)


def _forks_itself(workload: Workload) -> bool:
    """Whether the program can fork itself. Interpreted ones rarely do: a wrapper script sends them there."""
    return not program_of(workload.main).script


def _programs(workload: Workload) -> tuple[str, ...]:
    program = program_of(workload.main)
    return tuple(name for name in (program.executable, program.script, workload.main.name) if name)
