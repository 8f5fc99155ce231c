"""Entry of Alembic: migrate on the connection and transaction of :mod:`inventory.store.schema_upgrade`."""

from __future__ import annotations

from alembic import context

from inventory.store import database_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=database_tables.metadata,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
context.run_migrations()
