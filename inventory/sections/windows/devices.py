"""Devices that tie a host to its hardware: serial ports, USB, graphics."""

from __future__ import annotations

from inventory.formats.windows_registry import keys
from inventory.formats.windows_tables import answered, rows
from inventory.model.windows import WindowsDevice
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "devices"

FRAGMENT = r"""
reg serial HKLM\HARDWARE\DEVICEMAP\SERIALCOMM
wmi plugged Win32_PnPEntity Name,DeviceID,Manufacturer,ClassGuid
"""

# Device setup classes (Microsoft: "System-Defined Device Setup Classes Available to Vendors").
_DISPLAY = "{4d36e968-e325-11ce-bfc1-08002be10318}"
_HUBS = ("USB\\ROOT_HUB", "USB\\ROOT_HUB20", "USB\\ROOT_HUB30")


def parse(recording: SectionRecording) -> Observation[tuple[WindowsDevice, ...]]:
    """Everything else that is plugged in is a matter of the machine and left out, as are the hubs of USB."""
    found = [
        WindowsDevice("serial", value.data, value.name, "", Origin(NAME, value.part, value.line))
        for key in keys(recording.part("serial"))
        for value in key.values
    ]
    plugged = recording.part("plugged")
    for row in rows(plugged):
        identifier = row.text("DeviceID")
        usb = identifier.upper().startswith("USB") and not identifier.upper().startswith(_HUBS)
        if usb or row.text("ClassGuid").lower() == _DISPLAY:
            kind = "usb" if usb else "display"
            origin = Origin(NAME, row.part, row.line)
            found.append(WindowsDevice(kind, row.text("Name"), identifier, row.text("Manufacturer"), origin))
    gaps = () if answered(plugged) else (Gap("USB and graphics", "the host has no WMI that answers"),)
    return Found(tuple(found), gaps)


SECTION: Section[tuple[WindowsDevice, ...]] = Section(
    NAME,
    "Serial ports, USB devices and graphics adapters",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=2 * 1024 * 1024, redact=redact_windows),),
)
