"""PRC007: services that systemd, inetd or xinetd starts on connection or passes sockets to."""

from __future__ import annotations

from assess.knowledge.foreground_daemons import stays_in_foreground
from assess.model import Evidence, Severity, Workload
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_SUPER_SERVERS = frozenset({"inetd", "xinetd", "openbsd-inetd", "inetutils-inetd", "rlinetd"})


@rule("PRC007", scope=Scope.WORKLOAD, needs=("processes", "services"), aliases=("started-by-connections",))
def socket_activation(subject: WorkloadSubject) -> RuleAnswer:
    """Service gets its sockets or connections from systemd, inetd or xinetd.

    Why:
        A container has no systemd or inetd. A program that expects inherited sockets listens nowhere; one that inetd
        starts per connection reads standard input.
    Remedy:
        The supervisor of an image that assess builds passes the sockets of the socket unit or of the inetd entry. In an
        image made by hand, configure the program to listen itself, or run xinetd or `systemd-socket-activate` as the
        first process of the container.
    Source:
        Socket units that start the service, LISTEN_FDS in its environment (sd_listen_fds(3)), and inetd or xinetd as
        the parent of its process.
    """
    workload = subject.workload
    service = workload.service
    for process in subject.host.processes:
        if process.pid == workload.main.ppid and process.name in _SUPER_SERVERS:
            fact = f"{process.name} (pid {process.pid}) is the parent of pid {workload.main_pid}"
            yield Hit(
                Severity.MINOR if _listens_itself(workload) else Severity.MAJOR,
                f"{process.name} starts the service for each connection.",
                (Evidence(fact, workload.main.origin),),
            )
            return
    for process in workload.processes:
        handed = next((value for name, value in process.environment or () if name == "LISTEN_FDS"), "")
        if handed:
            fact = f"{process.name} (pid {process.pid}) has LISTEN_FDS={handed} in its environment"
            severity = Severity.MINOR if _listens_itself(workload) else Severity.MAJOR
            yield Hit(severity, "systemd passes the service its sockets.", (Evidence(fact, process.origin),))
            return
    services = value_or_none(subject.host.snapshot.services)
    if service is None or services is None or service.manager != "systemd":
        return
    unit = f"{service.name}.service"
    for trigger in services.triggers:
        if trigger.name.endswith(".socket") and unit in trigger.property("Triggers").split():
            where = trigger.path or trigger.name
            yield Hit(
                Severity.MINOR,
                f"{trigger.name} listens for the service.",
                (Evidence(f"{where} starts {unit}", trigger.origin),),
            )
            return


def _listens_itself(workload: Workload) -> bool:
    """Whether the build knows how to start the program on its own."""
    return stays_in_foreground(workload.main.executable or workload.main.name)
