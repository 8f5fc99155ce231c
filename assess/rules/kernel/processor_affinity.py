"""KRN021: workloads bound to some of the host's processors or memory nodes."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN021", scope=Scope.WORKLOAD, needs=("processes",), aliases=("bound-to-processors",))
def processor_affinity(subject: WorkloadSubject) -> RuleAnswer:
    """Service is bound to some of the host's processors or memory nodes.

    Why:
        The binding separates it from other work: for latency, for memory locality, or because a licence counts
        processors. In a container, a binding that the program sets itself fails if the numbers are outside the
        container's set.
    Remedy:
        Give the container the same number of processors (--cpuset-cpus, --cpuset-mems; in Kubernetes the static policy
        of the CPU manager), using the numbers of the container host.
    Source:
        Cpus_allowed_list and Mems_allowed_list in /proc/PID/status; sched_setaffinity(2). Tested.
    """
    first = next((each for each in subject.host.processes if each.pid == 1), None)
    if first is None or not first.allowed_cpus:
        yield Undecided("processes", "the processors available to the host's first process could not be read")
        return
    for process in subject.workload.processes:
        for what, option, mine, whole in (
            ("processors", "--cpuset-cpus", process.allowed_cpus, first.allowed_cpus),
            ("memory nodes", "--cpuset-mems", process.allowed_nodes, first.allowed_nodes),
        ):
            if mine and whole and mine != whole and numbers(mine) < numbers(whole):
                yield Hit(
                    Severity.MINOR,
                    f"The service is bound to {what} {mine} of {whole}.",
                    (Evidence(f"{process.name} (pid {process.pid}) may use {what} {mine}", process.origin),),
                    f"Start the container with {option} and as many {what} of the container host.",
                )
                return


def numbers(listed: str) -> frozenset[int]:
    """Parse a number list in the kernel's format (``0-3,8``); anything else gives an empty set."""
    found: set[int] = set()
    for piece in listed.split(","):
        low, _, high = piece.partition("-")
        if low.isdigit() and (high == "" or high.isdigit()):
            found.update(range(int(low), min(int(high or low), 65_535) + 1))
    return frozenset(found)
