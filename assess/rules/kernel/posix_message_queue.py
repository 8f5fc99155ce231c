"""KRN015: workloads that use POSIX message queues."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("KRN015", scope=Scope.WORKLOAD, needs=("processes", "ipc", "open_files"))
def posix_message_queue(subject: WorkloadSubject) -> RuleAnswer:
    """Service uses POSIX message queues.

    Why:
        Queues belong to an IPC namespace, and each container has its own, with the kernel's default limits: ten
        messages of 8192 bytes (fs.mqueue.*), and RLIMIT_MSGQUEUE.
    Remedy:
        Run the programs at both ends in one container or one IPC namespace (--ipc container:NAME), and set raised
        limits with --sysctl fs.mqueue.msg_max, fs.mqueue.msgsize_max and --ulimit msgqueue.
    Source:
        /dev/mqueue and /proc/PID/fd; mq_overview(7). Tested.
    """
    ipc = value_or_none(subject.host.snapshot.ipc)
    queues = {f"/{each.name}": each for each in (ipc.posix if ipc else ()) if each.kind == "queue"}
    if not queues:
        return
    users: dict[str, set[str]] = {}
    mine: dict[str, Evidence] = {}
    own = {process.pid: process for process in subject.workload.processes}
    for pid, files in subject.host.files_by_pid.items():
        for file in files:
            name = file.target.removeprefix("/dev/mqueue")
            if name not in queues:
                continue
            if pid in own:
                fact = f"{own[pid].name} (pid {pid}) holds the queue {name} open as descriptor {file.descriptor}"
                mine.setdefault(name, Evidence(fact, file.origin))
            elif other := subject.host.workload_of_pid.get(pid):
                users.setdefault(name, set()).add(other.name)
    for name, evidence in mine.items():
        others = sorted(users.get(name, ()))
        yield Hit(
            Severity.MINOR,
            f"The service uses the message queue {name}" + (f" together with {', '.join(others)}." if others else "."),
            (evidence, Evidence(f"{name} is a queue with mode {queues[name].mode:o}", queues[name].origin)),
        )
