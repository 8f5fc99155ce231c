"""Observations of several samples of a host, also of what was absent at the time of the scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from inventory.described import doc

_PORT = {"minimum": 0, "maximum": 65535}
_DATE_TIME = {"type": "string", "format": "date-time"}
First = Annotated[float, doc("The first sample that observed it.", schema=_DATE_TIME)]
"""Our clock, in seconds since the epoch; documents have it as ISO 8601 writes it."""
Last = Annotated[float, doc("The last one.", schema=_DATE_TIME)]
Times = Annotated[int, doc("Number of samples that observed it.", schema={"minimum": 1})]


@dataclass(frozen=True, slots=True)
class ProcessSighting:
    """A program that ran, as one for all its processes: those of the same owner, executable and arguments, where digits
    in arguments do not count (``worker 17`` is ``worker 18``).
    """

    name: Annotated[str, doc("Name of the process.")]
    executable: Annotated[str | None, doc("Its program; null when it could not be read.")]
    arguments: Annotated[tuple[str, ...], doc("Arguments of the first process of this kind.")]
    uid: Annotated[int, doc("Owner.", schema={"minimum": -1})]
    unit: Annotated[str | None, doc("Its systemd unit.")]
    peak_rss_bytes: Annotated[int, doc("Largest memory of any one of them.", schema={"minimum": 0})]
    cpu_seconds: Annotated[float, doc("Largest CPU time of any one of them.", schema={"minimum": 0})]
    first: First
    last: Last
    times: Times


@dataclass(frozen=True, slots=True)
class ConnectionSighting:
    """Connections between a program and a peer, as one."""

    protocol: Annotated[str, doc("tcp, tcp6, udp, udp6.")]
    local_address: Annotated[str, doc("Address on this host.")]
    local_port: Annotated[
        int, doc("Port on this host; 0 at the client's end.", schema={"minimum": 0, "maximum": 65535})
    ]
    remote_address: Annotated[str, doc("Address of the peer.")]
    remote_port: Annotated[int, doc("Port of the peer; 0 at the client's end.", schema=_PORT)]
    inbound: Annotated[bool, doc("Whether the peer is the client.")]
    uid: Annotated[int, doc("Owner of the socket.", schema={"minimum": -1})]
    program: Annotated[str, doc("The executable that held it, or its name; empty when it could not be read.")]
    first: First
    last: Last
    times: Times


@dataclass(frozen=True, slots=True)
class Sightings:
    """All samples of one host."""

    looks: Annotated[int, doc("Number of samples.", schema={"minimum": 1})]
    first: Annotated[float, doc("The first sample.", schema=_DATE_TIME)]
    last: Annotated[float, doc("The last one.", schema=_DATE_TIME)]
    left_out: Annotated[int, doc("Observations that found no room any more.", schema={"minimum": 0})]
    processes: Annotated[tuple[ProcessSighting, ...], doc("Programs that ran at any sample.")]
    connections: Annotated[tuple[ConnectionSighting, ...], doc("Pairs of peers that were connected at any sample.")]
