"""The tables of the database. Facts are read from the recordings, so a better parser needs no new scan; those of the
last scan are stored next to them only for as long as the same parsers would read the same again.

A change here is a migration in ``migrations/versions`` (a test compares both), a new HEAD, and a new SCHEMA_VERSION.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from inventory.store.host_columns import HostJson, HostText

SCHEMA_VERSION = 5
"""Raised with every change, and written next to Alembic's own revision: the first version of this program, which knew
no migrations, reads only this number and rejects what is newer.
"""

HEAD = "0005"
"""The newest revision of ``migrations/versions``. A database that is there needs no Alembic, which is slow to load."""

metadata = MetaData()

schema = Table("assess_schema", metadata, Column("version", Integer, primary_key=True))

scans = Table(
    "scans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started", Float, nullable=False),
    Column("finished", Float),
    Column("inventory", HostText, nullable=False),
    Column("options", JSON, nullable=False),
)

# One row for each host of a scan from its beginning; ``outcome`` is null until the host was asked.
scan_hosts = Table(
    "scan_hosts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scan_id", ForeignKey("scans.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("host", HostText, nullable=False),
    Column("address", HostText, nullable=False),
    Column("groups", HostJson, nullable=False),
    Column("outcome", String(16)),
    Column("platform", String(16)),
    Column("reason", HostText),
    Column("taken", Float),
    Column("seconds", Float),
    Column("login", HostText),
    Column("privileged", Boolean),
    Column("peer", String(64)),
    Column("policy", Integer),
    Column("outside", LargeBinary),
    Column("missing", HostJson),
    UniqueConstraint("scan_id", "host"),
)

# The redacted answer of a host to one section: zstd of its text form (inventory.recording).
sections = Table(
    "sections",
    metadata,
    Column("scan_host_id", ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
    Column("section", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("recording", LargeBinary, nullable=False),
)

# The parsed facts of a host's recording, valid for as long as ``made_of`` (parsers and recording) is what they would be
# made of again: see inventory.store.cache.snapshot_cache. ``survey`` is the survey of these facts by the code that
# ``surveyed_by`` identifies; both are null until the first survey.
parsed_hosts = Table(
    "parsed_hosts",
    metadata,
    Column("scan_host_id", ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
    Column("made_of", String(64), nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("surveyed_by", String(64)),
    Column("survey", LargeBinary),
)

# Names of workloads outlive scans: what was called web01/apache2 once is called so for ever.
workload_names = Table(
    "workload_names",
    metadata,
    Column("host", HostText, primary_key=True),
    Column("identity", HostText, primary_key=True),
    Column("name", HostText, nullable=False),
)

# What a version of this program read in a recording: zstd of JSON, natural key of a fact to a short hash of it.
readings = Table(
    "readings",
    metadata,
    Column("scan_host_id", ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
    Column("section", String(64), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("reason", HostText, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("program", String(64), nullable=False),
)

# What a version of this program judged of a scan: zstd of JSON.
judgements = Table(
    "judgements",
    metadata,
    Column("scan_id", ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("program", String(64), nullable=False),
)

# Looks that follow a scan. ``ended`` is null while there are more to come.
samplings = Table(
    "samplings",
    metadata,
    Column("scan_id", ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True),
    Column("every", Float, nullable=False),
    Column("started", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("ended", Float),
    Column("looks", Integer, nullable=False),
)

# How often each host was looked at, and how much did not find room.
sampled_hosts = Table(
    "sampled_hosts",
    metadata,
    Column("scan_host_id", ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("left_out", Integer, nullable=False),
)

# A process or a pair of connected programs that a sample observed; ``identity`` is a hash of what distinguishes it.
sightings = Table(
    "sightings",
    metadata,
    Column("scan_host_id", ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("identity", String(32), primary_key=True),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("times", Integer, nullable=False),
    Column("facts", HostJson, nullable=False),
)
