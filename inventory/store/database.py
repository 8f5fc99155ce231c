"""The database of an assessment: scans, what became of each host, and the recordings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from inventory.depth import Depth
from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.recording import Recording
from inventory.snapshot import Snapshot
from inventory.store.database_engine import open_engine, sentence_of
from inventory.store.database_tables import parsed_hosts, scan_hosts, scans, sections, workload_names
from inventory.store.row_mapping import recording_of, result_of, snapshot_of
from inventory.store.scan_records import HostResult, Scan
from inventory.store.schema_upgrade import migrate
from inventory.store.stored_sightings import load_sightings

_BATCH = 200  # hosts whose names are written at once

# Made once, since to build a statement costs more than to run it.
_HOST = sa.select(scan_hosts.c.id, scan_hosts.c.outcome).where(
    scan_hosts.c.scan_id == sa.bindparam("of_scan"), scan_hosts.c.host == sa.bindparam("of_host")
)
_KEEP = sa.update(scan_hosts).where(scan_hosts.c.id == sa.bindparam("identity"))
_ADD = sa.insert(sections)


class Store:
    """One database. Every method commits or raises WorkspaceError with nothing half-written."""

    def __init__(self, url: str | sa.URL, now: Callable[[], float] = time.time) -> None:
        """``url`` is any SQLAlchemy URL; the tables are made where there are none. Raises WorkspaceError."""
        self._now = now
        self._engine, self._what = open_engine(url)
        try:
            with self._sentences():
                migrate(self._engine, self._what)
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> Path | None:
        """The folder that the database lies in; None when it is elsewhere than in a file."""
        url = self._engine.url
        in_file = self._engine.dialect.name == "sqlite" and url.database not in (None, "", ":memory:")
        return Path(str(url.database)).parent if in_file else None

    def older_than(self, policy: int) -> bool:
        """Whether a recording was redacted by an earlier policy. Raises WorkspaceError."""
        with self.reading() as connection:
            query = sa.select(scan_hosts.c.id).where(scan_hosts.c.policy < policy).limit(1)
            return connection.execute(query).first() is not None

    def forget_freed(self) -> None:
        """Have what was deleted or replaced leave the files of the database too. Raises WorkspaceError."""
        with self._sentences(), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM")
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise sentence_of(error, self._what) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction; raises WorkspaceError. For the modules of this folder."""
        with self._sentences(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from; raises WorkspaceError. For the modules of this folder."""
        with self._sentences(), self._engine.connect() as connection:
            yield connection

    def begin(self, inventory: str, hosts: Sequence[Host], options: Mapping[str, str] | None = None) -> Scan:
        """Start a scan of ``hosts``. Of a host only name, address and groups are stored."""
        started = self._now()
        with self.writing() as connection:
            inserted = connection.execute(
                sa.insert(scans).values(started=started, inventory=inventory, options=dict(options or {}))
            )
            identity = inserted.inserted_primary_key[0]  # type: ignore[index]
            rows = [
                {
                    "scan_id": identity,
                    "position": position,
                    "host": host.name,
                    "address": host.address,
                    "groups": list(host.groups),
                }
                for position, host in enumerate(hosts)
            ]
            if rows:
                connection.execute(sa.insert(scan_hosts), rows)
        return Scan(identity, started, None, inventory, tuple(host.name for host in hosts), dict(options or {}))

    def unfinished(self, inventory: str) -> Scan | None:
        """The latest scan of ``inventory`` if it was not finished, else None."""
        query = sa.select(scans).where(scans.c.inventory == inventory).order_by(scans.c.id.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None or row["finished"] is not None else self._scan(connection, row)

    def save(self, scan: Scan, result: HostResult) -> None:
        """Keep what became of one host, recording included. Once this returns, a killed run does not lose it."""
        recording = result.recording
        values: dict[str, Any] = {
            "outcome": result.outcome.value,
            "platform": result.platform.value,
            "reason": result.reason,
            "taken": result.taken,
            "seconds": result.seconds,
            "login": result.user,
            "privileged": result.privileged,
            "peer": result.peer,
            "policy": None if recording is None else recording.redaction_policy,
            "outside": None if recording is None else zstandard.ZstdCompressor().compress(recording.outside),
            "missing": None if recording is None else dict(recording.missing),
        }
        with self.writing() as connection:
            row = connection.execute(_HOST, {"of_scan": scan.id, "of_host": result.host}).first()
            if row is None:
                raise ValueError(f"host {result.host!r} is not part of scan {scan.id}")
            identity, before = row
            connection.execute(_KEEP, {"identity": identity, **values})
            if before is not None:
                connection.execute(sa.delete(sections).where(sections.c.scan_host_id == identity))
                connection.execute(sa.delete(parsed_hosts).where(parsed_hosts.c.scan_host_id == identity))
            rows = [
                {
                    "scan_host_id": identity,
                    "section": section.section,
                    "position": position,
                    "recording": section.compressed(),
                }
                for position, section in enumerate(() if recording is None else recording.sections)
            ]
            if rows:
                connection.execute(_ADD, rows)

    def finish(self, scan: Scan) -> Scan:
        """Mark a scan as finished."""
        finished = self._now()
        with self.writing() as connection:
            connection.execute(sa.update(scans).where(scans.c.id == scan.id).values(finished=finished))
        return Scan(scan.id, scan.started, finished, scan.inventory, scan.hosts, scan.options)

    def latest(self) -> Scan | None:
        """The latest scan, finished or not; None when there is none."""
        with self.reading() as connection:
            row = connection.execute(sa.select(scans).order_by(scans.c.id.desc()).limit(1)).mappings().first()
            return None if row is None else self._scan(connection, row)

    def scan(self, identity: int) -> Scan | None:
        """The scan of this number; None when there is none."""
        with self.reading() as connection:
            row = connection.execute(sa.select(scans).where(scans.c.id == identity)).mappings().first()
            return None if row is None else self._scan(connection, row)

    def scans(self) -> tuple[Scan, ...]:
        """All scans, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(scans).order_by(scans.c.id)).mappings().all()
            return tuple(self._scan(connection, row) for row in rows)

    @staticmethod
    def _scan(connection: Connection, row: RowMapping) -> Scan:
        query = sa.select(scan_hosts.c.host).where(scan_hosts.c.scan_id == row["id"]).order_by(scan_hosts.c.position)
        hosts = tuple(connection.scalars(query))
        return Scan(row["id"], row["started"], row["finished"], row["inventory"], hosts, row["options"])

    def hosts(self, scan: Scan) -> tuple[HostResult, ...]:
        """The results of all hosts so far, in inventory order, without recordings."""
        with self.reading() as connection:
            rows = connection.execute(_hosts_of(scan)).mappings().all()
        return tuple(result_of(row) for row in rows if row["outcome"] is not None)

    def recording(self, scan: Scan, host: str) -> Recording | None:
        """The recording of a host; None when it did not answer. Raises WorkspaceError when it is not readable."""
        with self.reading() as connection:
            row = self._row(connection, scan, host)
            return self._recording(connection, row, scan.depth)

    def snapshot(self, scan: Scan, host: str) -> Snapshot:
        """The typed facts of one host, read anew from its recording by the parsers of SECTIONS."""
        with self.reading() as connection:
            return self._snapshot(connection, self._row(connection, scan, host), scan.depth)

    def snapshots(self, scan: Scan) -> Iterator[Snapshot]:
        """The snapshots of all hosts in inventory order, one at a time, so that memory holds one."""
        for name in scan.hosts:
            yield self.snapshot(scan, name)

    def _row(self, connection: Connection, scan: Scan, host: str) -> RowMapping:
        row = connection.execute(_hosts_of(scan).where(scan_hosts.c.host == host)).mappings().first()
        if row is None:
            raise WorkspaceError(f"scan {scan.id} has no host {host!r}; scan it first")
        return row

    @staticmethod
    def _recording(connection: Connection, row: RowMapping, depth: Depth) -> Recording | None:
        query = sa.select(sections.c.section, sections.c.recording).where(sections.c.scan_host_id == row["id"])
        rows = connection.execute(query.order_by(sections.c.position))
        return recording_of(row, [(each.section, each.recording) for each in rows], depth)

    def _snapshot(self, connection: Connection, row: RowMapping, depth: Depth) -> Snapshot:
        recording = self._recording(connection, row, depth)
        return snapshot_of(row, recording, load_sightings(connection, row["id"]), depth)

    def names(self, host: str) -> Mapping[str, str]:
        """Workload names of earlier scans: from the identity that the caller remembered to the name."""
        query = sa.select(workload_names.c.identity, workload_names.c.name).where(workload_names.c.host == host)
        with self.reading() as connection:
            return {row.identity: row.name for row in connection.execute(query)}

    def names_of(self, hosts: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """:meth:`names` of several hosts; those without any are not in it."""
        found: dict[str, dict[str, str]] = {}
        with self.reading() as connection:
            for row in connection.execute(sa.select(workload_names).where(workload_names.c.host.in_(hosts))):
                found.setdefault(row.host, {})[row.identity] = row.name
        return found

    def remember(self, names: Mapping[str, Mapping[str, str]]) -> None:
        """Keep workload names of hosts for later scans; what is there already stays as it is."""
        hosts = list(names)
        for start in range(0, len(hosts), _BATCH):
            batch = hosts[start : start + _BATCH]
            query = sa.select(workload_names.c.host, workload_names.c.identity).where(workload_names.c.host.in_(batch))
            with self.writing() as connection:
                known = {(row.host, row.identity) for row in connection.execute(query)}
                rows = [
                    {"host": host, "identity": key, "name": name}
                    for host in batch
                    for key, name in names[host].items()
                    if (host, key) not in known
                ]
                if rows:
                    connection.execute(sa.insert(workload_names), rows)


def _hosts_of(scan: Scan) -> sa.Select[Any]:
    return sa.select(scan_hosts).where(scan_hosts.c.scan_id == scan.id).order_by(scan_hosts.c.position)
