"""DAT004: services that work on a network, cluster or user-space file system."""

from __future__ import annotations

from collections.abc import Iterator

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.mounts import Mount
from inventory.observation import value_or_none

_REMEDIES = {
    "nfs": "an engine volume (docker volume create --opt type=nfs --opt o=addr=…), or a PersistentVolume",
    "cifs": "an engine volume with --opt type=cifs, whose credentials are stored on the container host",
}
_SPECIAL = ("gfs", "gfs2", "ocfs2", "gpfs", "lustre", "beegfs", "ceph", "glusterfs", "afs", "zfs")


@rule("DAT004", scope=Scope.WORKLOAD, needs=("processes", "open_files", "mounts"), aliases=("on-network-file-system",))
def network_file_system(subject: WorkloadSubject) -> RuleAnswer:
    """Service works on a network, cluster or user-space file system.

    Why:
        A container has none of the host's mounts and may not mount anything itself. The container host must mount the
        same file system and may lack support that the old host had: NFS version 2, SMB version 1, a vendor's module.
    Remedy:
        Mount it on the container host and give the container the directory, or let the engine mount it as a volume. Do
        not copy the data into a volume: others may use it as well.
    Source:
        The host's mounts under the workload's data, open files, working directories and programs.
    """
    mounts = value_or_none(subject.host.snapshot.mounts)
    if mounts is None:
        return
    special = [each for each in mounts.mounts if _is_special(each)]
    if not special:
        return
    told: set[str] = set()
    for path, evidence in _paths(subject):
        mount = max(
            (each for each in special if path == each.target or path.startswith(each.target.rstrip("/") + "/")),
            key=lambda each: len(each.target),
            default=None,
        )
        if mount is None or mount.target in told:
            continue
        told.add(mount.target)
        kind = "nfs" if mount.filesystem.startswith("nfs") else "cifs" if mount.filesystem in ("smb3", "smbfs") else ""
        how = _REMEDIES.get(
            kind or mount.filesystem, "the container host, which needs the file system's module or helper"
        )
        yield Hit(
            Severity.MINOR,
            f"{mount.target} is {mount.filesystem} ({mount.source}), and the service works there.",
            (Evidence(f"{mount.source} is mounted at {mount.target} as {mount.filesystem}", mount.origin), evidence),
            f"Have {mount.source} mounted by {how}.",
        )


def _is_special(mount: Mount) -> bool:
    if mount.remote or mount.clustered or mount.filesystem in _SPECIAL:
        return True
    of_a_program = mount.filesystem in ("fuse", "fuseblk") or mount.filesystem.startswith("fuse.")
    return of_a_program and not mount.filesystem.startswith(("fuse.lxcfs", "fuse.gvfs"))


def _paths(subject: WorkloadSubject) -> Iterator[tuple[str, Evidence]]:
    for data in subject.workload.data:
        yield data.path, Evidence(f"{data.path} holds its data")
    for process in subject.workload.processes:
        who = f"{process.name} (pid {process.pid})"
        for path, what in ((process.executable, "runs"), (process.working_directory, "works in")):
            if path:
                yield path, Evidence(f"{who} {what} {path}", process.origin)
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.target.startswith("/"):
                yield file.target, Evidence(f"{who} holds {file.target} open", file.origin)
    for root in subject.workload.configuration_roots:
        yield root, Evidence(f"{root} is its configuration or code")
