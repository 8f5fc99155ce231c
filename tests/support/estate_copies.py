"""Estates of any size: the recorded hosts again and again, each with connections and lines of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import sqlalchemy as sa

from inventory.depth import Depth
from inventory.model.configuration import ConfigLine
from inventory.model.open_files import OpenFile
from inventory.model.sockets import Connection, Listener
from inventory.observation import Found, Origin
from inventory.snapshot import Snapshot
from inventory.store.cache.fact_encoding import encoded
from inventory.store.cache.snapshot_cache import StoredHost
from inventory.store.database import Store
from inventory.store.database_tables import parsed_hosts, scan_hosts, scans, sections
from inventory.store.scan_records import Outcome, Scan
from tests.support.estate_recordings import recorded_host, recorded_result
from tests.support.snapshots import TAKEN

RECORDED = ("web01", "db01", "app01", "vm01")
PRODUCTS = 60
"""Different programs of our own making that run on the hosts, beside what was recorded."""

_BATCH = 100


def copies(hosts: int, services: int = 0, seed: int = 7) -> Iterator[Snapshot]:
    """So many hosts. Each has what was recorded, ``services`` further ones, connections to hosts near it and to a few
    that all of them use, and lines that name hosts. The same for a seed.
    """
    chance = random.Random(seed)
    for number in range(hosts):
        recorded = recorded_host(RECORDED[number % len(RECORDED)])
        yield _host(recorded, number, hosts, services, chance)


def _name(number: int) -> str:
    return f"{RECORDED[number % len(RECORDED)]}-{number:05}"


def _address(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _peer(number: int, hosts: int, chance: random.Random) -> int:
    """A host that it uses: one of its rack, or one of ten that serve all."""
    rack = number - number % 40
    return chance.randrange(min(10, hosts)) if chance.random() < 0.3 else min(rack + chance.randrange(40), hosts - 1)


def _host(recorded: Snapshot, number: int, hosts: int, services: int, chance: random.Random) -> Snapshot:
    observations = dict(recorded.observations)
    sockets, configuration = observations["sockets"].value, observations["configuration"].value
    processes, files = list(observations["processes"].value), list(observations["open_files"].value)
    listeners, connections, lines = list(sockets.listeners), list(sockets.connections), list(configuration.lines)
    for _ in range(3 if connections else 0):
        port = chance.choice((80, 3306, 22, 443))
        peer = _address(_peer(number, hosts, chance))
        connections.append(replace(chance.choice(connections), remote_address=peer, remote_port=port))
    for _ in range(3):
        at, peer = chance.randrange(len(lines)), _peer(number, hosts, chance)
        lines[at] = replace(lines[at], text=f"server = {_name(peer)} {_address(_peer(number, hosts, chance))}:3306")
    like = next(each for each in processes if not each.kernel and each.pid != 1 and each.executable)
    for place in range(services):
        product = (number * 7 + place * 11) % PRODUCTS
        name, pid, inode, port = f"shop{product:02}", 300_000 + place, 9_000_000 + 10 * place, 7000 + product
        peer = _peer(number, hosts, chance)
        processes.append(
            replace(
                like,
                pid=pid,
                ppid=1,
                name=name,
                executable=f"/opt/{name}/bin/{name}",
                arguments=(f"/opt/{name}/bin/{name}", "--config", f"/etc/{name}/{name}.conf"),
                cgroups=(f"0::/system.slice/{name}.service",),
                session=pid,
            )
        )
        listeners.append(Listener("tcp", "0.0.0.0", port, 0, inode, Origin("sockets", "tcp", 200 + place)))
        asked = 7000 + chance.randrange(PRODUCTS)
        remote = Connection(
            "tcp", _address(number), 40_000 + place, _address(peer), asked, "ESTABLISHED", 0, inode + 1,
            Origin("sockets", "tcp", 300 + place),
        )  # fmt: skip
        connections.append(remote)
        for descriptor, own in ((5, inode), (6, inode + 1)):
            origin = Origin("open_files", "fds", 900 + 2 * place + descriptor)
            files.append(OpenFile(pid, descriptor, f"socket:[{own}]", True, True, False, origin))
        lines += _configuration(name, port, _name(peer), product, chance)
    observations["processes"] = Found(tuple(processes), observations["processes"].gaps)
    observations["open_files"] = Found(tuple(files), observations["open_files"].gaps)
    changed = replace(sockets, listeners=tuple(listeners), connections=tuple(connections))
    observations["sockets"] = Found(changed, observations["sockets"].gaps)
    ordered = tuple(sorted(lines, key=lambda line: line.path))
    observations["configuration"] = Found(replace(configuration, lines=ordered), observations["configuration"].gaps)
    return replace(recorded, host=_name(number), address=_address(number), observations=observations)


def _configuration(name: str, port: int, peer: str, product: int, chance: random.Random) -> Sequence[ConfigLine]:
    path = f"/etc/{name}/{name}.conf"
    texts = [f"port = {port}", f"database = {peer}:3306", f"threads = {chance.choice((4, 8, 16))}"]
    texts += [f"option{number} = value{(number * product) % 17}" for number in range(25)]
    return [
        ConfigLine(path, number, text, False, Origin("configuration", "lines", 5000 + number))
        for number, text in enumerate(texts, 1)
    ]


@lru_cache(maxsize=8)
def _blobs(name: str) -> dict[str, bytes]:
    recording = recorded_result(name).recording
    assert recording is not None
    return {section.section: section.compressed() for section in recording.sections}


def keep_copies(store: Store, hosts: int, services: int = 0) -> Scan:
    """A finished scan of :func:`copies`, parsed already. Recordings are those of the recorded hosts."""
    with store.writing() as connection:
        values = {"started": TAKEN - 60, "finished": TAKEN, "inventory": "/hosts.ini", "options": {}}
        (scan,) = connection.execute(sa.insert(scans).values(values)).inserted_primary_key or (0,)
    batch: list[Snapshot] = []
    start = 0
    for snapshot in copies(hosts, services):
        batch.append(snapshot)
        if len(batch) == _BATCH:
            _keep(store, scan, start, batch)
            start += len(batch)
            batch = []
    _keep(store, scan, start, batch)
    found = store.scan(scan)
    assert found is not None
    return found


def _keep(store: Store, scan: int, start: int, batch: Sequence[Snapshot]) -> None:
    if not batch:
        return
    first = scan * 1_000_000 + start
    rows, parts, facts = [], [], []
    for place, snapshot in enumerate(batch):
        identity, blobs = first + place, _blobs(RECORDED[(start + place) % len(RECORDED)])
        row = {
            "id": identity,
            "scan_id": scan,
            "position": start + place,
            "host": snapshot.host,
            "address": snapshot.address,
            "groups": [],
            "outcome": Outcome.ANSWERED.value,
            "platform": snapshot.platform,
            "reason": "",
            "taken": snapshot.taken,
            "seconds": 1.0,
            "login": snapshot.user,
            "privileged": snapshot.privileged,
            "policy": 1,
            "outside": None,
            "missing": {},
        }
        rows.append(row)
        parts += [
            {"scan_host_id": identity, "section": name, "position": number, "recording": blob}
            for number, (name, blob) in enumerate(blobs.items())
        ]
        made_of = StoredHost(row, blobs, Depth.STANDARD).made_of  # type: ignore[arg-type]
        facts.append(
            {"scan_host_id": identity, "made_of": made_of, "facts": encoded(snapshot.status, snapshot.observations)}
        )
    with store.writing() as connection:
        connection.execute(sa.insert(scan_hosts), rows)
        connection.execute(sa.insert(sections), parts)
        connection.execute(sa.insert(parsed_hosts), facts)
