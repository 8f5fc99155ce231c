"""KRN014."""

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
    """The workload has semaphores or message queues of System V.

    Why:
        They are known by a number that counts in one IPC name space, and each container has its own. Their limits
        (kernel.sem, kernel.msgmnb …) begin with the kernel's own values there. The kernel does not say who uses a
        semaphore: it is taken for a workload's when the user who owns it runs the workload.
    Remedy:
        Run the programs that share them in one container or one IPC name space (--ipc container:NAME), and set limits
        that were raised with --sysctl (kernel.sem, kernel.msgmax, kernel.msgmnb).
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
    words = ("semaphores", "message queue")
    kinds = " and ".join(word for word in words if any(word in evidence.fact for evidence, _ in found))
    shared = f"; so may {', '.join(others)}, of the same user or by the same queue" if others else ""
    yield Hit(
        Severity.MINOR if others else Severity.INFO,
        f"It uses {kinds} of System V{shared}.",
        tuple(evidence for evidence, _ in found[:_TOLD]),
        "" if others else "Nothing, unless its limits were raised: in a container of its own it has them to itself.",
    )


def _objects(subject: WorkloadSubject, ipc: Ipc) -> Iterator[tuple[Evidence, tuple[str, ...]]]:
    """What is this workload's, with the names of others that may use it as well."""
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
    """Workloads of a user, id to name. Of root's nothing follows: too many run for it."""
    return {each.id: each.name for each in subject.host.workloads_of_uid.get(uid, ())} if uid else {}
