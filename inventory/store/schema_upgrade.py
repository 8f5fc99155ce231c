"""Bringing a database to the present form in one transaction: a new one at once, an old one by Alembic's migrations."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from inventory.errors import WorkspaceError
from inventory.store import database_tables

_FIRST = "0001"
_alembic_version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
_LOCK = 0x61737365  # any number of ours: PostgreSQL lets one migration at a time take it


def migrate(engine: Engine, what: str) -> None:
    """Make the tables, or bring those of an older version up. Nothing is half done. ``what`` names the database.

    Raises WorkspaceError when a newer version of this program wrote it, and whatever SQLAlchemy raises.
    """
    with engine.connect() as connection:
        if _revision(connection, what) == database_tables.HEAD:
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
    if revision == database_tables.HEAD:
        return
    if revision is None and not sa.inspect(connection).has_table(database_tables.schema.name):
        _make(connection)
    else:
        # Without a revision it was made before there were migrations, and has the form of the first one.
        _take_over(connection, _FIRST if revision is None else None)


def _take_over(connection: Connection, stamp: str | None) -> None:
    """Alembic's migrations, from ``stamp`` on where the database does not record its revision itself."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A "%" would be an interpolation of the configuration file that there is not.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if stamp is not None:
        command.stamp(config, stamp)
    command.upgrade(config, "head")


def _make(connection: Connection) -> None:
    """The tables of the present form, without Alembic, which takes longer to load than all of this."""
    database_tables.metadata.create_all(connection, checkfirst=False)
    connection.execute(sa.insert(database_tables.schema).values(version=database_tables.SCHEMA_VERSION))
    _alembic_version.create(connection)
    connection.execute(sa.insert(_alembic_version).values(version_num=database_tables.HEAD))


def _revision(connection: Connection, what: str) -> str | None:
    """The revision of the database, None when it has none; raises WorkspaceError when it is not ours to change."""
    present = sa.inspect(connection)
    if present.has_table(database_tables.schema.name):
        version = connection.scalar(sa.select(sa.func.max(database_tables.schema.c.version)))
        if version is not None and version > database_tables.SCHEMA_VERSION:
            raise WorkspaceError(f"{what} was written by a newer version of assess; install that one")
    if not present.has_table("alembic_version"):
        return None
    revision = connection.scalar(sa.text("SELECT max(version_num) FROM alembic_version"))
    if revision is not None and not present.has_table(database_tables.schema.name):
        raise WorkspaceError(f"{what} belongs to another program; name a separate database with --database")
    return None if revision is None else str(revision)
