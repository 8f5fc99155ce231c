"""Ports that programs cannot bind, and those given out for connections. Tables of netsh, known by their shape."""

from __future__ import annotations

import re

from inventory.formats.windows_registry import first
from inventory.model.windows import PortRange
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "port_exclusions"

# Excluded ranges: 2008 R2 with an update, 2012 on; the dynamic range: 2008 on; before, values of the registry.
FRAGMENT = r"""
run excluded-tcp netsh int ipv4 show excludedportrange protocol=tcp
run excluded-udp netsh int ipv4 show excludedportrange protocol=udp
run dynamic-tcp netsh int ipv4 show dynamicport tcp
run dynamic-udp netsh int ipv4 show dynamicport udp
reg tcpip HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
"""

_RANGE = re.compile(r"\s*(?P<first>\d{1,5})\s+(?P<last>\d{1,5})\s*+(?P<mark>\*?)\s*", re.ASCII)
_NUMBER = re.compile(r"[^:]*:\s*(\d{1,5})\s*", re.ASCII)


def parse(recording: SectionRecording) -> Observation[tuple[PortRange, ...]]:
    """Excluded and dynamic ranges of TCP and UDP."""
    found: list[PortRange] = []
    for protocol in ("tcp", "udp"):
        part = recording.part(f"excluded-{protocol}")
        for number, line in enumerate(part.lines() if part else (), 1):
            if match := _RANGE.fullmatch(line):
                begin, end = int(match["first"]), int(match["last"])
                origin = Origin(NAME, f"excluded-{protocol}", number)
                found.append(PortRange("excluded", protocol, begin, end, bool(match["mark"]), origin))
        found += _dynamic(recording, protocol)
    key = first(recording.part("tcpip"))
    if key is not None and not any(each.kind == "dynamic" for each in found):
        # Server 2003 assigns 1025 to MaxUserPort, which is 5000 by default.
        most = key.number("MaxUserPort")
        origin = Origin(NAME, key.part, key.line)
        found.append(PortRange("dynamic", "tcp", 1025, most or 5000, most is not None, origin))
    if key is not None and (reserved := key.value("ReservedPorts")) is not None:
        for item in reserved.items:
            begin_text, _, end_text = item.partition("-")
            if re.fullmatch(r"\d{1,5}", begin_text, re.ASCII) and re.fullmatch(r"\d{1,5}", end_text, re.ASCII):
                origin = Origin(NAME, reserved.part, reserved.line)
                found.append(PortRange("excluded", "tcp", int(begin_text), int(end_text), True, origin))
    return Found(tuple(found)) if found else Unknown("neither netsh nor the registry reported port ranges")


def _dynamic(recording: SectionRecording, protocol: str) -> list[PortRange]:
    """Two lines with a number after a colon: the first port, and how many."""
    part = recording.part(f"dynamic-{protocol}")
    numbers: list[tuple[int, int]] = []
    for number, line in enumerate(part.lines() if part else (), 1):
        if match := _NUMBER.fullmatch(line):
            numbers.append((number, int(match[1])))
    if len(numbers) != 2:
        return []
    (line_number, begin), (_, count) = numbers
    origin = Origin(NAME, f"dynamic-{protocol}", line_number)
    return [PortRange("dynamic", protocol, begin, begin + count - 1, False, origin)]


SECTION: Section[tuple[PortRange, ...]] = Section(
    NAME,
    "Ports that cannot be bound, and those given out for connections",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=20, cap=1024 * 1024, redact=redact_windows),),
)
