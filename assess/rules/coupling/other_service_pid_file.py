"""CPL003: services that signal another service through its pid file."""

from __future__ import annotations

from assess.configuration_text.configuration_lines import is_comment
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.configuration_roots import paths_in
from assess.workloads.init_scripts import run_path
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule(
    "CPL003",
    scope=Scope.WORKLOAD,
    needs=("processes", "services", "configuration", "cron"),
    platform=Platform.POSIX,
    aliases=("pid-file-of-another",),
)
def other_service_pid_file(subject: WorkloadSubject) -> RuleAnswer:
    """Service sends signals to another service through its pid file.

    Why:
        Each container numbers its own processes, and a process in one container cannot signal a process in another. The
        number in the file then belongs to a different process, or to none.
    Remedy:
        Keep both in one container, or in a pod with one PID namespace (shareProcessNamespace). Better: send the signal
        through the engine (docker kill -s HUP), or use the other service's own reload interface.
    Source:
        Pid files of running services, and lines in this service's configuration, code and jobs that name them.
    """
    services = value_or_none(subject.host.snapshot.services)
    if services is None or len(subject.host.workloads) < 2:
        return
    others: dict[str, str] = {}
    for file in services.pid_files:
        owner = subject.host.workload_of_pid.get(file.pid)
        if owner is not None and owner.kind == "service" and owner.id != subject.workload.id:
            others[run_path(file.path)] = owner.id
    if not others:
        return
    told: set[str] = set()
    for job in subject.workload.schedules:
        for path in paths_in(job.command):
            if (owner_id := others.get(path)) and path not in told:
                told.add(path)
                fact = f"{job.place} names {path}"
                yield _hit(f"A job in {job.place}", path, owner_id, Evidence(fact, job.origin, job.command[:200]))
    for line in subject.host.configuration.mentioning(subject.workload.configuration_roots, (".pid",)):
        if is_comment(line):
            continue
        for path in paths_in(line.text):
            owner_id = others.get(path)
            # The owner's own configuration names its pid file; other services may read that line as well.
            if owner_id and path not in told and not _belongs(subject, owner_id, line.path):
                told.add(path)
                where = f"{line.path}:{line.number}"
                yield _hit(where, path, owner_id, Evidence(f"{where} names {path}", line.origin, line.text))


def _belongs(subject: WorkloadSubject, owner_id: str, path: str) -> bool:
    owner = next(each for each in subject.host.workloads if each.id == owner_id)
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in owner.configuration_roots)


def _hit(where: str, path: str, owner: str, evidence: Evidence) -> Hit:
    return Hit(Severity.MINOR, f"{where} names {path}, the pid file of {owner}.", (evidence,))
