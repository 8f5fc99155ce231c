"""DAT002."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("DAT002", scope=Scope.WORKLOAD, needs=("processes",))
def state_in_volumes(subject: WorkloadSubject) -> RuleAnswer:
    """The service keeps data, which becomes a volume.

    Why:
        Images are the same for everyone and containers are replaced; data is neither. It lives in a volume, is copied
        there before the switch, and is backed up from there. Such a service runs once, not in replicas, unless its
        program can share the data.
    Remedy:
        Give the container a volume at the path, seed it from the old server (a database by its own dump tool), and
        plan the copy at the switch.
    Source:
        Open files, configuration and arguments that name the directory; the usual places of known programs.
    """
    for data in subject.workload.data:
        yield Hit(
            Severity.INFO,
            f"{data.path} holds its data and becomes a volume.",
            data.evidence,
            f"Mount a volume at {data.path}, owned by {subject.host.account(data.uid)}.",
        )
    if unseen := subject.host.unseen_files(subject.workload.processes):
        yield Undecided("open_files", unseen)
