"""DAT009: services that log to the host's system log."""

from __future__ import annotations

from assess.configuration_text.configuration_lines import is_comment
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform

_SOCKETS = ("/dev/log", "/run/systemd/journal/dev-log", "/var/run/log")


@rule(
    "DAT009",
    scope=Scope.WORKLOAD,
    needs=("processes", "sockets", "configuration"),
    platform=Platform.POSIX,
    aliases=("logs-to-syslog",),
)
def syslog_logging(subject: WorkloadSubject) -> RuleAnswer:
    """Service logs to the host's system log (/dev/log).

    Why:
        A container has no /dev/log. Nothing reports an error: the library call fails silently, `logger` exits
        successfully, and the messages are lost.
    Remedy:
        Log to standard output. If the program cannot, mount the host's /dev/log, run a log collector in the same pod,
        or send to a syslog server by name.
    Source:
        Connections to the log socket, and configuration lines that name it; syslog(3). If the kernel does not report
        the ends of unix sockets, or a program opens the log for each message, only the configuration shows it. Tested.
    """
    own = {process.pid for process in subject.workload.processes}
    for tie in value_or_none(subject.host.snapshot.unix_ties) or ():
        clients = own.intersection(tie.client_pids)
        if tie.path in _SOCKETS and clients and not own.intersection(tie.server_pids):
            pid = min(clients)
            yield Hit(
                Severity.MINOR,
                "The service logs to the system log.",
                (Evidence(f"process {pid} is connected to {tie.path}", tie.origin),),
                settings=("socket /dev/log",),
            )
            return
    for line in subject.host.configuration.mentioning(subject.workload.configuration_roots, ("/dev/log",)):
        if not is_comment(line):
            yield Hit(
                Severity.MINOR,
                f"{line.path}:{line.number} names the system log.",
                (Evidence(f"{line.path}:{line.number} names /dev/log", line.origin, line.text),),
                settings=("socket /dev/log",),
            )
            return
