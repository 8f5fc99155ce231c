"""WIN036: servers with devices that containers cannot use or only partly."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import unseen
from inventory.observation import Found
from inventory.platforms import Platform

# Vendors of dongles by their USB number: Aladdin/SafeNet HASP, Rainbow Sentinel, Wibu.
_DONGLES = ("vid_0529", "vid_04b9", "vid_064f")
# Console devices of machines and hypervisors.
_ROUTINE = ("keyboard", "mouse", "tablet", "input device", "hid", "hub", "composite", "mass storage", "virtual")
_GRAPHICS = ("nvidia", "radeon", "firepro", "quadro", "tesla", "advanced micro devices")


@rule("WIN036", scope=Scope.HOST, needs=("devices",), platform=Platform.WINDOWS)
def windows_device(subject: HostSubject) -> RuleAnswer:
    """Server has devices that no container, or only some containers, can use.

    Why:
        From Windows Server 2019, a container in process isolation can use serial ports, GPIO, I2C, SPI and graphics
        (DirectX) by device class; nothing else, and no USB. In Hyper-V isolation it gets no devices.
    Remedy:
        Serial ports: --device class/86E0D1E0-8089-11D0-9CE4-08003E301F73 on a host that has the port. USB: use a USB
        device server on the network, or leave the program on this server. Dongles: use a network licence.
    Source:
        Microsoft, Devices in containers on Windows; SERIALCOMM and Win32_PnPEntity.
    """
    devices = subject.host.snapshot.devices
    yield from unseen("devices", devices)
    for each in devices.value if isinstance(devices, Found) else ():
        small = f"{each.name} {each.manufacturer} {each.identifier}".lower()
        evidence = (Evidence(f"{each.kind} device {each.name or each.identifier} ({each.identifier})", each.origin),)
        if each.kind == "serial":
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has the serial port {each.name}; the scan does not show its users.",
                evidence,
                "If a program does, start its container with --device class/86E0D1E0-8089-11D0-9CE4-08003E301F73 in"
                " process isolation.",
            )
        elif each.kind == "usb" and any(word in small for word in _DONGLES):
            yield Hit(
                Severity.MAJOR,
                f"{subject.host.name} has a licence dongle: {each.name or each.identifier}.",
                evidence,
                "Ask the vendor for a network licence or one without a dongle.",
            )
        elif each.kind == "usb" and not any(word in small for word in _ROUTINE):
            yield Hit(
                Severity.MINOR, f"{subject.host.name} has the USB device {each.name or each.identifier}.", evidence
            )
        elif each.kind == "display" and any(word in small for word in _GRAPHICS):
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has the graphics adapter {each.name}.",
                evidence,
                "If a program computes on it: --device class/5B45201D-F2F2-4F3B-85BB-30FF1F953599 in process isolation,"
                " in the full Windows image.",
            )
