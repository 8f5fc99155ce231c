"""CPL005: services that run under an account from a directory service."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_LOCAL = frozenset({"files", "compat", "systemd", "altfiles", "db", "extrausers", "mymachines", "usrfiles"})


@rule("CPL005", scope=Scope.WORKLOAD, needs=("processes", "users"), aliases=("account-of-a-directory",))
def directory_account(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs under a directory account (LDAP, NIS, Active Directory).

    Why:
        An image has its own passwd file and no directory client (sssd, nslcd, nscd, winbind). The program cannot start
        under the account, names appear as numbers, and group memberships are missing.
    Remedy:
        Create the account in the image with the same numeric ids, or run the container under those ids (--user). If the
        program itself looks up users, mount the socket of the host's sssd (/var/lib/sss/pipes), or configure LDAP in
        the program.
    Source:
        User ids of the service's processes that are in no local passwd file, and the sources listed in nsswitch.conf.
    """
    users = value_or_none(subject.host.snapshot.users)
    if users is None or not users.users:
        yield Undecided("users", "local accounts could not be read")
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
            f"{process.name} runs under user id {uid}, which comes from {', '.join(sources)}.",
            (
                Evidence(
                    f"{process.name} (pid {process.pid}) has user id {uid}, which is in no local file", process.origin
                ),
            ),
        )
