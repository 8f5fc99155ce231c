"""DAT003: services that write logs to files."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.open_files import OpenFile


@rule("DAT003", scope=Scope.WORKLOAD, needs=("processes", "open_files"), aliases=("logs-in-files",))
def log_files(subject: WorkloadSubject) -> RuleAnswer:
    """Service writes its logs to files.

    Why:
        In a container, the files grow in its layer without limit (nothing rotates them there), disappear with it, and
        are invisible to `docker logs` and log collectors.
    Remedy:
        Log to standard output (most servers can; for others, use a link to /dev/stdout), or mount a volume and rotate
        on the container host.
    Source:
        Files under /var/log, or named *.log, that the processes hold open for writing.
    """
    # A database's journals may end in .log; files in a volume are data.
    volumes = tuple(data.path + "/" for data in subject.workload.data)
    found: dict[str, Evidence] = {}
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.target not in found and _is_log(file) and not file.target.startswith(volumes):
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                found[file.target] = Evidence(fact, file.origin)
    if found:
        paths = sorted(found)
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield Hit(Severity.MINOR, f"Logs are written to {paths[0]}{more}.", tuple(found[path] for path in paths[:5]))


def _is_log(file: OpenFile) -> bool:
    return (
        file.writable
        and not file.deleted
        and (file.target.startswith("/var/log/") or (file.target.startswith("/") and file.target.endswith(".log")))
    )
