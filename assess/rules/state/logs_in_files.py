"""DAT003."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.open_files import OpenFile


@rule("DAT003", scope=Scope.WORKLOAD, needs=("processes", "open_files"))
def logs_in_files(subject: WorkloadSubject) -> RuleAnswer:
    """The service writes its logs to files.

    Why:
        In a container the files grow in its layer without bound (nothing rotates them there), vanish with it, and are
        not seen by `docker logs` and log collectors.
    Remedy:
        Log to standard output (most servers can; a link to /dev/stdout does for the others), or mount a volume and
        rotate on the container host.
    Source:
        Files under /var/log, or called *.log, that its processes hold open for writing.
    """
    # A database's own journals may end in .log; what lies in a volume is data.
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
        yield Hit(Severity.MINOR, f"It logs to {paths[0]}{more}.", tuple(found[path] for path in paths[:5]))


def _is_log(file: OpenFile) -> bool:
    return (
        file.writable
        and not file.deleted
        and (file.target.startswith("/var/log/") or (file.target.startswith("/") and file.target.endswith(".log")))
    )
