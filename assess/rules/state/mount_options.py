"""DAT006: data on a file system with special mount options."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_OPTIONS = {
    "usrquota": "user quotas",
    "grpquota": "group quotas",
    "prjquota": "directory quotas",
    "usrjquota": "user quotas",
    "grpjquota": "group quotas",
    "uquota": "user quotas",
    "gquota": "group quotas",
    "pquota": "directory quotas",
    "mand": "mandatory locks",
    "sync": "synchronous writes",
    "dirsync": "synchronous directory changes",
    "noexec": "no program execution",
}


@rule("DAT006", scope=Scope.WORKLOAD, needs=("processes", "mounts"), aliases=("mount-options-matter",))
def mount_options(subject: WorkloadSubject) -> RuleAnswer:
    """Data is on a file system with special mount options.

    Why:
        A volume is on a file system of the container host, with the mount options of that file system. Quotas are not
        counted there, and containers are denied the quota calls.
    Remedy:
        If the options matter, put the volume on a file system that is mounted with them; limit its size there.
    Source:
        Mount options under the workload's data. The denial of quotactl was tested.
    """
    mounts = value_or_none(subject.host.snapshot.mounts)
    told: set[str] = set()
    for data in subject.workload.data:
        below = [
            each
            for each in (mounts.mounts if mounts else ())
            if data.path == each.target or data.path.startswith(each.target.rstrip("/") + "/")
        ]
        if not below:
            continue
        mount = max(below, key=lambda each: len(each.target))
        found = [option for option in mount.options if option.partition("=")[0] in _OPTIONS]
        if not found or mount.target in told:
            continue
        told.add(mount.target)
        meaning = ", ".join(dict.fromkeys(_OPTIONS[option.partition("=")[0]] for option in found))
        yield Hit(
            Severity.INFO,
            f"{mount.target}, which holds the data, is mounted with {', '.join(found)} ({meaning}).",
            (Evidence(f"{mount.source} is mounted at {mount.target}", mount.origin, ",".join(mount.options)),),
        )
