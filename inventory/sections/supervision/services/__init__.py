"""Services as what starts them knows them: units, init scripts, entries of supervisors; and pid files."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.depth import Depth
from inventory.formats.grep_lines import redact_files
from inventory.model.services import PidFile, Service, Services
from inventory.observation import Absent, Found, Gap, Observation
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.supervision.services import supervisor_entries, systemd, sysv
from inventory.sections.windows.services import VARIANT as WINDOWS

NAME = "services"
_FILES = ("scripts", "unit-files", "home-units", "entries")
_ID = re.compile(rb"(?m)^Id=(.*)$")
_TRIGGERS = (".socket", ".timer", ".path")

FILES = systemd.FILES + sysv.FILES + supervisor_entries.FILES
FRAGMENT = systemd.FRAGMENT + sysv.FRAGMENT + supervisor_entries.FRAGMENT


def parse(recording: SectionRecording) -> Observation[Services]:
    """Units and init scripts. A script counts only where no unit or job has its name, or one was generated from it."""
    manager = _manager(recording)
    units, gaps = systemd.parse(recording)
    pid_files = sysv.pid_files(recording)
    scripts = {script.path: script for script in sysv.parse(recording, pid_files)}
    units = tuple(_with_script(unit, scripts.get(unit.property("SourcePath"))) for unit in units)
    others = tuple(_with_pid_file(entry, pid_files) for entry in supervisor_entries.parse(recording))
    # upstart starts its job and not the script of that name, which is left for people who are used to it
    known = {each.name for each in (*units, *others) if each.manager in ("systemd", "upstart")}
    services = (
        *(unit for unit in units if not unit.name.endswith(_TRIGGERS)),
        *(script for script in scripts.values() if script.name not in known),
        *others,
    )
    if not (services or manager):
        return Absent("neither systemd nor init scripts nor a supervisor")
    denied = recording.errors.count(b"ermission denied")
    if denied:
        gaps = (*gaps, Gap(f"{denied} files of services", "permission denied; scan with become"))
    triggers = tuple(unit for unit in units if unit.name.endswith(_TRIGGERS))
    return Found(Services(manager, services, pid_files, triggers, systemd.user_units(recording)), gaps)


def _with_pid_file(entry: Service, pid_files: tuple[PidFile, ...]) -> Service:
    """An entry that names a pid file (monit) knows its process by it."""
    path = entry.property("PIDFile").removeprefix("/var") if entry.property("PIDFile").startswith("/var/run/") else ""
    pids = tuple(file.pid for file in pid_files if file.path in (path, entry.property("PIDFile")))
    return replace(entry, pids=pids) if pids and not entry.pids else entry


def _with_script(unit: Service, script: Service | None) -> Service:
    """A unit that systemd generated from an init script is known by the script."""
    return unit if script is None else replace(unit, path=script.path, text=script.text)


def _manager(recording: SectionRecording) -> str:
    """The program that runs as PID 1. ``init`` is System V's unless systemd made its directory."""
    part = recording.part("init")
    words = dict(line.split("=", 1) for line in (part.lines() if part else []) if "=" in line)
    if words.get("systemd") == "yes":
        return "systemd"
    if words.get("upstart") == "yes" and recording.part("jobs") is not None:
        return "upstart"
    if words.get("openrc") == "yes":
        return "openrc"
    return "sysv" if words.get("name") == "init" else ""


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Files are redacted one by one, what systemd shows unit by unit, the rest line by line."""
    chosen = (supervisor_entries.without_comments(part) if part.name == "entries" else part for part in recording.parts)
    parts = tuple(
        redact_files(part, redact)
        if part.name in _FILES
        else replace(part, content=_units(part.content, redact) if part.name == "units" else redact.lines(part.content))
        for part in chosen
    )
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


def _units(content: bytes, redact: Redact) -> bytes:
    """The properties of each unit, which an empty line ends. Some (StatusText) are the program's own words."""
    units = content.split(b"\n\n")
    named = (_ID.search(unit) for unit in units)
    return b"\n\n".join(
        redact.within(name[1] if name else b"").text(unit) for name, unit in zip(named, units, strict=True)
    )


SECTION: Section[Services] = Section(
    NAME,
    "Services of systemd, init scripts, upstart, inetd and supervisors, with their settings, and pid files.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=4 * 1024 * 1024, files=FILES), WINDOWS),
    redact,
    depth=Depth.QUICK,
)
