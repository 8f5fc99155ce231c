"""Section packages on Windows: what the Uninstall keys of both bitnesses list."""

from __future__ import annotations

from inventory.formats.windows_registry import keys
from inventory.model.packages import Package, Packages
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant

NAME = "packages"
MANAGER = "windows"

FRAGMENT = r"""
reg native HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall /s
reg wow64 HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall /s
reg environment "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
"""


def parse(recording: SectionRecording) -> Observation[Packages]:
    """Installed software. ``source`` is the publisher; parts of the system and of other entries are left out."""
    wide = any(key.text("PROCESSOR_ARCHITECTURE").upper() != "X86" for key in keys(recording.part("environment")))
    native = recording.part("native")
    if native is None or native.status != 0:
        return Unknown("the registry of the host could not be read")
    found: list[Package] = []
    for part, architecture in (("native", "x86_64" if wide else "i686"), ("wow64", "i686")):
        for key in keys(recording.part(part)):
            name = key.value("DisplayName")
            if name is None or not name.data.strip() or key.number("SystemComponent") or key.text("ParentKeyName"):
                continue
            found.append(
                Package(
                    name=name.data.strip(),
                    version=key.text("DisplayVersion"),
                    architecture=architecture,
                    source=key.text("Publisher"),
                    manager=MANAGER,
                    essential=False,
                    size_bytes=(key.number("EstimatedSize") or 0) * 1024,
                    origin=Origin(NAME, part, name.line),
                )
            )
    return Found(Packages(MANAGER, tuple(found), ()))


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024, redact=redact_windows)
