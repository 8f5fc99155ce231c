"""Samplings in the database, and the bounded number of sightings that their samples add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from inventory.scan.sample import Sample, merged_facts
from inventory.store.database import Store
from inventory.store.database_tables import sampled_hosts, samplings, scan_hosts, sightings
from inventory.store.scan_records import Scan
from inventory.store.stored_sightings import MAX_SIGHTINGS


@dataclass(frozen=True, slots=True)
class Sampling:
    """Samples that follow a scan: from ``started`` until ``until`` (seconds since the epoch), ``every`` so many
    seconds.

    ``looks`` is the number of samples so far; ``ended`` is None while more are to come.
    """

    scan: int
    every: float
    started: float
    until: float
    ended: float | None = None
    looks: int = 0


class SightingStore:
    """Samplings and sightings in a store. Every method commits or raises WorkspaceError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, scan: Scan, every: float, started: float, until: float) -> Sampling:
        """Looks will follow ``scan``; more of them, when some have before."""
        with self._store.writing() as connection:
            before = _sampling(connection, scan)
            looks = before.looks if before is not None else 0
            connection.execute(sa.delete(samplings).where(samplings.c.scan_id == scan.id))
            row = {"scan_id": scan.id, "every": every, "started": started, "until": until, "looks": looks}
            connection.execute(sa.insert(samplings).values(row))
        return Sampling(scan.id, every, started, until, None, looks)

    def sampling(self, scan: Scan) -> Sampling | None:
        """The sampling that follows a scan; None when none was requested."""
        with self._store.reading() as connection:
            return _sampling(connection, scan)

    def looked(self, scan: Scan) -> None:
        """Count one more sample of all hosts."""
        with self._store.writing() as connection:
            own = samplings.c.scan_id == scan.id
            connection.execute(sa.update(samplings).where(own).values(looks=samplings.c.looks + 1))

    def end(self, scan: Scan, ended: float) -> None:
        """There will be no more."""
        with self._store.writing() as connection:
            connection.execute(sa.update(samplings).where(samplings.c.scan_id == scan.id).values(ended=ended))

    def add(self, scan: Scan, host: str, taken: float, seen: Sequence[Sample]) -> None:
        """Add one sample of a host. A sample that is stored already is not counted again."""
        with self._store.writing() as connection:
            where = (scan_hosts.c.scan_id == scan.id, scan_hosts.c.host == host)
            identity = connection.scalar(sa.select(scan_hosts.c.id).where(*where))
            if identity is None:
                raise ValueError(f"host {host!r} is not part of scan {scan.id}")
            own = sampled_hosts.c.scan_host_id == identity
            before = connection.execute(sa.select(sampled_hosts).where(own)).mappings().first()
            if before is not None and before["last"] >= taken:
                return
            left_out = _merge(connection, identity, taken, seen)
            if before is None:
                row = {"scan_host_id": identity, "looks": 1, "first": taken, "last": taken, "left_out": left_out}
                connection.execute(sa.insert(sampled_hosts).values(row))
            else:
                more = {"looks": before["looks"] + 1, "last": taken, "left_out": before["left_out"] + left_out}
                connection.execute(sa.update(sampled_hosts).where(own).values(more))


def _sampling(connection: Connection, scan: Scan) -> Sampling | None:
    row = connection.execute(sa.select(samplings).where(samplings.c.scan_id == scan.id)).mappings().first()
    if row is None:
        return None
    return Sampling(row["scan_id"], row["every"], row["started"], row["until"], row["ended"], row["looks"])


def _merge(connection: Connection, host: int, taken: float, seen: Sequence[Sample]) -> int:
    """Add to what is there; how much found no room."""
    rows = connection.execute(sa.select(sightings).where(sightings.c.scan_host_id == host)).mappings().all()
    known = {row["identity"]: row for row in rows}
    sizes = Counter(row["kind"] for row in rows)
    again: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    left_out = 0
    for each in seen:
        row = known.get(each.identity)
        if row is not None:
            again.append({"own": each.identity, "now": taken, "more": merged_facts(row["facts"], each.facts)})
        elif sizes[each.kind] >= MAX_SIGHTINGS[each.kind]:
            left_out += 1
        else:
            sizes[each.kind] += 1
            times = {"first": taken, "last": taken, "times": 1}
            own = {"scan_host_id": host, "kind": each.kind, "identity": each.identity, "facts": dict(each.facts)}
            new.append({**own, **times})
    if again:
        of_host = (sightings.c.scan_host_id == host, sightings.c.identity == sa.bindparam("own"))
        values = {
            "last": sa.bindparam("now"),
            "facts": sa.bindparam("more", type_=sightings.c.facts.type),
            "times": sightings.c.times + 1,
        }
        connection.execute(sa.update(sightings).where(*of_host).values(values), again)
    if new:
        connection.execute(sa.insert(sightings), new)
    return left_out
