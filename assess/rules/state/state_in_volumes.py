"""DAT002: services whose data becomes a volume."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("DAT002", scope=Scope.WORKLOAD, needs=("processes",))
def state_in_volumes(subject: WorkloadSubject) -> RuleAnswer:
    """Service stores data, which becomes a volume.

    Why:
        An image is the same everywhere and containers are replaced; data is neither. It belongs in a volume, is copied
        there before the switch, and is backed up from there. Such a service runs once, without replicas, unless its
        program can share the data.
    Remedy:
        Give the container a volume at the path, seed it from the old host (a database with its dump tool), and plan the
        copy for the switch.
    Source:
        Open files, configuration and arguments that name the directory; the usual locations of known programs.
    """
    for data in subject.workload.data:
        yield Hit(
            Severity.INFO,
            f"{data.path} holds data and becomes a volume.",
            data.evidence,
            f"Mount a volume at {data.path}, owned by {subject.host.account(data.uid)}.",
        )
    if unseen := subject.host.unseen_files(subject.workload.processes):
        yield Undecided("open_files", unseen)
