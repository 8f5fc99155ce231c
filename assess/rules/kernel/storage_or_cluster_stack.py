"""KRN029: hosts that belong to a cluster or use network disks."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_PROGRAMS = {
    "iscsid": "iSCSI", "multipathd": "multipath disks", "clvmd": "clustered LVM",
    "dlm_controld": "a distributed lock manager", "pacemakerd": "Pacemaker", "corosync": "Corosync",
    "heartbeat": "the Heartbeat cluster", "cman": "the CMAN cluster", "rgmanager": "the rgmanager cluster",
    "o2cb": "OCFS2", "ocfs2_controld": "OCFS2", "ohasd.bin": "Oracle Clusterware", "had": "Veritas Cluster",
    "vxconfigd": "Veritas Volume Manager", "mmfsd": "GPFS", "glusterd": "GlusterFS", "sanlock": "shared disk locks",
}  # fmt: skip


@rule("KRN029", scope=Scope.HOST, needs=("processes",))
def storage_or_cluster_stack(subject: HostSubject) -> RuleAnswer:
    """Host belongs to a cluster or uses network disks.

    Why:
        DRBD, iSCSI, multipath, clustered file systems and cluster managers work in a host's kernel and on the host as a
        whole: they restart it, mount its disks and move its addresses. Containers cannot do that, and their platform
        provides availability in a different way.
    Remedy:
        Give the container host the disks (or put the data on a platform volume), and let the orchestrator restart and
        move the service; replicate databases with their own tools.
    Source:
        Running programs, /etc/drbd.d and /sys/class/iscsi_session; manuals of the programs.
    """
    found: dict[str, Evidence] = {}
    for process in subject.host.processes:
        name = (process.executable or process.name).rpartition("/")[2]
        if name in _PROGRAMS:
            found.setdefault(_PROGRAMS[name], Evidence(f"{name} runs as process {process.pid}", process.origin))
    storage = value_or_none(subject.host.snapshot.storage)
    if storage is not None:
        for resource in storage.drbd:
            fact = f"{resource.name} is mirrored between {' and '.join(resource.hosts[:4])}"
            found.setdefault("DRBD disk mirroring", Evidence(fact, resource.origin))
        for session in storage.iscsi:
            found["iSCSI"] = Evidence(f"session {session.name} with {session.target}", session.origin)
    if found:
        yield Hit(Severity.MAJOR, f"{subject.host.name} uses {', '.join(found)}.", tuple(found.values()))
