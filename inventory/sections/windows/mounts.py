"""Section mounts on Windows: local disks. Mapped drives are in the section shares: they are not touched."""

from __future__ import annotations

from inventory.formats.windows_tables import rows
from inventory.model.mounts import Mount, Mounts
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant

NAME = "mounts"

# Drive type 3 is a local disk; 4 would be a network drive, which hangs when its server is gone.
FRAGMENT = r"""
wmi disks Win32_LogicalDisk DeviceID,FileSystem,Size,FreeSpace,VolumeName,Compressed where DriveType=3
"""


def parse(recording: SectionRecording) -> Observation[Mounts]:
    """Local disks with their letters. ``source`` is the name of the volume."""
    part = recording.part("disks")
    found: list[Mount] = []
    for row in rows(part):
        size, free = row.number("Size"), row.number("FreeSpace")
        found.append(
            Mount(
                source=row.text("VolumeName"),
                target=row.text("DeviceID") + "\\",
                filesystem=row.text("FileSystem").lower(),
                options=("compressed",) if row.flag("Compressed") else (),
                root="",
                size_bytes=size,
                used_bytes=size - free if size is not None and free is not None else None,
                origin=Origin(NAME, row.part, row.line),
            )
        )
    if not found:
        return Unknown("the host has no WMI that answers")
    return Found(Mounts(tuple(found), ()))


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows)
