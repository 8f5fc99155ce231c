"""Instances of SQL Server."""

from __future__ import annotations

from inventory.formats.windows_registry import RegistryKey, keys
from inventory.model.windows import SqlInstance
from inventory.observation import Absent, Found, Observation, Origin
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "sql_server"

FRAGMENT = r"""
reg native "HKLM\SOFTWARE\Microsoft\Microsoft SQL Server" /s
reg wow64 "HKLM\SOFTWARE\Wow6432Node\Microsoft\Microsoft SQL Server" /s
"""

_ROOT = "\\microsoft sql server\\"


def parse(recording: SectionRecording) -> Observation[tuple[SqlInstance, ...]]:
    """Instances from 2005 on have an identifier (``MSSQL15.SQLEXPRESS``) below which their settings are."""
    found: dict[tuple[str, str], SqlInstance] = {}
    for part in ("native", "wow64"):
        by_path = {_below(key.path): key for key in keys(recording.part(part))}
        for path, key in by_path.items():
            kind = path.removeprefix("instance names\\")
            if kind == path or "\\" in kind:
                continue
            for value in key.values:
                origin = Origin(NAME, part, value.line)
                found.setdefault((kind, value.name), _instance(kind.upper(), value.name, value.data, by_path, origin))
    return Found(tuple(found.values())) if found else Absent("SQL Server is not installed")


def _instance(kind: str, name: str, identifier: str, by_path: dict[str, RegistryKey], origin: Origin) -> SqlInstance:
    below = identifier.lower()
    setup = by_path.get(f"{below}\\setup")
    server = by_path.get(f"{below}\\mssqlserver")
    tcp = by_path.get(f"{below}\\mssqlserver\\supersocketnetlib\\tcp\\ipall")
    mode = server.number("LoginMode") if server else None
    return SqlInstance(
        name=name,
        identifier=identifier,
        kind=kind,
        version=(setup.text("PatchLevel") or setup.text("Version")) if setup else "",
        edition=setup.text("Edition") if setup else "",
        data_directory=(server.text("DefaultData") if server else "") or (setup.text("SQLDataRoot") if setup else ""),
        port=tcp.text("TcpPort") if tcp else "",
        dynamic_port=tcp.text("TcpDynamicPorts") if tcp else "",
        mixed_login=mode == 2 if mode is not None else None,
        origin=origin,
    )


def _below(path: str) -> str:
    return path.lower().partition(_ROOT)[2]


SECTION: Section[tuple[SqlInstance, ...]] = Section(
    NAME,
    "Instances of SQL Server with version, edition, ports and data directory",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024, redact=redact_windows),),
)
