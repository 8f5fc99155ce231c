"""DAT005: services that mount file systems at run time or rely on autofs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Origin, value_or_none
from inventory.platforms import Platform

_MOUNTS = re.compile(
    r"(?:^|[;&|(`]\s*|\b(?:sudo|then|do|exec)\s+)(?:/usr)?(?:/s?bin/)?(?:u?mount(?:\.\w+)?|sshfs)\s+[-/\w$\"']"
)
_WORDS = ("mount", "sshfs")


@rule(
    "DAT005",
    scope=Scope.WORKLOAD,
    needs=("processes", "open_files", "mounts", "configuration", "cron"),
    platform=Platform.POSIX,
    aliases=("mounts-on-demand",),
)
def on_demand_mounts(subject: WorkloadSubject) -> RuleAnswer:
    """Service mounts file systems at run time or relies on autofs.

    Why:
        Containers may not mount. What autofs mounts on the container host is visible inside only if the directory is
        shared with the right propagation; otherwise the program finds an empty directory.
    Remedy:
        Mount the file system on the container host, or as a volume, before the container starts (for autofs with
        bind-propagation=rslave). Granting SYS_ADMIN to the container is the last resort.
    Source:
        Mount calls in its jobs, start script and code, and autofs maps over its data and open files. Only lines that
        name a path or a host are collected. mount(2), autofs(5). The denial was tested.
    """
    for place, text, origin in _texts(subject):
        if _may_mount(text) and _MOUNTS.search(text.strip()):
            yield Hit(
                Severity.MAJOR,
                f"{place} mounts a file system.",
                (Evidence(f"{place} calls mount", origin, text.strip()[:200]),),
            )
            break
    mounts = value_or_none(subject.host.snapshot.mounts)
    tops = {each.key: each for each in mounts.automounts if each.key.startswith("/")} if mounts else {}
    for path, top in ((path, top) for top in tops.items() for path in _used(subject)):
        if path.startswith(top[0].rstrip("/") + "/"):
            yield Hit(
                Severity.MAJOR,
                f"The service works in {path}, which autofs mounts on access.",
                (Evidence(f"{top[1].path} assigns {top[0]} to autofs", top[1].origin, top[1].location),),
            )
            return


def _may_mount(text: str) -> bool:
    return any(word in text for word in _WORDS)


def _used(subject: WorkloadSubject) -> Iterator[str]:
    for data in subject.workload.data:
        yield data.path
    for process in subject.workload.processes:
        if process.working_directory:
            yield process.working_directory
        for file in subject.host.files_by_pid.get(process.pid, ()):
            yield file.target


def _texts(subject: WorkloadSubject) -> Iterator[tuple[str, str, Origin]]:
    workload = subject.workload
    for job in workload.schedules:
        yield job.place, job.command, job.origin
    service = workload.service
    if service is not None:
        for number, text in enumerate(service.text.splitlines() if _may_mount(service.text) else (), 1):
            yield f"{service.path}:{number}", text, service.origin
        for key in ("ExecStartPre", "ExecStart", "ExecStartPost"):
            for name, value in service.properties:
                if name == key:
                    yield f"{key} of {service.name}", _argv(value), service.origin
    for line in subject.host.configuration.mentioning(workload.configuration_roots, _WORDS):
        if line.code:
            yield f"{line.path}:{line.number}", line.text, line.origin


def _argv(value: str) -> str:
    # systemctl show writes { path=/bin/mount ; argv[]=/bin/mount /data ; ignore_errors=no ; … }
    match = re.search(r"argv\[\]=([^;]*)", value)
    return match[1].strip() if match else value
