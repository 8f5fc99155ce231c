"""PRC001: services that nothing on the host starts."""

from __future__ import annotations

from assess.knowledge.program_quirks import program_quirk
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.program import program_of
from inventory.observation import Absent, value_or_none


@rule("PRC001", scope=Scope.WORKLOAD, needs=("processes", "services", "packages"), aliases=("started-by-hand",))
def manual_start(subject: WorkloadSubject) -> RuleAnswer:
    """Service was started by hand: no unit, init script, supervisor or job starts it.

    Why:
        It was started manually, perhaps years ago, and will not start again after a reboot. Its command line,
        environment and directory are recorded only in the running process.
    Remedy:
        Find out who maintains it. Record the command line, directory and environment of the running process before the
        host is restarted; the image then is the first description of the service.
    Source:
        Units, init scripts, pid files and supervisors of the host, none of which matches its processes. Programs that
        other programs start (data: program_quirks.toml, product files) are ignored.
    """
    workload = subject.workload
    if workload.service is not None or isinstance(subject.host.snapshot.services, Absent):
        return
    if not workload.named_by.startswith("executable ") or workload.main.pid == 1:
        return
    parent = workload.main.ppid
    starts_it = any(workload.main.command in job.command or job.schedule == "@reboot" for job in workload.schedules)
    if starts_it:
        return
    main = workload.main
    if parent == 1 and _init_starts_something(subject):
        return
    if program_quirk("started_by_others", main.executable or main.name):
        return
    yield Hit(
        Severity.MINOR,
        f"{program_of(main).basename} was started by hand: nothing on the host would start it again.",
        (Evidence(f"pid {main.pid}, child of {parent}: {main.command}", main.origin),),
    )


def _init_starts_something(subject: WorkloadSubject) -> bool:
    """Whether init itself starts again, by an entry of its table, something that no workload could be tied to. A script
    in such an entry may have become another program since.
    """
    services = value_or_none(subject.host.snapshot.services)
    tied = {each.service.name for each in subject.host.workloads if each.service is not None}
    entries = services.services if services else ()
    return any(
        each.manager == "inittab" and each.property("Restart") == "always" and each.name not in tied for each in entries
    )
