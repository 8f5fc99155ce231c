"""Drivers of the kernel and file system filters: what no container brings along."""

from __future__ import annotations

import re

from inventory.formats.windows_tables import records, rows
from inventory.model.windows import Driver, Drivers, Filter
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant

NAME = "drivers"

FRAGMENT = r"""
wmi drivers Win32_SystemDriver Name,DisplayName,PathName,State,StartMode,ServiceType
or list driverquery /v /fo csv /nh
run filters fltmc filters
"""

_FILTER = re.compile(r"(?P<name>\S+(?:\s\S+)*)\s{2,}(?P<instances>\d{1,6})\s+(?P<altitude>\d[\d.]*)\s+\d+\s*", re.ASCII)


def parse(recording: SectionRecording) -> Observation[Drivers]:
    """Drivers, whoever made them; filters only where an administrator asked."""
    found = tuple(
        Driver(
            name=row.text("Name"),
            description=row.text("DisplayName"),
            path=row.text("PathName"),
            kind=row.text("ServiceType"),
            running=row.text("State").lower() == "running",
            start=row.text("StartMode"),
            origin=Origin(NAME, row.part, row.line),
        )
        for row in rows(recording.part("drivers"))
    ) or tuple(_listed(recording.part("list")))
    filters = _filters(recording.part("filters"))
    if not found and filters is None:
        return Unknown("neither WMI nor driverquery listed the drivers")
    gap = Gap("file system filters", "only administrators may list them")
    return Found(Drivers(found, filters), () if filters is not None else (gap,))


def _listed(part: Part | None) -> list[Driver]:
    """Columns of ``driverquery /v`` in their order; names of states are translated, so "running" is not known here."""
    return [
        Driver(
            fields[0],
            fields[1],
            fields[13].strip(),
            fields[3].strip(),
            False,
            fields[4].strip(),
            Origin(NAME, "list", line),
        )
        for line, fields in records(part)
        if len(fields) == 15
    ]


def _filters(part: Part | None) -> tuple[Filter, ...] | None:
    if part is None or part.status != 0:
        return None
    return tuple(
        Filter(match["name"], match["altitude"], int(match["instances"]), Origin(NAME, "filters", number))
        for number, line in enumerate(part.lines(), 1)
        if (match := _FILTER.fullmatch(line.rstrip("\r")))
    )


SECTION: Section[Drivers] = Section(
    NAME,
    "Drivers of the kernel and file system filters",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=2 * 1024 * 1024, redact=redact_windows),),
)
