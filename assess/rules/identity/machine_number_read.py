"""IDN003."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Origin

_MAC = "the MAC address of an interface"
_KINDS: dict[str, tuple[Severity, str, str]] = {
    "mac": (Severity.MAJOR, _MAC, "Give the container the address that it expects: --mac-address, or macvlan."),
    "hostid": (
        Severity.MAJOR,
        "the host id",
        "Put the old server's /etc/hostid into the image (four bytes; `hostid` prints them), since without that file "
        "the id comes from the container's address.",
    ),
    "machine": (
        Severity.MINOR,
        "the machine id",
        "Mount a file with the old server's id over /etc/machine-id: images have none, or share one.",
    ),
    "boot": (
        Severity.MINOR,
        "the boot id",
        "Expect the container host's: it changes when that reboots and not when the container starts anew.",
    ),
    "dmi": (
        Severity.MINOR,
        "serial numbers of the machine",
        "Expect the container host's numbers or none: bind what was read to something that moves with the container.",
    ),
    "disk": (
        Severity.MINOR,
        "serial numbers of disks",
        "Bind what was read to something that moves with the container; it sees no disks by their numbers.",
    ),
}

_READ = re.compile(
    r"(?P<mac>/sys/class/net/[^/\s]+/address|\buuid\.getnode\b|\bgetHardwareAddress\b|\bHWaddr\b|link/ether)"
    r"|(?P<hostid>/etc/hostid\b|\bgethostid\b|(?:^|[`(;|&\s])(?:/usr/bin/)?hostid(?=\s*(?:[`);|&]|$)))"
    r"|(?P<machine>/etc/machine-id\b|/var/lib/dbus/machine-id\b)"
    r"|(?P<boot>/proc/sys/kernel/random/boot_id\b)"
    r"|(?P<dmi>/sys/(?:class|devices/virtual)/dmi/id/|\bdmidecode\b)"
    r"|(?P<disk>/dev/disk/by-id/|\bhdparm\s+-[iI]\b|/sys/block/[^/\s]+/device/serial\b)"
)

_WORDS = (
    "/sys/", "getnode", "getHardwareAddress", "HWaddr", "link/ether", "hostid", "machine-id", "boot_id", "dmidecode",
    "/dev/disk/by-id/", "hdparm",
)  # fmt: skip
"""One of them is in whatever the pattern finds; most lines have none, which is quicker to see."""


@rule("IDN003", scope=Scope.WORKLOAD, needs=("processes", "configuration", "cron"))
def machine_number_read(subject: WorkloadSubject) -> RuleAnswer:
    """Its configuration, code or start script reads a number by which the machine is known.

    Why:
        MAC address, host id, machine id and serial numbers are other ones in a container, or there are none. What was
        bound to them (a licence, a node's place in a cluster, keys of encrypted files) is not recognised any more.
    Remedy:
        Give the container the number that it expects where an option does that, or find out what hangs on it and bind
        that to something that moves along.
    Source:
        Lines of the workload's configuration and code, its init script, and its jobs. Only lines that name a path, a
        host or a setting are collected, so a program that asks the kernel itself is not seen. What a container has
        instead: tested with Docker.
    """
    told: set[str] = set()
    for place, text, origin in _texts(subject):
        match = _READ.search(text)
        if match is None or match.lastgroup is None or match.lastgroup in told:
            continue
        told.add(match.lastgroup)
        severity, what, remedy = _KINDS[match.lastgroup]
        yield Hit(
            severity,
            f"{place} reads {what}.",
            (Evidence(f"{place} has {match[0].strip()}", origin, text.strip()[:200]),),
            remedy,
        )


def _texts(subject: WorkloadSubject) -> Iterator[tuple[str, str, Origin]]:
    workload = subject.workload
    for line in subject.host.configuration.mentioning(workload.configuration_roots, _WORDS):
        yield f"{line.path}:{line.number}", line.text, line.origin
    for job in workload.schedules:
        if _may_read(job.command):
            yield job.place, job.command, job.origin
    service = workload.service
    if service is not None and _may_read(service.text):
        for number, text in enumerate(service.text.splitlines(), 1):
            if _may_read(text) and not text.lstrip().startswith("#"):
                yield f"{service.path}:{number}", text, service.origin


def _may_read(text: str) -> bool:
    return any(word in text for word in _WORDS)
