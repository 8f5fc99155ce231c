"""KRN028: hosts that export directories through the kernel's NFS server."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import working_below
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_TOLD = 4


@rule("KRN028", scope=Scope.HOST, needs=("processes", "mounts"))
def kernel_nfs_server(subject: HostSubject) -> RuleAnswer:
    """Host exports directories through the kernel's NFS server.

    Why:
        The NFS server nfsd is part of the kernel and not a program: a container that starts it needs the module,
        SYS_ADMIN and its own mounts, and its exports are the host's.
    Remedy:
        Let a host or a storage appliance serve the directories, or use a user-space server (NFS-Ganesha); make sure
        that clients mount the new address.
    Source:
        Kernel threads nfsd, /proc/fs/nfsd and exports(5); documentation of erichough/nfs-server.
    """
    threads = next((each for each in subject.host.kernel_threads if each.name == "nfsd"), None)
    mounts = value_or_none(subject.host.snapshot.mounts)
    exports = mounts.exports if mounts else ()
    if threads is not None:
        served = f" of {', '.join(mounts.served[:3])}" if mounts and mounts.served else ""
        yield Hit(
            Severity.MAJOR,
            f"{subject.host.name} is an NFS server{served}.",
            (
                Evidence(f"{threads.number} nfsd kernel threads run", threads.origin),
                *(Evidence(f"{each.directory} is exported to {each.client}", each.origin) for each in exports[:_TOLD]),
            ),
            affects=working_below(subject.host, {each.directory for each in exports}),
        )
