"""URLs of http.sys, the web server in the kernel: many programs share one port, which netstat shows as process 4's."""

from __future__ import annotations

import re

from inventory.model.windows import HttpUrl
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant

NAME = "http_sys"

# Server 2003 has this only with the support tools (httpcfg), so it stays Unknown there.
FRAGMENT = r"""
run reserved netsh http show urlacl
run certificates netsh http show sslcert
run queues netsh http show servicestate view=requestq
"""

_URL = re.compile(r"https?://[^\s/]+:\d{1,5}(?:/\S*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*\S.*?:\s+(?P<address>(?:\[[0-9a-fA-F:.]+\]|[^\s:]+):\d{1,5})\s*", re.ASCII)
_HASH = re.compile(r"\s*\S.*?:\s+(?P<hash>[0-9a-fA-F]{40})\s*", re.ASCII)


def parse(recording: SectionRecording) -> Observation[tuple[HttpUrl, ...]]:
    """Reserved and registered URLs, and addresses with their certificates; labels are of any language."""
    parts = [recording.part(name) for name in ("reserved", "certificates", "queues")]
    # netsh prints a heading where there is nothing below it.
    if not any(part is not None and part.status == 0 and part.content.strip() for part in parts):
        return Unknown("netsh of this host does not show http.sys")
    found = [
        HttpUrl("reserved", match[0], (), "", Origin(NAME, "reserved", number))
        for number, line in _lines(parts[0])
        if (match := _URL.search(line))
    ]
    return Found((*found, *_certificates(parts[1]), *_queues(parts[2])))


def _lines(part: Part | None) -> list[tuple[int, str]]:
    return list(enumerate(part.lines(), 1)) if part is not None and part.status == 0 else []


def _certificates(part: Part | None) -> list[HttpUrl]:
    found: list[HttpUrl] = []
    address, at = "", 0
    for number, line in _lines(part):
        if match := _HASH.fullmatch(line):
            if address:
                found.append(
                    HttpUrl("certificate", address, (), match["hash"].lower(), Origin(NAME, "certificates", at))
                )
                address = ""
        elif match := _ADDRESS.fullmatch(line):
            address, at = match["address"], number
    return found


def _queues(part: Part | None) -> list[HttpUrl]:
    """A line without indent begins a queue; a number alone on its line is a process of it."""
    found: list[HttpUrl] = []
    pids: list[int] = []
    for number, line in _lines(part):
        if line and not line[0].isspace():
            pids = []
        elif re.fullmatch(r"\s+\d{1,10}\s*", line, re.ASCII):
            pids.append(int(line))
        elif match := _URL.fullmatch(line.strip()):
            found.append(HttpUrl("registered", match[0], tuple(pids), "", Origin(NAME, "queues", number)))
    return found


SECTION: Section[tuple[HttpUrl, ...]] = Section(
    NAME,
    "URLs reserved and registered with http.sys, and its certificates",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=2 * 1024 * 1024, redact=redact_windows),),
)
