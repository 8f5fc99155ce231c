"""Owners of sockets that are neither listeners nor connections."""

from __future__ import annotations

from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import WorkloadOnTargetSubject, WorkloadSubject
from inventory.model.processes import Process


def held_by(subject: WorkloadSubject | WorkloadOnTargetSubject, inode: int, pid: int = 0) -> Process | None:
    """Return the first process of the workload that holds a socket; None if another process does or it is unknown.

    ``pid`` is the process that opened it, for kernels that report no inode (then 0).
    """
    host: HostFacts = subject.host
    holders = host.snapshot.holders_of(inode) if inode else (pid,) if pid else ()
    if not holders:
        return None
    own = {process.pid: process for process in subject.workload.processes}
    return next((own[holder] for holder in holders if holder in own), None)
