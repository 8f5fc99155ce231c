"""CPL004."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_SHARED_BY_ALL = frozenset({0, 65534, 65535})


@rule("CPL004", scope=Scope.WORKLOAD, needs=("processes",))
def shared_account(subject: WorkloadSubject) -> RuleAnswer:
    """Another service of the same server runs under the same account.

    Why:
        What one of them writes the other may change, and people may have relied on that: common directories, common
        keys, one crontab. Files that leave on two volumes keep only the number of the account.
    Remedy:
        Find out what they share before they are taken apart, and give both containers the same user id where it is
        files.
    Source:
        Real user ids of the processes of services; accounts that every system has (root, nobody) say nothing.
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
                f"It shares the account {subject.host.account(uid)} with {names}.",
                (
                    Evidence(f"{mine.name} (pid {mine.pid}) has user id {uid}", mine.origin),
                    Evidence(f"{theirs.name} (pid {theirs.pid}) of {others[0].name} has it too", theirs.origin),
                ),
            )
