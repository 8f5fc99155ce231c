"""The snapshots of a scan one after the other, parsed once: parsed facts are stored next to the recording.

The first survey of a host is stored with them, for a second pass.

Stored facts count only while their key is that of what they would be made of now: the source of the parsers, the depth
of the scan and every byte of the recording. They are stored for the last scan only, and a host that is scanned again
loses them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection, RowMapping

from inventory.depth import Depth
from inventory.errors import WorkspaceError
from inventory.model.sightings import Sightings
from inventory.observation import Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import RecordingError, SectionRecording
from inventory.snapshot import Snapshot
from inventory.store.cache.fact_encoding import decoded, encoded, parser_version
from inventory.store.database import Store
from inventory.store.database_tables import parsed_hosts, sampled_hosts, scan_hosts, scans, sections
from inventory.store.row_mapping import recording_of, result_of, snapshot_of
from inventory.store.scan_records import Outcome, Scan
from inventory.store.snapshot_building import observe, snapshot_with
from inventory.store.stored_sightings import load_sightings, sightings_observation

_BATCH = 32  # hosts that are read from the database, and stored, at once

HELD = 64
"""A scan of at most so many hosts stays in memory once it is read, so that a command reads each host once."""


@dataclass(frozen=True)
class StoredHost:
    """A host as the database has it; its sections are decompressed when they are asked for."""

    row: RowMapping
    blobs: Mapping[str, bytes]
    depth: Depth

    def surveyed_by(self, made_by: str) -> str:
        """A hash of the code and the facts that a survey of it depends on; ``made_by`` is the hash of the code."""
        row = self.row
        own = [row["host"], row["address"], row["groups"], row["taken"], row["login"], row["privileged"], row["peer"]]
        return hashlib.sha256(json.dumps([made_by, self.made_of, own]).encode()).hexdigest()

    @cached_property
    def made_of(self) -> str:
        """A hash of what its facts are made of."""
        row = self.row
        digest = hashlib.sha256(parser_version().encode())
        digest.update(json.dumps([row["platform"], row["outcome"], str(self.depth), row["missing"]]).encode())
        for name, blob in self.blobs.items():
            digest.update(f"\n{name} {len(blob)}\n".encode())
            digest.update(blob)
        return digest.hexdigest()

    def section(self, name: str) -> SectionRecording | None:
        """The recording of a section; None when there is none, or it is damaged."""
        blob = self.blobs.get(name)
        try:
            return None if blob is None else SectionRecording.from_compressed(name, blob, self._unpacker)
        except RecordingError:
            return None

    @cached_property
    def _unpacker(self) -> zstandard.ZstdDecompressor:
        """One for all sections: to make one takes longer than to unpack most of them."""
        return zstandard.ZstdDecompressor()

    def observe(self, name: str) -> Observation[Any]:
        """One section, by its parser."""
        from inventory.sections import SECTIONS

        section = next((each for each in SECTIONS if each.name == name), None)
        if section is None:
            return Unknown(f"section {name} was not asked")
        missing = (self.row["missing"] or {}).get(name, "")
        return observe(section, Platform(self.row["platform"]), self.depth, self.section(name), missing)


class _CachedHost(NamedTuple):
    """A cached host: its facts, and the first survey of it. Both record what they were made of."""

    made_of: str
    facts: bytes
    surveyed_by: str | None
    survey: bytes | None


@dataclass(frozen=True)
class _NewlyCached:
    """New facts and surveys of the hosts of a batch, to be stored, by their row: what each was made of, and itself."""

    parsed: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    surveys: dict[int, tuple[str, bytes]] = field(default_factory=dict)


class SurveyedHost:
    """A host, with the ``survey`` that was stored of it; None when there is none that is still valid."""

    def __init__(
        self, host: str, survey: bytes | None, by: str, read: Callable[[], Snapshot], made: _NewlyCached, row: int
    ):
        self.host = host
        self.survey = survey
        self._by = by
        self._read = read
        self._made = made
        self._row = row

    def snapshot(self) -> Snapshot:
        """All that is known of it; its facts are read now."""
        return self._read()

    def keep(self, survey: bytes) -> None:
        """Store a survey of these facts, if facts are stored."""
        if self._by:
            self._made.surveys[self._row] = (self._by, survey)


class SnapshotCache:
    """The snapshots of a scan in inventory order, as often as they are iterated over. Memory holds a few at a time, or
    all of a scan of at most :data:`HELD` hosts.

    With ``keep``, facts that had to be parsed are stored, if the scan is the last one; a database that rejects them (it
    is read-only, or busy) is left unchanged. Without ``use`` all is parsed, whatever is stored. Raises WorkspaceError
    when the database cannot be read.
    """

    def __init__(self, store: Store, scan: Scan, *, keep: bool = True, use: bool = True) -> None:
        self._store = store
        self._scan = scan
        self._keep = keep
        self._use = use
        self._at_hand: dict[str, StoredHost] = {}
        self._held: dict[str, Snapshot] = {}

    @cached_property
    def _is_latest(self) -> bool:
        with self._store.reading() as connection:
            return bool(connection.scalar(sa.select(sa.func.max(scans.c.id))) == self._scan.id)

    def __iter__(self) -> Iterator[Snapshot]:
        if all(host in self._held for host in self._scan.hosts):
            return (self._held[host] for host in self._scan.hosts)
        return (each.snapshot() for each in self.surveyed(None))

    def surveyed(self, made_by: Callable[[str], str] | None) -> Iterator[SurveyedHost]:
        """The hosts in inventory order, each with its stored survey, if that was made of the same facts and by the code
        that ``made_by`` (a hash) names for the host. Nothing of it is read or stored without ``made_by``, or for a host
        that was sampled after the scan, whose connections change.
        """
        query = sa.select(scan_hosts.c.id).where(scan_hosts.c.scan_id == self._scan.id).order_by(scan_hosts.c.position)
        with self._store.reading() as connection:
            ids = list(connection.scalars(query))
        for start in range(0, len(ids), _BATCH):
            yield from self._batch(ids[start : start + _BATCH], made_by)

    def in_group(self, group: str) -> Iterator[Snapshot]:
        """The snapshots of the hosts that are in a group of the inventory; no other host is read."""
        query = sa.select(scan_hosts.c.id, scan_hosts.c.groups).where(scan_hosts.c.scan_id == self._scan.id)
        with self._store.reading() as connection:
            ids = [row.id for row in connection.execute(query.order_by(scan_hosts.c.position)) if group in row.groups]
        for start in range(0, len(ids), _BATCH):
            yield from (each.snapshot() for each in self._batch(ids[start : start + _BATCH]))

    def section(self, host: str, name: str) -> SectionRecording | None:
        """The answer of a host to a section. Cheap for a host whose snapshot was among the last ones."""
        stored = self._at_hand.get(host)
        if stored is None:
            with self._store.reading() as connection:
                (stored,), _, _ = self._read(connection, [self._identity(connection, host)])
            self._at_hand = {host: stored}
        return stored.section(name)

    def host(self, name: str) -> Snapshot:
        """The snapshot of one host; raises WorkspaceError when the scan has none of this name."""
        if name in self._held:
            return self._held[name]
        with self._store.reading() as connection:
            identity = self._identity(connection, name)
        return next(self._batch([identity])).snapshot()

    def _identity(self, connection: Connection, host: str) -> int:
        where = (scan_hosts.c.scan_id == self._scan.id, scan_hosts.c.host == host)
        identity = connection.scalar(sa.select(scan_hosts.c.id).where(*where))
        if identity is None:
            raise WorkspaceError(f"scan {self._scan.id} has no host {host!r}; scan it first")
        return int(identity)

    def drop(self) -> None:
        """Delete the stored facts of this scan: the next access parses all of it."""
        with self._store.writing() as connection:
            of_scan = sa.select(scan_hosts.c.id).where(scan_hosts.c.scan_id == self._scan.id)
            connection.execute(sa.delete(parsed_hosts).where(parsed_hosts.c.scan_host_id.in_(of_scan)))

    def _batch(self, ids: Sequence[int], made_by: Callable[[str], str] | None = None) -> Iterator[SurveyedHost]:
        with self._store.reading() as connection:
            stored, kept, looked = self._read(connection, ids)
            sightings = {each: load_sightings(connection, each) for each in looked}
        self._at_hand = {each.row["host"]: each for each in stored}
        made = _NewlyCached()
        for each in stored:
            identity, host = each.row["id"], each.row["host"]
            of_host, seen = kept.pop(identity, None), sightings.get(identity)
            by = each.surveyed_by(made_by(host)) if made_by is not None and seen is None else ""
            survey = of_host.survey if of_host is not None and by and of_host.surveyed_by == by else None
            yield SurveyedHost(host, survey, by, partial(self._snapshot, each, of_host, seen, made), made, identity)
        if self._keep:
            self._write(made)

    def _read(
        self, connection: Connection, ids: Sequence[int]
    ) -> tuple[list[StoredHost], dict[int, _CachedHost], list[int]]:
        """The hosts, their stored facts (with what they were made of), and which of them were sampled later."""
        blobs: dict[int, dict[str, bytes]] = {}
        query = sa.select(sections.c.scan_host_id, sections.c.section, sections.c.recording)
        query = query.where(sections.c.scan_host_id.in_(ids)).order_by(sections.c.scan_host_id, sections.c.position)
        for identity, name, blob in connection.execute(query):
            blobs.setdefault(identity, {})[name] = blob
        rows = connection.execute(
            sa.select(scan_hosts).where(scan_hosts.c.id.in_(ids)).order_by(scan_hosts.c.position)
        ).mappings()
        stored = [StoredHost(row, blobs.get(row["id"], {}), self._scan.depth) for row in rows]
        kept: dict[int, _CachedHost] = {}
        if self._use:
            wanted = (parsed_hosts.c[name] for name in ("scan_host_id", *_CachedHost._fields))
            query = sa.select(*wanted).where(parsed_hosts.c.scan_host_id.in_(ids))
            kept = {identity: _CachedHost(*of_host) for identity, *of_host in connection.execute(query)}
        looked = sa.select(sampled_hosts.c.scan_host_id).where(sampled_hosts.c.scan_host_id.in_(ids))
        return stored, kept, list(connection.scalars(looked))

    def _snapshot(
        self, stored: StoredHost, kept: _CachedHost | None, seen: Sightings | None, made: _NewlyCached
    ) -> Snapshot:
        host = stored.row["host"]
        if host in self._held:
            return self._held[host]
        snapshot = self._facts(stored, kept, made)
        if seen is not None:
            snapshot = replace(snapshot, sightings=sightings_observation(seen))
        if len(self._scan.hosts) <= HELD:
            self._held[host] = snapshot
        return snapshot

    def _facts(self, stored: StoredHost, kept: _CachedHost | None, made: _NewlyCached) -> Snapshot:
        row = stored.row
        if row["outcome"] != Outcome.ANSWERED.value or row["policy"] is None:
            return snapshot_of(row, None, None, stored.depth)
        if kept is not None and kept.made_of == stored.made_of:
            read = decoded(kept.facts, stored.observe)
            if read is not None:
                status, observations = read
                return snapshot_with(result_of(row), status, observations, stored.depth)
        snapshot = snapshot_of(row, recording_of(row, stored.blobs.items(), stored.depth), None, stored.depth)
        facts = encoded(snapshot.status, snapshot.observations) if self._keep else None
        if facts is not None:
            made.parsed[row["id"]] = (stored.made_of, facts)
        return snapshot

    def _write(self, made: _NewlyCached) -> None:
        """Keep what was made; that of earlier scans goes, so that a workspace grows with its recordings only."""
        if not (made.parsed or made.surveys):
            return
        mine = sa.select(scan_hosts.c.id).where(scan_hosts.c.scan_id == self._scan.id)
        parsed = [{"scan_host_id": each, "made_of": of, "facts": facts} for each, (of, facts) in made.parsed.items()]
        surveys = [{"host": each, "surveyed_by": by, "survey": of} for each, (by, of) in made.surveys.items()]
        try:
            if not self._is_latest:
                self._keep = False
                return
            with self._store.writing() as connection:
                if parsed:
                    old = parsed_hosts.c.scan_host_id.not_in(mine) | parsed_hosts.c.scan_host_id.in_(list(made.parsed))
                    connection.execute(sa.delete(parsed_hosts).where(old))
                    connection.execute(sa.insert(parsed_hosts), parsed)
                if surveys:
                    one = sa.update(parsed_hosts).where(parsed_hosts.c.scan_host_id == sa.bindparam("host"))
                    connection.execute(one, surveys)
        except WorkspaceError:
            self._keep = False
