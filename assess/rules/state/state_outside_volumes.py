"""DAT001: services that write outside the directories that become volumes."""

from __future__ import annotations

import posixpath

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.data_directories import is_lasting
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process
from inventory.observation import value_or_none


@rule("DAT001", scope=Scope.WORKLOAD, needs=("processes", "open_files"))
def state_outside_volumes(subject: WorkloadSubject) -> RuleAnswer:
    """Service writes files outside the directories that become volumes.

    Why:
        Files that a container writes into its own layer are lost when the container is replaced, which is how
        containers are updated. Files among programs and configuration cannot become a volume without hiding the image's
        own files.
    Remedy:
        Configure the service to write into a directory that holds nothing else, and declare that a volume. If the path
        cannot be changed, mount a single file or a subdirectory there.
    Source:
        Files that the processes hold open for writing, compared with the data directories found.
    """
    volumes = tuple(data.path for data in subject.workload.data)
    ipc = value_or_none(subject.host.snapshot.ipc)
    # The kernel shows an open POSIX message queue as a file in the root directory.
    queues = frozenset(f"/{each.name}" for each in (ipc.posix if ipc else ()) if each.kind == "queue")
    seen: dict[str, tuple[Process, OpenFile, int]] = {}
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if (
                not _is_kept(file)
                or file.target in queues
                or any(file.target.startswith(path + "/") for path in volumes)
            ):
                continue
            directory = posixpath.dirname(file.target)
            known = seen.get(directory)
            seen[directory] = (process, file, 1) if known is None else (known[0], known[1], known[2] + 1)
    for directory, (process, file, count) in sorted(seen.items()):
        more = f" and {count - 1} more there" if count > 1 else ""
        yield Hit(
            Severity.MAJOR,
            f"The service writes {file.target}{more} outside any volume.",
            (Evidence(f"{process.name} (pid {process.pid}) holds {file.target} open for writing", file.origin),),
            f"Move the files in {directory} to a separate directory, or mount them there individually.",
        )


def _is_kept(file: OpenFile) -> bool:
    return (
        file.writable
        and not file.deleted
        and is_lasting(file.target)
        and not file.target.startswith("/memfd:")
        # Logs have a separate rule, and a pid file is worthless once the process has ended.
        and not file.target.endswith((".log", ".pid"))
    )
