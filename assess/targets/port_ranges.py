"""Port ranges of a container host by its kernel settings: ephemeral, reserved and privileged ports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

RANGE = "net.ipv4.ip_local_port_range"
DEFAULT_RANGE = (32_768, 60_999)
"""Of Linux, see Documentation/networking/ip-sysctl.rst."""
RESERVED = "net.ipv4.ip_local_reserved_ports"
UNPRIVILEGED = "net.ipv4.ip_unprivileged_port_start"
SETTINGS = (RANGE, RESERVED, UNPRIVILEGED)
NODE_PORTS = (30_000, 32_767)
"""Of Kubernetes, unless its API server is started with another --service-node-port-range."""
_SWARM_PORTS = frozenset({("tcp", 2377), ("tcp", 7946), ("udp", 7946)})
"""A manager's, and the gossip of every node (Docker documentation, swarm tutorial, open protocols and ports)."""


def ephemeral_ports(settings: Mapping[str, str]) -> tuple[int, int] | None:
    """The range of outgoing connections (first, last); None when the kernel's setting is not known."""
    words = settings.get(RANGE, "").split()
    if len(words) == 2 and all(_is_port(word) for word in words):
        return int(words[0]), int(words[1])
    return None


def reserved_ports(settings: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """Ranges left out of it, as in ``8080,9148-9150``."""
    found = []
    for word in settings.get(RESERVED, "").split(","):
        first, _, last = word.strip().partition("-")
        if _is_port(first) and _is_port(last or first):
            found.append((int(first), int(last or first)))
    return tuple(found)


def unprivileged_port_start(settings: Mapping[str, str], release: str) -> int | None:
    """The first port that needs no privilege. Kernels before 4.11 have no such setting, and 1024 is built in."""
    value = settings.get(UNPRIVILEGED, "")
    if _is_port(value):
        return int(value)
    match = re.match(r"(\d{1,4})\.(\d{1,4})", release)
    return 1024 if match and (int(match[1]), int(match[2])) < (4, 11) else None


def in_swarm(listening: Sequence[tuple[str, int]]) -> bool:
    """Whether what a host listens on is that of a node of a Docker Swarm."""
    return not _SWARM_PORTS.isdisjoint(listening)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535
