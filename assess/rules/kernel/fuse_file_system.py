"""KRN036."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import both, holding, working_below
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_OF_DESKTOPS = ("fuse.gvfsd-fuse", "fuse.portal", "fuse.lxcfs", "fuse.vmware-vmblock", "fusectl")


@rule("KRN036", scope=Scope.HOST, needs=("mounts",))
def fuse_file_system(subject: HostSubject) -> RuleAnswer:
    """A program of the host mounts a file system of its own (FUSE).

    Why:
        Mounting takes SYS_ADMIN and /dev/fuse, which containers do not have, and what a container mounts is not seen by
        others.
    Remedy:
        Mount it on the container host and bind the directory (with propagation rslave), or give one container
        --device /dev/fuse and --cap-add SYS_ADMIN.
    Source:
        /proc/self/mountinfo; fuse(4). Tested.
    """
    mounts = value_or_none(subject.host.snapshot.mounts)
    for mount in mounts.mounts if mounts else ():
        if mount.filesystem in ("fuse", "fuseblk") or mount.filesystem.startswith("fuse."):
            if mount.filesystem in _OF_DESKTOPS:
                continue
            yield Hit(
                Severity.MINOR,
                f"{mount.target} of {subject.host.name} is a file system in user space ({mount.filesystem}).",
                (Evidence(f"{mount.source} is mounted on {mount.target} as {mount.filesystem}", mount.origin),),
                affects=both(holding(subject.host, "/dev/fuse"), working_below(subject.host, (mount.target,))),
            )
