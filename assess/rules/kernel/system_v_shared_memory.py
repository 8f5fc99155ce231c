"""KRN013: workloads that use System V shared memory."""

from __future__ import annotations

from collections.abc import Iterable

from assess.model import Evidence, Severity, Workload
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.ipc import SharedSegment
from inventory.observation import value_or_none

_TOLD = 4


@rule("KRN013", scope=Scope.WORKLOAD, needs=("processes", "ipc"))
def system_v_shared_memory(subject: WorkloadSubject) -> RuleAnswer:
    """Service uses System V shared memory.

    Why:
        Segments are identified by a number within one IPC namespace, and each container has its own: a program in
        another container cannot find them. Programs that share a segment must stay together.
    Remedy:
        Run the programs that share a segment in one container, or give the second one the first one's IPC namespace
        (--ipc shareable and --ipc container:NAME; in Kubernetes one pod).
    Source:
        /proc/sysvipc/shm, and segments in /proc/PID/maps; ipc_namespaces(7). Tested.
    """
    ipc = value_or_none(subject.host.snapshot.ipc)
    attached = [each for each in (ipc.segments if ipc else ()) if each.attached > 0]
    if not attached:
        return
    mine: list[SharedSegment] = []
    others: set[str] = set()
    doubtful = ""
    for segment in attached:
        users = users_of(subject.host, segment)
        if any(user.id == subject.workload.id for user in users):
            mine.append(segment)
            others.update(user.name for user in users if user.id != subject.workload.id)
        elif not users and subject.workload in subject.host.workloads_of_uid.get(segment.uid, ()):
            doubtful = f"the processes attached to segment {segment.id} of its user could not be determined"
    if mine:
        size = sum(segment.size_bytes for segment in mine) / (1 << 20)
        shared = f", shared with {', '.join(sorted(others))}" if others else ""
        count = "1 segment" if len(mine) == 1 else f"{len(mine)} segments"
        alone = "" if others else "None needed: a separate container has its segments to itself."
        yield Hit(
            Severity.MINOR if others else Severity.INFO,
            f"The service uses System V shared memory ({count}, {size:.1f} MiB){shared}.",
            tuple(
                Evidence(
                    f"segment {each.id} (key 0x{each.key & 0xFFFFFFFF:08x}) of {each.size_bytes} bytes was created by "
                    f"process {each.creator_pid} and is attached {each.attached} times",
                    each.origin,
                )
                for each in mine[:_TOLD]
            ),
            alone,
        )
    elif unseen := subject.host.unseen_files(subject.workload.processes):
        yield Undecided("open_files", unseen)  # only the same users can read the mappings of other processes
    elif doubtful:
        yield Undecided("ipc", doubtful)


def users_of(host: HostFacts, segment: SharedSegment) -> tuple[Workload, ...]:
    """Return the workloads attached to a segment: by their mappings, else by its creator and last user."""
    name = f"/SYSV{segment.key & 0xFFFFFFFF:08x}"
    pids: set[int] = set()
    if segment.key:  # all private segments have one name
        pids.update(pid for mapped in host.segments_mapped.get(name, ()) for pid in mapped.pids)
    pids.update(_alive(host, segment))
    return tuple({each.id: each for pid in sorted(pids) if (each := host.workload_of_pid.get(pid))}.values())


def _alive(host: HostFacts, segment: SharedSegment) -> Iterable[int]:
    """Yield its creator and last user, if the process still runs under a permitted user: pids are reused."""
    for pid in (segment.creator_pid, segment.last_pid):
        workload = host.workload_of_pid.get(pid)
        process = next((each for each in workload.processes if each.pid == pid), None) if workload else None
        if process is not None and (process.uid in (segment.uid, segment.creator_uid) or process.uid == 0):
            yield pid
