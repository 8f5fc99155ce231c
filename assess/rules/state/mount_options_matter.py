"""DAT006."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_OPTIONS = {
    "usrquota": "quotas of users",
    "grpquota": "quotas of groups",
    "prjquota": "quotas of directories",
    "usrjquota": "quotas of users",
    "grpjquota": "quotas of groups",
    "uquota": "quotas of users",
    "gquota": "quotas of groups",
    "pquota": "quotas of directories",
    "mand": "mandatory locks",
    "sync": "every write at once",
    "dirsync": "every change of a directory at once",
    "noexec": "no programs",
}


@rule("DAT006", scope=Scope.WORKLOAD, needs=("processes", "mounts"))
def mount_options_matter(subject: WorkloadSubject) -> RuleAnswer:
    """Its data lies on a file system that is mounted in a particular way.

    Why:
        A volume lies on a file system of the container host, with that one's options. Quotas are not counted there,
        and the calls for them are refused in a container.
    Remedy:
        Put the volume on a file system that is mounted so, if it matters; limit its size there.
    Source:
        Options of the mounts under the workload's data. quotactl refused: tested.
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
            f"{mount.target}, where its data lies, is mounted with {', '.join(found)} ({meaning}).",
            (Evidence(f"{mount.source} is mounted at {mount.target}", mount.origin, ",".join(mount.options)),),
        )
