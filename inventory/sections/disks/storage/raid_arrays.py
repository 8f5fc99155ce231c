"""Readers of /proc/mdstat and of the configuration of DRBD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inventory.formats.grep_lines import FileLine
from inventory.model.storage import DrbdResource, RaidArray
from inventory.observation import Origin

_ARRAY = re.compile(
    r"(?P<name>md\S*) : (?P<state>active|inactive)(?: \((?:auto-)?read-only\))?(?: (?P<level>[a-z]\w*))?(?P<rest> .*)?"
)
_MEMBER = re.compile(r"(?<!\S)(?P<name>[^\s\[]+)\[\d+\](?P<marks>(?:\(\w\))*)")
_COUNTS = re.compile(r"\[(?P<wanted>\d{1,20})/(?P<working>\d{1,20})\]")
_DRBD_BLOCK = re.compile(r"(?P<kind>resource|on|floating)\s+(?P<name>\"[^\"]*\"|[^\s{]+)")
_DRBD_SETTING = re.compile(r"(?:^|[{;\s])(?P<key>device|disk|address)\s++(?P<value>[^;{]{1,300});")


def raid_arrays(rows: Iterable[FileLine], section: str, part: str) -> tuple[RaidArray, ...]:
    """/proc/mdstat, see md(4)."""
    found: list[RaidArray] = []
    for row in rows:
        if match := _ARRAY.fullmatch(row.text.rstrip()):
            members = _MEMBER.findall(match["rest"] or "")
            found.append(
                RaidArray(
                    name=match["name"],
                    level=match["level"] or "",
                    active=match["state"] == "active",
                    members=tuple(name for name, _ in members),
                    failed=tuple(name for name, marks in members if "(F)" in marks),
                    wanted=None,
                    working=None,
                    origin=Origin(section, part, row.number),
                )
            )
        elif found and row.text.startswith(" ") and found[-1].wanted is None and (counts := _COUNTS.search(row.text)):
            last = found[-1]
            found[-1] = RaidArray(
                last.name,
                last.level,
                last.active,
                last.members,
                last.failed,
                int(counts["wanted"]),
                int(counts["working"]),
                last.origin,
            )
    return tuple(found)


def drbd_resources(path: str, rows: Iterable[FileLine], section: str, part: str) -> Iterator[DrbdResource]:
    """The resources of one file, see drbd.conf(5): a block each, with a block ``on HOST`` for each host."""
    name, line, depth, start = "", 0, 0, 0
    hosts: list[str] = []
    settings: dict[str, list[str]] = {}
    for row in rows:
        text = row.text.partition("#")[0]
        for block in _DRBD_BLOCK.finditer(text):
            if block["kind"] == "resource":
                name, line, start, hosts, settings = block["name"].strip('"'), row.number, depth, [], {}
            elif name:
                hosts.append(block["name"].strip('"'))
        for setting in _DRBD_SETTING.finditer(text):
            settings.setdefault(setting["key"], []).append(setting["value"].strip())
        depth += text.count("{") - text.count("}")
        if name and "}" in text and depth <= start:
            yield DrbdResource(
                name=name,
                hosts=tuple(hosts),
                addresses=tuple(value.split()[-1] for value in settings.get("address", ()) if value.split()),
                devices=tuple(dict.fromkeys(value.split()[0] for value in settings.get("device", ()) if value.split())),
                disks=tuple(dict.fromkeys(settings.get("disk", ()))),
                path=path,
                origin=Origin(section, part, line),
            )
            name = ""
