"""Directories and printers that are served, and the network drives of the account that asks."""

from __future__ import annotations

from inventory.formats.windows_registry import keys
from inventory.formats.windows_tables import answered, rows
from inventory.model.windows import Share
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "shares"

FRAGMENT = r"""
wmi shares Win32_Share Name,Path,Type,Description
or lanman reg query HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares
reg mapped HKCU\Network /s
"""

_KINDS = {0: "directory", 1: "printer", 2: "device", 3: "ipc"}
_ADMINISTRATIVE = 0x80000000


def parse(recording: SectionRecording) -> Observation[tuple[Share, ...]]:
    """Shares; those that every host has for administrators (``C$``) are of kind ``administrative``."""
    found: list[Share] = []
    for row in rows(recording.part("shares")):
        number = row.number("Type") or 0
        kind = "administrative" if number & _ADMINISTRATIVE else _KINDS.get(number & 3, "")
        origin = Origin(NAME, row.part, row.line)
        found.append(Share(row.text("Name"), kind, row.text("Path"), row.text("Description"), origin))
    for key in keys(recording.part("lanman")):
        if key.name.lower() != "shares":
            continue
        for value in key.values:
            fields = dict(item.split("=", 1) for item in value.items if "=" in item)
            kind = _KINDS.get(int(fields["Type"]) & 3, "") if fields.get("Type", "").isdecimal() else "directory"
            origin = Origin(NAME, value.part, value.line)
            found.append(Share(value.name, kind, fields.get("Path", ""), fields.get("Remark", ""), origin))
    for key in keys(recording.part("mapped")):
        if key.text("RemotePath"):
            origin = Origin(NAME, key.part, key.line)
            found.append(Share(f"{key.name}:", "mapped", key.text("RemotePath"), key.text("UserName"), origin))
    if not answered(recording.part("shares")) and not answered(recording.part("lanman")):
        if not found:
            return Unknown("neither WMI nor the registry listed the shares")
        return Found(tuple(found), (Gap("shares that are served", "neither WMI nor the registry listed them"),))
    return Found(tuple(found))


SECTION: Section[tuple[Share, ...]] = Section(
    NAME,
    "Shared directories and printers, and mapped network drives",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows),),
)
