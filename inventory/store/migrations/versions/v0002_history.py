"""Fingerprints and judgements of earlier versions, for comparison, and the sightings of samples after a scan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "readings",
        _host(),
        sa.Column("section", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
    )
    op.create_table(
        "judgements",
        _scan(),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
    )
    op.create_table(
        "samplings",
        _scan(),
        sa.Column("every", sa.Float(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("ended", sa.Float()),
        sa.Column("looks", sa.Integer(), nullable=False),
    )
    op.create_table(
        "sampled_hosts",
        _host(),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("last", sa.Float(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
    )
    op.create_table(
        "sightings",
        _host(),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("identity", sa.String(32), primary_key=True),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("last", sa.Float(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.execute("UPDATE assess_schema SET version = 2")


def _host() -> sa.Column[int]:
    return sa.Column("scan_host_id", sa.Integer(), sa.ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True)


def _scan() -> sa.Column[int]:
    return sa.Column("scan_id", sa.Integer(), sa.ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True)
