"""KRN027: workloads that use BPF programs or perf events."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_WHAT = {"bpf-map": "BPF programs", "bpf-prog": "BPF programs", "bpf-link": "BPF programs", "perf_event": "perf events"}


@rule("KRN027", scope=Scope.WORKLOAD, needs=("processes", "open_files"))
def bpf_or_perf(subject: WorkloadSubject) -> RuleAnswer:
    """Service monitors the kernel with BPF programs or perf events.

    Why:
        Containers are denied bpf(2) and perf_event_open(2) with EPERM. These calls expose the whole kernel, which is
        the container host's responsibility.
    Remedy:
        Run it once per container host, with --cap-add BPF, PERFMON and the host's PID and network namespaces, or
        install it on the host.
    Source:
        Descriptors anon_inode:bpf-* and [perf_event] in /proc/PID/fd; Docker's default seccomp profile. Tested.
    """
    told: set[str] = set()
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            what = _WHAT.get(file.kernel_object)
            if what is not None and what not in told:
                told.add(what)
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open"
                yield Hit(Severity.MAJOR, f"The service uses {what}.", (Evidence(fact, file.origin),))
