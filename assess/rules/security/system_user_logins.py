"""SEC011: services in which accounts of the host log in."""

from __future__ import annotations

from assess.knowledge.system_logins import logs_system_users_in
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Found, value_or_none
from inventory.platforms import Platform


@rule("SEC011", scope=Scope.WORKLOAD, needs=("processes", "libraries"), platform=Platform.POSIX)
def system_user_logins(subject: WorkloadSubject) -> RuleAnswer:
    """Service checks passwords of the host's accounts.

    Why:
        FTP, mail and file servers often let the accounts of /etc/passwd log in, by PAM. An image has these accounts
        without their passwords, so that the service runs and every login fails. Home directories stay on the host too.
    Remedy:
        Mount a file with the lines of the accounts that need it over /etc/shadow as a secret, and their home
        directories as volumes; or change the service to virtual users or a directory such as LDAP.
    Source:
        Processes that have loaded libpam, apart from programs that use it only when a setting asks for it; pam(7).
    """
    if subject.workload.kind != "service":
        return
    by_pid = {process.pid: process for process in subject.workload.processes}
    libraries = subject.host.snapshot.libraries
    for mapped in value_or_none(libraries) or ():
        for pid in mapped.pids:
            process = by_pid.get(pid)
            if process is not None and logs_system_users_in(process.executable or process.name, mapped.path):
                fact = f"{process.name} (pid {pid}) has loaded {mapped.path}"
                message = "Accounts of the host can log in to the service, and an image has no passwords for them."
                yield Hit(Severity.MINOR, message, (Evidence(fact, mapped.origin),))
                return
    unread = next((each for each in subject.workload.processes if each.pid not in subject.host.mapped_by_pid), None)
    if unread is not None and isinstance(libraries, Found) and libraries.gaps:
        yield Undecided("libraries", f"the libraries of {unread.name} (pid {unread.pid}) could not be read")
