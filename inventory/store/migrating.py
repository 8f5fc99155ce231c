"""Bringing a database to the present form, by Alembic's migrations, in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from inventory.errors import WorkspaceError
from inventory.store import tables

_FIRST = "0001"
_LOCK = 0x61737365  # any number of ours: PostgreSQL lets one migration at a time take it


def migrate(engine: Engine, what: str) -> None:
    """Make the tables, or bring those of an older version up. Nothing is half done. ``what`` names the database.

    Raises WorkspaceError when a newer version of this program wrote it, and whatever SQLAlchemy raises.
    """
    with engine.connect() as connection:
        if _revision(connection, what) == tables.HEAD:
            return
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # The driver would begin a transaction only with the first INSERT, after tables were made. Whoever comes
            # second waits here, and finds the work done.
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                _upgrade(connection, what)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
        else:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                _upgrade(connection, what)


def _upgrade(connection: Connection, what: str) -> None:
    revision = _revision(connection, what)
    if revision == tables.HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A "%" would be an interpolation of the configuration file that there is not.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if revision is None and sa.inspect(connection).has_table(tables.schema.name):
        # Made before there were migrations: it has the form of the first one.
        command.stamp(config, _FIRST)
    command.upgrade(config, "head")


def _revision(connection: Connection, what: str) -> str | None:
    """The revision of the database, None when it has none; raises WorkspaceError when it is not ours to change."""
    present = sa.inspect(connection)
    if present.has_table(tables.schema.name):
        version = connection.scalar(sa.select(sa.func.max(tables.schema.c.version)))
        if version is not None and version > tables.SCHEMA_VERSION:
            raise WorkspaceError(f"{what} was written by a newer version of assess; install that one")
    if not present.has_table("alembic_version"):
        return None
    revision = connection.scalar(sa.text("SELECT max(version_num) FROM alembic_version"))
    if revision is not None and not present.has_table(tables.schema.name):
        raise WorkspaceError(f"{what} belongs to another program; name a database of its own with --database")
    return None if revision is None else str(revision)
