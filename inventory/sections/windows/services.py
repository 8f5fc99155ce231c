"""Section services on Windows: the service control manager's."""

from __future__ import annotations

import re

from inventory.formats.unreadable_rows import unreadable_row
from inventory.formats.windows_registry import RegistryKey, keys
from inventory.formats.windows_tables import TableRow, rows
from inventory.model.services import Service, Services
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import Part, SectionRecording
from inventory.section import Variant

NAME = "services"
MANAGER = "windows"

FRAGMENT = r"""
wmi services Win32_Service Name,DisplayName,PathName,StartName,StartMode,State,ProcessId,ServiceType,DesktopInteract
or registry reg query HKLM\SYSTEM\CurrentControlSet\Services /s
cmd queryex sc queryex type= service state= all bufsize= 250000
"""

_STARTS = {0: "Boot", 1: "System", 2: "Auto", 3: "Manual", 4: "Disabled"}
_STATES = {1: "inactive", 2: "starting", 3: "stopping", 4: "active", 5: "resuming", 6: "pausing", 7: "paused"}
_WORDS = {"running": "active", "stopped": "inactive", "start pending": "starting", "stop pending": "stopping"}
_PROPERTIES = ("PathName", "StartName", "StartMode", "ServiceType", "DesktopInteract")
# SERVICE_WIN32_OWN_PROCESS and SERVICE_WIN32_SHARE_PROCESS; the others are drivers.
_WIN32, _INTERACTIVE = 0x30, 0x100
_FIELD = re.compile(r"\s+\S[^:]*:\s*(?P<number>0x[0-9a-fA-F]+|\d+)(?:\s.*)?", re.ASCII)


def parse(recording: SectionRecording) -> Observation[Services]:
    """Services with manager ``windows``; ``properties`` have the names of Win32_Service, redacted."""
    table = rows(recording.part("services"))
    if table:
        return Found(Services(MANAGER, tuple(_service(row) for row in table), ()))
    states = _states(recording.part("queryex"))
    found = tuple(
        service for key in keys(recording.part("registry")) if (service := _registered(key, states)) is not None
    )
    if not found:
        return Unknown("neither WMI nor the registry listed the services")
    if states:
        return Found(Services(MANAGER, found, ()))
    return Found(Services(MANAGER, found, ()), (Gap("which services run", "neither WMI nor sc answered"),))


def _service(row: TableRow) -> Service:
    pid = row.number("ProcessId") or 0
    state = row.text("State").lower()
    return Service(
        name=row.text("Name"),
        manager=MANAGER,
        path="",
        description=row.text("DisplayName"),
        state=_WORDS.get(state, state),
        enabled=row.text("StartMode").lower() in ("auto", "boot", "system"),
        pids=(pid,) if pid else (),
        properties=tuple((name, row.text(name)) for name in _PROPERTIES if row.text(name)),
        text="",
        origin=Origin(NAME, row.part, row.line),
    )


def _registered(key: RegistryKey, states: dict[str, tuple[int, int]]) -> Service | None:
    """A service of the registry; None for drivers and for keys below a service."""
    kind, start = key.number("Type"), key.number("Start")
    if kind is None or not kind & _WIN32 or not key.text("ImagePath"):
        return None
    state, pid = states.get(key.name.lower(), (0, 0))
    properties = {
        "PathName": key.text("ImagePath"),
        "StartName": key.text("ObjectName"),
        "StartMode": _STARTS.get(start if start is not None else -1, ""),
        "ServiceType": "Own Process" if kind & 0x10 else "Share Process",
        "DesktopInteract": "True" if kind & _INTERACTIVE else "False",
    }
    return Service(
        name=key.name,
        manager=MANAGER,
        path="",
        description=key.text("DisplayName"),
        state=_STATES.get(state, ""),
        enabled=start in (0, 1, 2) if start is not None else None,
        pids=(pid,) if pid else (),
        properties=tuple((name, value) for name, value in properties.items() if value),
        text="",
        origin=Origin(NAME, key.part, key.line),
    )


def _states(part: Part | None) -> dict[str, tuple[int, int]]:
    """State and pid by the name of the service, from ``sc queryex``.

    Labels are translated, their order is not: type, state, exit codes, checkpoint, wait hint, pid, flags. Lines in
    parentheses continue the line before.
    """
    found: dict[str, tuple[int, int]] = {}
    name = ""
    numbers: list[int] = []
    for number, line in enumerate(part.lines() if part else (), 1):
        if line and not line[0].isspace():
            _, colon, value = line.partition(":")
            if colon and not numbers and name and value.strip():
                continue  # the line after the name is the display name
            name, numbers = value.strip().lower() if colon else "", []
        elif (match := _FIELD.fullmatch(line)) and name:
            if len(match["number"]) > 10:
                unreadable_row(f"queryex:{number} is not a field of a service")
                continue
            numbers.append(int(match["number"], 0 if match["number"].startswith("0x") else 10))
            if len(numbers) == 7:
                found[name] = (numbers[1], numbers[6])
        elif not line.strip():
            name, numbers = "", []
    return found


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=8 * 1024 * 1024, redact=redact_windows)
