"""Scans, their hosts, the recordings, and the names of workloads: the first form of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("assess_schema", sa.Column("version", sa.Integer(), primary_key=True))
    op.create_table(
        "scans",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("finished", sa.Float()),
        sa.Column("inventory", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
    )
    op.create_table(
        "scan_hosts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("scan_id", sa.Integer(), sa.ForeignKey("scans.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("platform", sa.String(16)),
        sa.Column("reason", sa.Text()),
        sa.Column("taken", sa.Float()),
        sa.Column("seconds", sa.Float()),
        sa.Column("login", sa.Text()),
        sa.Column("privileged", sa.Boolean()),
        sa.Column("policy", sa.Integer()),
        sa.Column("outside", sa.LargeBinary()),
        sa.Column("missing", sa.JSON()),
        sa.UniqueConstraint("scan_id", "host"),
    )
    op.create_table(
        "sections",
        sa.Column("scan_host_id", sa.Integer(), sa.ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("section", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recording", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "workload_names",
        sa.Column("host", sa.Text(), primary_key=True),
        sa.Column("identity", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.execute("INSERT INTO assess_schema (version) VALUES (1)")
