"""Alembic's entry: migrate on the connection and in the transaction that :mod:`inventory.store.schema_upgrade` opened."""

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
