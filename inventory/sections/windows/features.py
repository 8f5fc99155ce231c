"""Roles, features and components that are installed."""

from __future__ import annotations

from inventory.formats.windows_registry import keys
from inventory.formats.windows_tables import rows
from inventory.model.windows import Feature
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "windows_features"

# Win32_OptionalFeature: 2008 R2 on; Win32_ServerFeature: 2008 on, servers only; the cache: 2012 on; the last: 2003.
FRAGMENT = r"""
wmi optional Win32_OptionalFeature Name,InstallState where InstallState=1
wmi roles Win32_ServerFeature ID,Name
reg components HKLM\SOFTWARE\Microsoft\ServerManager\ServicingStorage\ServerComponentCache /s
reg subcomponents "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\Oc Manager\Subcomponents"
"""


def parse(recording: SectionRecording) -> Observation[tuple[Feature, ...]]:
    """Features that any of the sources lists as installed."""
    found = [
        Feature(row.text("Name"), "optional", None, Origin(NAME, row.part, row.line))
        for row in rows(recording.part("optional"))
    ]
    found += [
        Feature(row.text("Name"), "role", row.number("ID"), Origin(NAME, row.part, row.line))
        for row in rows(recording.part("roles"))
    ]
    found += [
        Feature(key.name, "component", None, Origin(NAME, key.part, key.line))
        for key in keys(recording.part("components"))
        if key.number("InstallState") == 1
    ]
    found += [
        Feature(value.name, "subcomponent", None, Origin(NAME, value.part, value.line))
        for key in keys(recording.part("subcomponents"))
        for value in key.values
        if value.number == 1
    ]
    return Found(tuple(found)) if found else Unknown("neither WMI nor the registry listed roles and features")


SECTION: Section[tuple[Feature, ...]] = Section(
    NAME,
    "Installed roles, features and components of Windows",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=2 * 1024 * 1024, redact=redact_windows),),
)
