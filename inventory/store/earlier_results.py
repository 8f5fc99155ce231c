"""The results of earlier versions of this program, stored with the recordings."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
import zstandard

from inventory.errors import WorkspaceError
from inventory.history.fingerprint import Fingerprint, SectionFingerprint
from inventory.store.database import Store
from inventory.store.database_tables import judgements, readings, scan_hosts
from inventory.store.scan_records import Scan

_MOST = 1 << 28
_BATCH = 50  # hosts of one transaction


class EarlierResults:
    """Readings and judgements in a store. Raises WorkspaceError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reading(self, scan: Scan, host: str) -> tuple[Fingerprint, str] | None:
        """The fingerprint of a host, and the version that made it; None when none was stored."""
        of_host = (readings.c.scan_host_id == scan_hosts.c.id, scan_hosts.c.scan_id == scan.id)
        query = sa.select(readings).where(*of_host, scan_hosts.c.host == host)
        with self._store.reading() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            return None
        reading = {
            row["section"]: SectionFingerprint(row["status"], row["reason"], _read(row["facts"])) for row in rows
        }
        return reading, rows[0]["program"]

    def keep_readings(self, scan: Scan, of_hosts: Iterable[tuple[str, Fingerprint]], program: str) -> None:
        """Store a fingerprint, in place of the earlier one."""
        batch: list[tuple[str, Fingerprint]] = []
        for each in of_hosts:
            batch.append(each)
            if len(batch) == _BATCH:
                self._keep(scan, batch, program)
                batch = []
        if batch:
            self._keep(scan, batch, program)

    def _keep(self, scan: Scan, batch: list[tuple[str, Fingerprint]], program: str) -> None:
        names = [host for host, _ in batch]
        query = sa.select(scan_hosts.c.host, scan_hosts.c.id).where(scan_hosts.c.scan_id == scan.id)
        with self._store.writing() as connection:
            ids = {row.host: row.id for row in connection.execute(query.where(scan_hosts.c.host.in_(names)))}
            connection.execute(sa.delete(readings).where(readings.c.scan_host_id.in_(list(ids.values()))))
            rows = [
                {
                    "scan_host_id": ids[host],
                    "section": name,
                    "status": section.status,
                    "reason": section.reason,
                    "facts": _written(section.facts),
                    "program": program,
                }
                for host, reading in batch
                for name, section in reading.items()
            ]
            if rows:
                connection.execute(sa.insert(readings), rows)

    def judgement(self, scan: Scan) -> StoredJudgement | None:
        """The judgement of a scan; None when none was stored."""
        with self._store.reading() as connection:
            query = sa.select(judgements).where(judgements.c.scan_id == scan.id)
            row = connection.execute(query).mappings().first()
        return None if row is None else StoredJudgement(row["program"], row["document"])

    def keep_judgement(
        self, scan: Scan, about: Mapping[str, Any], of_hosts: Iterable[tuple[str, Mapping[str, Any]]], program: str
    ) -> None:
        """Store a judgement, in place of the earlier one: ``about`` the whole, and host by host."""
        packer = zstandard.ZstdCompressor().compressobj()
        written = [packer.compress(json.dumps(line).encode() + b"\n") for line in chain([about], of_hosts)]
        document = b"".join([*written, packer.flush()])
        with self._store.writing() as connection:
            connection.execute(sa.delete(judgements).where(judgements.c.scan_id == scan.id))
            row = {"scan_id": scan.id, "document": document, "program": program}
            connection.execute(sa.insert(judgements).values(row))


class StoredJudgement:
    """The judgement of the version ``program``: ``about`` the whole, and host by host. Raises WorkspaceError when
    damaged.

    Early versions stored all of it in ``about``, and no hosts.
    """

    def __init__(self, program: str, document: bytes) -> None:
        self.program = program
        self._document = document
        about = next(self._lines(), None)
        if not isinstance(about, dict):
            raise _damaged(ValueError("it does not name its subject"))
        self.about: Mapping[str, Any] = about

    def of_hosts(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The hosts in inventory order, read one at a time."""
        yield from ((host, judged) for host, judged in islice(self._lines(), 1, None))

    def _lines(self) -> Iterator[Any]:
        try:
            with zstandard.ZstdDecompressor().stream_reader(self._document) as reader:
                # Buffered: a text wrapper around the reader itself never ends when the frame is cut off.
                yield from map(json.loads, io.BufferedReader(reader))
        except (zstandard.ZstdError, ValueError) as error:
            raise _damaged(error) from error


def _written(value: Mapping[str, Any]) -> bytes:
    return zstandard.ZstdCompressor().compress(json.dumps(value).encode())


def _read(blob: bytes) -> dict[str, Any]:
    try:
        value = json.loads(zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MOST))
    except (zstandard.ZstdError, ValueError) as error:
        raise _damaged(error) from error
    return dict(value)


def _damaged(error: Exception) -> WorkspaceError:
    return WorkspaceError(f"the stored results of an earlier version are damaged ({error}); scan again")
