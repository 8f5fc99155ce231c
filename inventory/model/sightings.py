"""Observations of several samples of a host, also of what was absent at the time of the scan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcessSighting:
    """A program that ran, as one for all its processes: those of the same owner, executable and arguments, where digits
    in arguments do not count (``worker 17`` is ``worker 18``; ``arguments`` are those of the first).

    ``first`` and ``last`` are our clock at the looks that saw it (seconds since the epoch), ``times`` how many did.
    ``peak_rss_bytes`` and ``cpu_seconds`` are the most that any one process of it had come to.
    """

    name: str
    executable: str | None
    arguments: tuple[str, ...]
    uid: int
    unit: str | None
    peak_rss_bytes: int
    cpu_seconds: float
    first: float
    last: float
    times: int


@dataclass(frozen=True, slots=True)
class ConnectionSighting:
    """Connections between a program and a peer, as one. The port of the client's end is 0: it is another each time.

    ``program`` is the executable that held it, or its name, "" when that could not be seen.
    """

    protocol: str
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    inbound: bool
    uid: int
    program: str
    first: float
    last: float
    times: int


@dataclass(frozen=True, slots=True)
class Sightings:
    """All looks at one host. ``left_out`` counts what was seen and found no room any more."""

    looks: int
    first: float
    last: float
    left_out: int
    processes: tuple[ProcessSighting, ...]
    connections: tuple[ConnectionSighting, ...]
