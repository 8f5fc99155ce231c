"""The address that the connection to each host reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column. Hosts of earlier scans have no value in it."""
    op.add_column("scan_hosts", sa.Column("peer", sa.String(64)))
    op.execute("UPDATE assess_schema SET version = 5")
