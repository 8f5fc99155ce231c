"""KRN031."""

from __future__ import annotations

import re

from assess.facts import OfWorkloadOnTarget
from assess.model import Evidence, Severity
from assess.rule import Answer, Hit, Scope, Undecided, rule
from inventory.observation import value_or_none

_Version = tuple[int, int, int]

# jdk1.8.0_181, jre1.7.0-u80, java-1.8.0-openjdk-1.8.0.181-7.b13.el7, jdk-11.0.2, zulu11.0.16
_OLD_NAME = re.compile(r"1\.([5-8])\.0(?:[._-]u?(\d{1,3}))?(?![\d.]*-openjdk)")
_NEW_NAME = re.compile(r"(?:jdk|jre|java|zulu|corretto|temurin)[-_]?(9|1\d|2\d)\.(\d+)\.(\d+)")
_PACKAGE_OLD = re.compile(r"(?:\d+:)?(?:1\.)?([5-8])(?:\.0[._]|u)(\d{1,3})")
_PACKAGE_NEW = re.compile(r"(?:\d+:)?(9|1\d|2\d)(?:\.(\d+))?(?:\.(\d+))?")
_LIBRARY = "/libjvm.so"
_LAUNCHERS = ("java", "jsvc", "jsvc.exec")


@rule("KRN031", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "libraries"))
def jvm_without_limits(subject: OfWorkloadOnTarget) -> Answer:
    """The workload runs on a Java run-time that does not see the limits of its container.

    Why:
        Java before 8u191 and 9 reads the size of the host, not of the container; before 8u372, 11.0.16 and 15 it knows
        control groups of version 1 only. Its heap is then a quarter of the host's memory and its thread pools follow
        the host's processors: the container exceeds its limit and is ended (OOM).
    Remedy:
        Use a newer Java, or set -Xmx, -XX:ParallelGCThreads and, where it is known, -XX:ActiveProcessorCount.
    Source:
        Path of libjvm.so or the version of its package; release notes of OpenJDK 8u191, 8u372, 11.0.16 and 15.
    """
    target = subject.target
    if target.system != "linux":
        return
    for process in subject.workload.processes:
        library = next(
            (each for each in subject.host.mapped_by_pid.get(process.pid, ()) if each.path.endswith(_LIBRARY)), None
        )
        if library is None:
            if process.name in _LAUNCHERS:
                yield Undecided("libraries", f"what {process.name} (pid {process.pid}) has loaded was not seen")
                return
            continue
        version = _version(subject, library.path)
        if version is None:
            yield Undecided("libraries", f"the version of {library.path} is not known")
            return
        seen = _sees(version)
        if seen == 2 or (seen == 1 and target.cgroup_version == 1):
            return
        if seen == 1 and target.cgroup_version == 0:
            yield Undecided("", f"it is not known which control groups {target.name} has")
            return
        bounded = any(word.startswith(("-Xmx", "-XX:MaxRAM")) for word in process.arguments)
        limits = "any limit" if seen == 0 else f"limits of control groups of version {target.cgroup_version}"
        yield Hit(
            Severity.MINOR,
            f"It runs on Java {_written(version)}, which does not see {limits}.",
            (Evidence(f"{process.name} (pid {process.pid}) has loaded {library.path}", library.origin),),
            "Set -XX:ParallelGCThreads and other numbers of threads (the heap is set by -Xmx), or use a newer Java."
            if bounded
            else "Set -Xmx to three quarters of the container's memory and -XX:ParallelGCThreads, or use a newer Java.",
        )
        return


def _version(subject: OfWorkloadOnTarget, path: str) -> _Version | None:
    """(major, minor, update) by the path, else by the package; for Java 8 and older minor is 0."""
    if (match := _OLD_NAME.search(path)) and match[2]:
        return int(match[1]), 0, int(match[2])
    if match := _NEW_NAME.search(path):
        return int(match[1]), int(match[2]), int(match[3])
    owner = subject.host.package_owners.owner_of(path) or _package_of_folder(subject, path)
    packages = value_or_none(subject.host.snapshot.packages)
    for package in packages.packages if packages and owner else ():
        if package.name == owner:
            if match := _PACKAGE_OLD.match(package.version):
                return int(match[1]), 0, int(match[2])
            if match := _PACKAGE_NEW.match(package.version):
                return int(match[1]), int(match[2] or 0), int(match[3] or 0)
    return None


def _package_of_folder(subject: OfWorkloadOnTarget, path: str) -> str | None:
    """The owner of the java that lies beside the library: packages are asked for executables only."""
    home = path.partition("/jre/")[0].partition("/lib/server/")[0].partition("/lib/amd64/")[0]
    owners = subject.host.package_owners
    return owners.owner_of(f"{home}/bin/java") or owners.owner_of(f"{home}/jre/bin/java")


def _sees(version: _Version) -> int:
    """The newest version of control groups whose limits it reads; 0 for none."""
    if version >= (15, 0, 0) or (11, 0, 16) <= version < (12, 0, 0) or (8, 0, 372) <= version < (9, 0, 0):
        return 2
    return 1 if version >= (10, 0, 0) or (8, 0, 191) <= version < (9, 0, 0) else 0


def _written(version: _Version) -> str:
    return f"{version[0]}u{version[2]}" if version[0] <= 8 else ".".join(map(str, version))
