"""One look at a host, boiled down to what can be recognised in the next."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from inventory.model.processes import Process
from inventory.model.sightings import ConnectionSighting, ProcessSighting
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

SECTIONS = ("processes", "open_files", "sockets")
"""The sections of a sample: what is transient, and the processes that own it."""

_LONGEST = 1000
"""Characters of a command line that are stored."""

_MOST_PIECES = 50


class Sample(NamedTuple):
    """One item of a sample: ``kind`` is process or connection, ``identity`` the same in each sample, ``facts`` JSON."""

    kind: str
    identity: str
    facts: Mapping[str, Any]


def sample_of(snapshot: Snapshot) -> list[Sample]:
    """The processes and connections of a snapshot, each once. Kernel threads are left out."""
    seen: dict[str, Sample] = {}
    for each in (*_processes(snapshot), *_connections(snapshot)):
        known = seen.get(each.identity)
        seen[each.identity] = each if known is None else each._replace(facts=merged_facts(known.facts, each.facts))
    return list(seen.values())


def program_of(process: Process) -> str:
    """The program that a connection names."""
    return process.executable or process.name


def shortened_arguments(arguments: tuple[str, ...]) -> list[str]:
    """The part of a command line that a sighting stores."""
    kept: list[str] = []
    room = _LONGEST
    for each in arguments[:_MOST_PIECES]:
        kept.append(each[:room])
        room -= len(kept[-1])
        if room <= 0:
            break
    return kept


def merged_facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of two sightings of the same: the first, with the higher of what grows."""
    return {
        name: max(value, new.get(name, value)) if name in ("peak_rss_bytes", "cpu_seconds") else value
        for name, value in old.items()
    }


def process_sighting(facts: Mapping[str, Any], first: float, last: float, times: int) -> ProcessSighting:
    """Inverse of :func:`sample_of` for a process."""
    return ProcessSighting(**{**facts, "arguments": tuple(facts["arguments"])}, first=first, last=last, times=times)


def connection_sighting(facts: Mapping[str, Any], first: float, last: float, times: int) -> ConnectionSighting:
    """Inverse of :func:`sample_of` for a connection."""
    return ConnectionSighting(**facts, first=first, last=last, times=times)


def _processes(snapshot: Snapshot) -> Iterator[Sample]:
    for process in value_or_none(snapshot.processes) or ():
        if process.kernel:
            continue
        key = [process.uid, program_of(process), [re.sub(r"\d+", "#", each) for each in process.arguments]]
        facts = {
            "name": process.name,
            "executable": process.executable,
            "arguments": shortened_arguments(process.arguments),
            "uid": process.uid,
            "unit": process.unit,
            "peak_rss_bytes": max(process.peak_rss_bytes, process.rss_bytes),
            "cpu_seconds": process.cpu_seconds,
        }
        yield Sample("process", _identity(key), facts)


def _connections(snapshot: Snapshot) -> Iterator[Sample]:
    by_pid = {process.pid: process for process in value_or_none(snapshot.processes) or ()}
    for owned in value_or_none(snapshot.connections) or ():
        connection = owned.connection
        holder = next((by_pid[pid] for pid in owned.pids if pid in by_pid), None)
        facts = {
            "protocol": connection.protocol,
            "local_address": connection.local_address,
            "local_port": connection.local_port if owned.inbound else 0,
            "remote_address": connection.remote_address,
            "remote_port": 0 if owned.inbound else connection.remote_port,
            "inbound": owned.inbound,
            "uid": connection.uid,
            "program": program_of(holder) if holder is not None else "",
        }
        yield Sample("connection", _identity([facts]), facts)


def _identity(key: list[Any]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]
