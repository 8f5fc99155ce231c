"""CPL005."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_LOCAL = frozenset({"files", "compat", "systemd", "altfiles", "db", "extrausers", "mymachines", "usrfiles"})


@rule("CPL005", scope=Scope.WORKLOAD, needs=("processes", "users"))
def account_of_a_directory(subject: WorkloadSubject) -> RuleAnswer:
    """It runs under an account that the host gets from a directory service (LDAP, NIS, Active Directory).

    Why:
        An image has a passwd file of its own and nothing that asks a directory (sssd, nslcd, nscd, winbind). The
        program cannot be started under the account, names are shown as numbers, and groups are missing.
    Remedy:
        Create the account in the image with the same numbers, or run the container under the numbers (--user). Where
        the program asks for users itself, mount the socket of the host's sssd (/var/lib/sss/pipes), or let it speak
        LDAP.
    Source:
        User ids of its processes that are in no local passwd file, and the services that nsswitch.conf names.
    """
    users = value_or_none(subject.host.snapshot.users)
    if users is None or not users.users:
        yield Undecided("users", "the local accounts could not be read")
        return
    sources = [source for source in users.sources if source not in _LOCAL]
    seen: set[int] = set()
    for process in subject.workload.processes:
        uid = process.effective_uid
        if uid < 0 or uid in seen or users.user(uid) is not None or not sources:
            continue
        seen.add(uid)
        yield Hit(
            Severity.MINOR,
            f"{process.name} runs under the user id {uid}, which comes from {', '.join(sources)}.",
            (
                Evidence(
                    f"{process.name} (pid {process.pid}) has user id {uid}, which no local file has", process.origin
                ),
            ),
        )
