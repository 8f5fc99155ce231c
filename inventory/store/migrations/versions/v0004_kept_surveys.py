"""The survey of each host, stored with its parsed facts and deleted with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("parsed_hosts", sa.Column("surveyed_by", sa.String(64)))
    op.add_column("parsed_hosts", sa.Column("survey", sa.LargeBinary()))
    op.execute("UPDATE assess_schema SET version = 4")
