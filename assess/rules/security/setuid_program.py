"""SEC005: services that gain privileges through setuid programs, su or sudo."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_CHANGERS = frozenset({"su", "sudo", "doas", "runuser", "pkexec", "suexec", "sg", "setuidgid"})
_TAKES_A_COMMAND = tuple(f"{name} " for name in ("su", "sudo", "doas", "runuser", "pkexec"))


@rule("SEC005", scope=Scope.WORKLOAD, needs=("processes", "cron"))
def setuid_program(subject: WorkloadSubject) -> RuleAnswer:
    """Service gains privileges at run time through a setuid program, su or sudo.

    Why:
        Restricted Kubernetes clusters and --security-opt no-new-privileges disable setuid bits and file capabilities.
        An image built from a package list may also lack sudo, its rules and the PAM configuration.
    Remedy:
        Run the container under the account that does the work, and remove su and sudo from start scripts. If a program
        must gain privileges, allow it (allowPrivilegeEscalation: true) and include the sudoers files.
    Source:
        Processes whose real and effective user ids differ, su and sudo processes, cron jobs that call them; setuid
        files that no package owns, in a deep scan. no_new_privs: execve(2).
    """
    for process in subject.workload.processes:
        program = (process.executable or process.name).rpartition("/")[2]
        if program in _CHANGERS:
            fact = f"{program} runs as pid {process.pid}"
            yield _hit(f"{process.command[:80]} changes the user.", Evidence(fact, process.origin, process.command))
        elif process.uid not in (0, process.effective_uid) and process.effective_uid == 0:
            fact = f"{process.name} (pid {process.pid}) has real user id {process.uid} and effective user id 0"
            yield _hit(f"{process.name} is setuid root.", Evidence(fact, process.origin))
    for job in subject.workload.schedules:
        command = job.command.strip()
        if command.startswith(_TAKES_A_COMMAND) or "/sudo " in command or "/su " in command or " sudo " in command:
            yield _hit(f"A job in {job.place} changes the user.", Evidence(f"{job.place}: {command}", job.origin))
    unmanaged = value_or_none(subject.host.snapshot.unmanaged_files)
    for root in subject.workload.configuration_roots:
        for file in unmanaged.privileged if unmanaged else ():
            if file.path == root or file.path.startswith(root.rstrip("/") + "/"):
                fact = f"{file.path} has mode {file.mode:04o} and belongs to user id {file.uid}"
                yield _hit(f"{file.path} is setuid and belongs to no package.", Evidence(fact, file.origin))


def _hit(message: str, evidence: Evidence) -> Hit:
    return Hit(Severity.MINOR, message, (evidence,))
