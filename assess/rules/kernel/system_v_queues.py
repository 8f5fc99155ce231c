"""KRN014: workloads with System V semaphores or message queues."""

from __future__ import annotations

from collections.abc import Iterator

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.ipc import Ipc
from inventory.observation import value_or_none

_TOLD = 4


@rule("KRN014", scope=Scope.WORKLOAD, needs=("processes", "ipc"))
def system_v_queues(subject: WorkloadSubject) -> RuleAnswer:
    """Service has System V semaphores or message queues.

    Why:
        They are identified by a number within one IPC namespace, and each container has its own. Their limits
        (kernel.sem, kernel.msgmnb …) start with the kernel's defaults there. The kernel does not report the users of a
        semaphore: it is attributed to its owner's workloads.
    Remedy:
        Run the programs that share them in one container or one IPC namespace (--ipc container:NAME), and set raised
        limits with --sysctl (kernel.sem, kernel.msgmax, kernel.msgmnb).
    Source:
        /proc/sysvipc/sem and msg; ipc_namespaces(7). Tested.
    """
    ipc = value_or_none(subject.host.snapshot.ipc)
    if ipc is None:
        return
    found = list(_objects(subject, ipc))
    if not found:
        return
    others = sorted({name for _, names in found for name in names})
    kinds = " and ".join(
        word
        for word in ("semaphores", "message queues")
        if any(word.removesuffix("s") in each.fact for each, _ in found)
    )
    shared = f"; {', '.join(others)} may use them too (same user or same queue)" if others else ""
    yield Hit(
        Severity.MINOR if others else Severity.INFO,
        f"The service uses System V {kinds}{shared}.",
        tuple(evidence for evidence, _ in found[:_TOLD]),
        "" if others else "None needed, unless the limits were raised: a separate container has them to itself.",
    )


def _objects(subject: WorkloadSubject, ipc: Ipc) -> Iterator[tuple[Evidence, tuple[str, ...]]]:
    """Yield this workload's objects, with the names of other workloads that may use them."""
    host, mine = subject.host, subject.workload.id
    for queue in ipc.message_queues:
        ends = (host.workload_of_pid.get(pid) for pid in (queue.last_sender, queue.last_receiver))
        used_by = [each for each in ends if each is not None]
        ids = {workload.id: workload.name for workload in used_by} or _of_user(subject, queue.uid)
        if mine in ids:
            fact = f"message queue {queue.id} with {queue.messages} messages belongs to {host.account(queue.uid)}"
            yield Evidence(fact, queue.origin), tuple(name for key, name in ids.items() if key != mine)
    for semaphore in ipc.semaphores:
        ids = _of_user(subject, semaphore.uid)
        if mine in ids:
            fact = f"{semaphore.count} semaphores (set {semaphore.id}) belong to {host.account(semaphore.uid)}"
            yield Evidence(fact, semaphore.origin), tuple(name for key, name in ids.items() if key != mine)


def _of_user(subject: WorkloadSubject, uid: int) -> dict[str, str]:
    """Map the ids of a user's workloads to their names; empty for root, which runs too many to conclude anything."""
    return {each.id: each.name for each in subject.host.workloads_of_uid.get(uid, ())} if uid else {}
