"""IDN003: services that read an id of the machine (MAC address, host id, machine id, serial numbers)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Origin

_MAC = "the MAC address of an interface"
_KINDS: dict[str, tuple[Severity, str, str]] = {
    "mac": (Severity.MAJOR, _MAC, "Give the container the expected address: --mac-address, or macvlan."),
    "hostid": (
        Severity.MAJOR,
        "the host id",
        "Put the old host's /etc/hostid into the image (four bytes; `hostid` prints them). Without that file, "
        "the id is derived from the container's address.",
    ),
    "machine": (
        Severity.MINOR,
        "the machine id",
        "Mount a file with the old host's id over /etc/machine-id: images have none, or share one.",
    ),
    "boot": (
        Severity.MINOR,
        "the boot id",
        "Expect the boot id of the container host: it changes when the host reboots, not when the container restarts.",
    ),
    "dmi": (
        Severity.MINOR,
        "hardware serial numbers",
        "Expect the container host's numbers, or none. Bind what depends on them to something that moves along.",
    ),
    "disk": (
        Severity.MINOR,
        "disk serial numbers",
        "Containers cannot read disk serial numbers. Bind what depends on them to something that moves along.",
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
"""Every match of the pattern contains one of these words; most lines contain none, which is faster to check."""


@rule("IDN003", scope=Scope.WORKLOAD, needs=("processes", "configuration", "cron"), aliases=("machine-number-read",))
def machine_id_read(subject: WorkloadSubject) -> RuleAnswer:
    """Configuration, code or start script reads a machine id.

    Why:
        MAC address, host id, machine id and serial numbers differ in a container or do not exist. Whatever was bound to
        them (a licence, a cluster node's identity, encryption keys) is no longer recognised.
    Remedy:
        If the engine has an option for it, give the container the expected id. Otherwise find out what depends on the
        id and bind that to something that moves with the container.
    Source:
        Lines in the workload's configuration and code, its init script, and its jobs. Only lines that name a path, a
        host or a setting are collected, so a program that queries the kernel directly is not detected. The ids inside
        containers were tested with Docker.
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
