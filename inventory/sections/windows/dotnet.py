"""Installed versions of the .NET Framework and of .NET."""

from __future__ import annotations

import re

from inventory.formats.windows_registry import RegistryKey, keys
from inventory.model.windows import Dotnet
from inventory.observation import Absent, Found, Observation, Origin
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "dotnet"

FRAGMENT = r"""
reg framework "HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP" /s
ps shared Get-ChildItem "$env:ProgramFiles\dotnet\shared\*\*" | ForEach-Object { $_.FullName }
cmd shared dir /b /s /ad "%ProgramFiles%\dotnet\shared"
"""

# The least release of each version: "How to: determine which .NET Framework versions are installed" (Microsoft).
_RELEASES = (
    (533320, "4.8.1"), (528040, "4.8"), (461808, "4.7.2"), (461308, "4.7.1"), (460798, "4.7"), (394802, "4.6.2"),
    (394254, "4.6.1"), (393295, "4.6"), (379893, "4.5.2"), (378675, "4.5.1"), (378389, "4.5"),
)  # fmt: skip
_KEY = re.compile(r".*\\NDP\\v(?P<version>[\d.]+)(?:\\(?P<profile>Full|Client|Setup))?", re.IGNORECASE)
_SHARED = re.compile(r".*[\\/]shared[\\/](?P<family>[\w.]+)[\\/](?P<version>\d[\w.-]*)", re.ASCII)


def parse(recording: SectionRecording) -> Observation[tuple[Dotnet, ...]]:
    """Each version once; of the two profiles of 4.0 the full one where both are there."""
    found: dict[tuple[str, str], Dotnet] = {}
    for key in keys(recording.part("framework")):
        match = _KEY.fullmatch(key.path)
        # 3.0 has its mark in a key below; a language pack has a key below that, and does not count.
        if match and (key.number("Install") == 1 or key.number("InstallSuccess") == 1):
            version = _framework(match["version"], key)
            known = Dotnet(
                "framework", version, key.number("Release"), key.number("SP"), Origin(NAME, key.part, key.line)
            )
            if match["profile"] != "Client" or ("framework", version) not in found:
                found["framework", version] = known
    part = recording.part("shared")
    for number, line in enumerate(part.lines() if part is not None and part.status == 0 else (), 1):
        if match := _SHARED.fullmatch(line.strip()):
            family, version = match["family"], match["version"]
            found[family, version] = Dotnet(family, version, None, None, Origin(NAME, "shared", number))
    return Found(tuple(found.values())) if found else Absent("no .NET is installed")


def _framework(version: str, key: RegistryKey) -> str:
    release = key.number("Release")
    if release is not None:
        return next((name for least, name in _RELEASES if release >= least), "4.5")
    return key.text("Version") or version


SECTION: Section[tuple[Dotnet, ...]] = Section(
    NAME,
    "Versions of the .NET Framework and of .NET",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows),),
)
