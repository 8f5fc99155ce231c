"""Facts parsed from a recording, stored so that the same parsers need not read it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "parsed_hosts",
        sa.Column("scan_host_id", sa.Integer(), sa.ForeignKey("scan_hosts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("made_of", sa.String(64), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
    )
    op.execute("UPDATE assess_schema SET version = 3")
