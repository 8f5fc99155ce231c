"""CPL004: services that share an account with another service."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_SHARED_BY_ALL = frozenset({0, 65534, 65535})


@rule("CPL004", scope=Scope.WORKLOAD, needs=("processes",))
def shared_account(subject: WorkloadSubject) -> RuleAnswer:
    """Service shares its account with another service on the same host.

    Why:
        Each of them can change files that the other writes, and the setup may rely on that: shared directories, shared
        keys, one crontab. Files that move to two volumes keep only the numeric user id.
    Remedy:
        Find out what they share before separating them. If they share files, give both containers the same user id.
    Source:
        Real user ids of service processes. Accounts that every system has (`root`, `nobody`) are ignored.
    """
    workload = subject.workload
    for uid in sorted({process.uid for process in workload.processes} - _SHARED_BY_ALL):
        # Windows hosts have names and no numbers.
        if uid < 0:
            continue
        others = [
            each
            for each in subject.host.workloads
            if each.kind == "service" and each is not workload and any(process.uid == uid for process in each.processes)
        ]
        if others:
            names = ", ".join(each.name for each in others[:4])
            mine = next(process for process in workload.processes if process.uid == uid)
            theirs = next(process for process in others[0].processes if process.uid == uid)
            yield Hit(
                Severity.INFO,
                f"The account {subject.host.account(uid)} is also used by {names}.",
                (
                    Evidence(f"{mine.name} (pid {mine.pid}) has user id {uid}", mine.origin),
                    Evidence(
                        f"{theirs.name} (pid {theirs.pid}) of {others[0].name} has the same user id", theirs.origin
                    ),
                ),
            )
