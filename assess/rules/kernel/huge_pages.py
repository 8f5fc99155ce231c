"""KRN017: workloads that use reserved huge pages."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from inventory.observation import value_or_none

_MAPPED = ("/dev/hugepages/", "/anon_hugepage")


@rule("KRN017", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "kernel"))
def huge_pages(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service uses reserved huge pages, which the target must also provide.

    Why:
        Huge pages are reserved for the whole kernel (vm.nr_hugepages), and a container cannot reserve them. Without
        them, the program fails, or continues with small pages and needs more memory than measured.
    Remedy:
        Reserve them on the container host, and start the container with --cap-add IPC_LOCK and, for hugetlbfs, its
        mount bound. In Kubernetes, request hugepages-2Mi. vm.hugetlb_shm_group also applies to the whole host.
    Source:
        HugetlbPages in /proc/PID/status and /sys/kernel/mm/hugepages; the kernel's hugetlbpage.rst. Tested.
    """
    target = subject.target
    kernel = value_or_none(subject.host.snapshot.kernel)
    if target.system != "linux" or kernel is None or not any(pool.total for pool in kernel.huge_pages):
        return
    used = 0
    evidence: list[Evidence] = []
    unknown = False
    for process in subject.workload.processes:
        if process.memory is not None and process.memory.huge_pages is not None:
            if process.memory.huge_pages:
                used = max(used, process.memory.huge_pages)
                fact = f"{process.name} (pid {process.pid}) has {process.memory.huge_pages >> 20} MiB in huge pages"
                evidence.append(Evidence(fact, process.origin))
            continue
        mapped = subject.host.mapped_by_pid.get(process.pid, ())
        if found := next((each for each in mapped if each.path.startswith(_MAPPED)), None):
            evidence.append(Evidence(f"{process.name} (pid {process.pid}) has mapped {found.path}", found.origin))
        else:
            unknown = True
    if not evidence:
        if unknown:
            yield Undecided("processes", "the kernel does not report which processes use its huge pages")
        return
    pool = next(each for each in kernel.huge_pages if each.total)
    pages = -(-used // pool.size_bytes) if used else pool.total
    if target.free_huge_pages is not None and dict(target.free_huge_pages).get(pool.size_bytes, 0) >= pages:
        return
    known = target.free_huge_pages is not None
    has = f"{target.name} has {dict(target.free_huge_pages or ()).get(pool.size_bytes, 0)} free" if known else ""
    yield Hit(
        Severity.MINOR,
        f"The service uses {pages} huge {'page' if pages == 1 else 'pages'} of {pool.size_bytes >> 10} KiB"
        + (f", and {has}." if known else "."),
        (*evidence[:4], Evidence(f"the host reserves {pool.total} of them", pool.origin)),
        f"Reserve them on {target.name} (vm.nr_hugepages = {pages} or more, or hugepages= on its command line), and "
        "start the container with --cap-add IPC_LOCK.",
        settings=("capability IPC_LOCK",),
    )
