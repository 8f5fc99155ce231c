"""The version of a Java, from its own output and from names of packages and directories."""

from __future__ import annotations

import re

# 1.8.0_202, 8u191, 1.8.0.392.b08, 11.0.24+8, 17.0.2, jdk-17, java-11-openjdk, jdk7, zulu8.54.0.21-ca-jdk8.0.292
_VERSIONS = (
    re.compile(r"(?<![\d.])(?P<version>1\.[2-9]\.\d{1,2}[._]\d{1,4})(?!\d)"),
    re.compile(r"(?<![\d.])(?P<version>[5-9]u\d{1,4})(?!\d)"),
    re.compile(r"(?:jdk|jre)-?(?P<version>[5-9]\.0\.\d{1,4})(?!\d)"),
    re.compile(r"(?<![\d.])(?P<version>(?:9|[1-9]\d)\.\d{1,3}\.\d{1,3}(?!\d)(?:\+\d{1,4})?)"),
    re.compile(r"(?<![\d.])(?P<version>1\.[2-9])(?![\d])"),
    re.compile(r"(?:java|jdk|jre|temurin|zulu|corretto|semeru|graalvm|ee)-?(?P<version>[5-9]|[1-9]\d)(?![\d])", re.I),
    re.compile(r"^(?P<version>[5-9]|[1-9]\d)$"),
)
_VENDORS = (
    ("temurin", "temurin|adoptium|adoptopenjdk"),
    ("corretto", "corretto|amazon"),
    ("zulu", "zulu|azul"),
    ("liberica", "liberica|bellsoft|bell-?sw"),
    ("semeru", "semeru|openj9"),
    ("ibm", r"\bibm|ibm-java|/websphere/"),
    ("sap", "sapmachine|sapjvm"),
    ("graalvm", "graal"),
    ("dragonwell", "dragonwell|alibaba"),
    ("microsoft", "microsoft|msopenjdk"),
    ("oracle", r"oracle|/java/j(?:dk|re)|\bj(?:dk|re)1\.|sun-?(?:jdk|jre|java)|java-\d+-sun"),
    ("openjdk", "openjdk|icedtea"),
)
_PARTS = re.compile(r"\d{1,6}")


def version_in(text: str) -> str:
    """The version of Java that ``text`` names, "" when it names none."""
    for pattern in _VERSIONS:
        if match := pattern.search(text):
            return match["version"]
    return ""


def vendor_in(text: str) -> str:
    """The vendor, as far as the names show it."""
    return next((vendor for vendor, pattern in _VENDORS if re.search(pattern, text, re.IGNORECASE)), "")


def release(version: str) -> tuple[int, ...] | None:
    """(feature, interim, update): ``1.8.0_202``, ``8u202`` and ``8.0.202`` are (8, 0, 202), ``17`` is (17,)."""
    parts = [int(part) for part in _PARTS.findall(version.partition("+")[0])]
    if not parts:
        return None
    if parts[0] == 1 and len(parts) > 1:
        parts = parts[1:]
    if re.fullmatch(r"\d+u\d+", version):
        parts = [parts[0], 0, parts[1]]
    return tuple(parts[:3])


def sees_cgroup_limits(version: str) -> bool | None:
    """Whether it takes limits from cgroup version 1 by default: 8u191 (JDK-8146115) and 10."""
    return _at_least(version, {8: (8, 0, 191)}, 10)


def sees_cgroup2_limits(version: str) -> bool | None:
    """Whether it takes limits from cgroup version 2: 8u372, 11.0.16 and 15 (JDK-8230305)."""
    return _at_least(version, {8: (8, 0, 372), 11: (11, 0, 16)}, 15)


def _at_least(version: str, backported: dict[int, tuple[int, int, int]], since: int) -> bool | None:
    known = release(version)
    if known is None:
        return None
    least = backported.get(known[0])
    if least is None:
        return known[0] >= since
    # "8" or "11" alone leaves the update open
    return known >= least if len(known) == 3 else None
