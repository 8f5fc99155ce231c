"""Recordings that an earlier version redacted, redacted by the rules of this one.

What is derived from them goes: it is read anew from the recordings. Of SQLite the freed pages go as well; the
write-ahead logs and backups of a server are its administrator's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection, RowMapping

from inventory.depth import Depth
from inventory.privacy.recording_redaction import redact_recording
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.policy_version import POLICY
from inventory.recording import Recording, SectionRecording
from inventory.store.database import Store
from inventory.store.database_tables import judgements, parsed_hosts, readings, scan_hosts, sections, sightings
from inventory.store.row_mapping import recording_of

_PLACE = re.compile(rb"(/[^:\n]{1,4000}):(\d{1,9}):")


@dataclass(frozen=True, slots=True, order=True)
class ExposedSecret:
    """A place where a value that is now recognised as a secret was stored in clear text. Never the value."""

    host: str
    place: str


def upgrade_redaction(
    store: Store, key: bytes, step: Callable[[int, int], None], expose: Callable[[Sequence[ExposedSecret]], None]
) -> None:
    """Redact older recordings, host by host; ``step`` receives the number of hosts done, and of all, ``expose`` a
    host's places before they are gone.

    A killed run resumes where it stopped. Raises WorkspaceError.
    """
    redactor = Redactor(key)
    with store.reading() as connection:
        query = sa.select(scan_hosts.c.id).where(scan_hosts.c.policy < POLICY).order_by(scan_hosts.c.id)
        identities = list(connection.scalars(query))
    for number, identity in enumerate(identities):
        step(number, len(identities))
        with store.writing() as connection:
            expose(sorted(set(_redact_host(connection, identity, redactor))))
    store.forget_freed()


def _redact_host(connection: Connection, identity: int, redactor: Redactor) -> Iterator[ExposedSecret]:
    row = connection.execute(sa.select(scan_hosts).where(scan_hosts.c.id == identity)).mappings().one()
    before = _recording(connection, row)
    own = scan_hosts.c.id == identity
    if before is None:
        connection.execute(sa.update(scan_hosts).where(own).values(policy=POLICY))
        return
    after = redact_recording(before, redactor)
    stored = {section.section: section for section in after.sections}
    for section in before.sections:
        again = stored.get(section.section)
        if again is not None and again == section:
            continue
        where = (sections.c.scan_host_id == identity, sections.c.section == section.section)
        if again is None:
            connection.execute(sa.delete(sections).where(*where))
            yield ExposedSecret(before.host, f"section {section.section}")
        else:
            connection.execute(sa.update(sections).where(*where).values(recording=again.compressed()))
            yield from (ExposedSecret(before.host, place) for place in _changed(section, again))
    if after.outside != before.outside:
        yield ExposedSecret(before.host, "output outside of the sections")
    values: dict[str, Any] = {
        "policy": POLICY,
        "outside": zstandard.ZstdCompressor().compress(after.outside),
        "missing": dict(after.missing),
    }
    connection.execute(sa.update(scan_hosts).where(own).values(**values))
    for table in (parsed_hosts, readings):
        connection.execute(sa.delete(table).where(table.c.scan_host_id == identity))
    connection.execute(sa.delete(judgements).where(judgements.c.scan_id == row["scan_id"]))
    yield from _sightings(connection, identity, before.host, redactor)


def _recording(connection: Connection, row: RowMapping) -> Recording | None:
    query = sa.select(sections.c.section, sections.c.recording).where(sections.c.scan_host_id == row["id"])
    blobs = [(each.section, each.recording) for each in connection.execute(query.order_by(sections.c.position))]
    return recording_of(row, blobs, Depth.STANDARD)


def _changed(before: SectionRecording, after: SectionRecording) -> Iterator[str]:
    """The places where the parts of a section differ: the file and line where the line names them, else the line of the
    part.
    """
    for old, new in zip(before.parts, after.parts, strict=False):
        if old.content == new.content:
            continue
        lines, others = old.content.split(b"\n"), new.content.split(b"\n")
        if len(lines) != len(others):
            yield f"{before.section}/{old.name}"
            continue
        for number, (line, other) in enumerate(zip(lines, others, strict=True), 1):
            if line == other:
                continue
            if place := _PLACE.match(other):
                yield f"{place[1].decode('utf-8', 'backslashreplace')} line {place[2].decode()}"
            else:
                yield f"{before.section}/{old.name} line {number}"
    if len(before.parts) != len(after.parts) or before.errors != after.errors:
        yield f"section {before.section}"


def _sightings(connection: Connection, identity: int, host: str, redactor: Redactor) -> Iterator[ExposedSecret]:
    """Remove programs whose command line holds a secret: their identity is a hash of it."""
    own = redactor.within(host.encode("utf-8", "surrogateescape"))
    query = sa.select(sightings.c.identity, sightings.c.facts).where(
        sightings.c.scan_host_id == identity, sightings.c.kind == "process"
    )
    for each in connection.execute(query).all():
        arguments = "\0".join(each.facts.get("arguments", ())).encode("utf-8", "surrogateescape")
        if own.arguments(arguments) != arguments:
            known = (sightings.c.scan_host_id == identity, sightings.c.identity == each.identity)
            connection.execute(sa.delete(sightings).where(*known))
            yield ExposedSecret(host, f"the command line of {each.facts.get('name') or 'a program'}")
