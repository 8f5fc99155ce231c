"""KRN036: hosts with a FUSE file system."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import both, holding, working_below
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_OF_DESKTOPS = ("fuse.gvfsd-fuse", "fuse.portal", "fuse.lxcfs", "fuse.vmware-vmblock", "fusectl")


@rule("KRN036", scope=Scope.HOST, needs=("mounts",))
def fuse_file_system(subject: HostSubject) -> RuleAnswer:
    """Host has a FUSE file system, mounted by a program.

    Why:
        Mounting requires SYS_ADMIN and /dev/fuse, which containers do not have, and a file system that one container
        mounts is invisible to others.
    Remedy:
        Mount it on the container host and bind the directory (with propagation rslave), or give one container --device
        /dev/fuse and --cap-add SYS_ADMIN.
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
                f"{mount.target} on {subject.host.name} is a user-space file system ({mount.filesystem}).",
                (Evidence(f"{mount.source} is mounted on {mount.target} as {mount.filesystem}", mount.origin),),
                affects=both(holding(subject.host, "/dev/fuse"), working_below(subject.host, (mount.target,))),
            )
