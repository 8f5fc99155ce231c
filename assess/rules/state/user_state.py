"""DAT007: services that store sessions, uploads, mail or print jobs."""

from __future__ import annotations

from collections.abc import Iterator

from assess.knowledge.state_kinds import StateKind, state_kind
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Found, value_or_none


@rule("DAT007", scope=Scope.WORKLOAD, needs=("processes", "open_files", "directories"), aliases=("state-of-users",))
def user_state(subject: WorkloadSubject) -> RuleAnswer:
    """Service stores sessions, uploads, mail or print jobs, which change until the switch.

    Why:
        A volume stores them, but any copy is outdated at once, and two replicas with separate directories show
        different data. Items still queued are lost, or sent twice when both servers run.
    Remedy:
        Store it in a volume, and copy it a last time while the old service is stopped; the finding lists what else its
        type needs.
    Source:
        Directories with the usual names (data: state_kinds.toml) among the workload's data, open files, and below its
        configuration and code.
    """
    told: set[str] = set()
    for path, kind, evidence in _found(subject):
        if kind.what not in told:
            told.add(kind.what)
            yield Hit(Severity.MINOR, f"{path} stores {kind.what}.", (evidence,), kind.remedy)
    directories = subject.host.snapshot.directories
    if not told and subject.workload.data and isinstance(directories, Found) and directories.gaps:
        yield Undecided("directories", "the contents of some directories could not be read")


def _found(subject: WorkloadSubject) -> Iterator[tuple[str, StateKind, Evidence]]:
    workload = subject.workload
    for data in workload.data:
        if kind := state_kind(data.path):
            yield data.path, kind, next(iter(data.evidence), Evidence(f"{data.path} is among its data"))
    for process in workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.writable and file.target.startswith("/") and (kind := state_kind(file.target)):
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                yield file.target, kind, Evidence(fact, file.origin)
    own = tuple(
        root.rstrip("/") + "/" for root in (*workload.configuration_roots, *(each.path for each in workload.data))
    )
    for directory in value_or_none(subject.host.snapshot.directories) or ():
        if directory.path.startswith(own) and (kind := state_kind(directory.path)):
            fact = f"{directory.path} belongs to {subject.host.account(directory.uid)}"
            yield directory.path, kind, Evidence(fact, directory.origin)
