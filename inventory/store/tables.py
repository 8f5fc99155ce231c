"""The tables. Facts are not in them: they are read anew from the recordings, so a better parser needs no new scan."""

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
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 1
"""Raised with every change that older versions of this program cannot read."""

metadata = MetaData()

schema = Table("assess_schema", metadata, Column("version", Integer, primary_key=True))

scans = Table(
    "scans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started", Float, nullable=False),
    Column("finished", Float),
    Column("inventory", Text, nullable=False),
    Column("options", JSON, nullable=False),
)

# One row for each host of a scan from its beginning; ``outcome`` is null until the host was asked.
scan_hosts = Table(
    "scan_hosts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scan_id", ForeignKey("scans.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("outcome", String(16)),
    Column("platform", String(16)),
    Column("reason", Text),
    Column("taken", Float),
    Column("seconds", Float),
    Column("login", Text),
    Column("privileged", Boolean),
    Column("policy", Integer),
    Column("outside", LargeBinary),
    Column("missing", JSON),
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

# Names of workloads outlive scans: what was called web01/apache2 once is called so for ever.
workload_names = Table(
    "workload_names",
    metadata,
    Column("host", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("name", Text, nullable=False),
)
