"""Alembic's entry: migrate on the connection and in the transaction that :mod:`inventory.store.migrating` opened."""

from __future__ import annotations

from alembic import context

from inventory.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
context.run_migrations()
