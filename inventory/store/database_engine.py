"""The opening of a database, and its faults as sentences."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from inventory.errors import WorkspaceError

_OUR_DRIVER = "postgresql+psycopg"


def open_engine(url: str | sa.URL) -> tuple[Engine, str]:
    """An engine, and the database's name for people, without its password. Nothing is connected to.

    ``postgresql://`` and ``postgres://`` without a driver mean psycopg. Raises WorkspaceError.
    """
    shown = _without_password(str(url))
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        # Their messages quote the URL, password and all.
        raise WorkspaceError(
            f"{shown} is not a usable database; write e.g. --database sqlite:////path/to/file"
        ) from None
    try:
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername=_OUR_DRIVER)
        engine = sa.create_engine(parsed)
    except ModuleNotFoundError as error:
        how = "pip install 'brownfield[postgresql]'" if error.name == "psycopg" else "install it next to assess"
        raise WorkspaceError(f"{shown} needs the Python package {error.name}; {how}") from error
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise WorkspaceError(
            f"{shown} is not a usable database "
            f"({' '.join(str(error).split())[:120]}); write e.g. --database sqlite:////path/to/file"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _tune_sqlite)
        return engine, str(engine.url.database)
    return engine, engine.url.set(query={}).render_as_string(hide_password=True)


def _tune_sqlite(connection: Any, _record: object) -> None:
    """WAL lets the report be read while a scan writes. NORMAL with it survives a killed process without a sync each."""
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
    finally:
        cursor.close()


def _without_password(url: str) -> str:
    """A URL that may be malformed, without what may be a password in it: all before the last @, and its query."""
    scheme, slashes, rest = url.partition("://")
    shown = (rest if slashes else url).rpartition("@")[2].partition("?")[0]
    return f"{scheme}://{shown}" if slashes else shown


_REASONS = (
    (
        "database or disk is full",
        "no space left for {what}; free some space and run the command again: it resumes where it stopped",
    ),
    (
        "no space left on device",
        "no space left for {what}; free some space and run the command again: it resumes where it stopped",
    ),
    (
        "disk i/o error",
        "{what} cannot be written: the disk is full or reports errors; free some space, or check the disk",
    ),
    ("readonly database", "{what} is not writable; choose another folder with --workspace"),
    ("unable to open database file", "{what} cannot be opened: no permission, or no such folder"),
    ("not a database", "{what} is not a database of assess; move it away and scan again"),
    ("malformed", "{what} is damaged; move it away and scan again"),
    ("locked", "{what} is in use by another run; wait for it to end"),
    ("password authentication failed", "{what} rejects this user or password; check --database, PGPASSWORD, .pgpass"),
    ("no password supplied", "{what} requires a password; put it into ~/.pgpass, or give it as PGPASSWORD"),
    ("connection refused", "nothing answers at {what}; is the database server running, and is this its port?"),
    ("could not translate host name", "the host of {what} is not known; look at its name"),
    ("failed to resolve host", "the host of {what} is not known; look at its name"),
    ("no such file or directory", "nothing answers at {what}; is the database server running, and is this its port?"),
    ("timeout expired", "{what} does not answer in time; can this machine reach it?"),
    ("permission denied", "this user may not make or change tables in {what}; grant it, or name another database"),
    (
        "server closed the connection",
        "{what} closed the connection; run the command again: it resumes where it stopped",
    ),
    ("terminating connection", "{what} closed the connection; run the command again: it resumes where it stopped"),
)


def sentence_of(error: SQLAlchemyError, what: str) -> WorkspaceError:
    """An error of the database as one sentence, without the statement and its values: they hold text of hosts."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
    for words, sentence in _REASONS:
        if words in said.lower():
            return WorkspaceError(sentence.format(what=what))
    return WorkspaceError(f"the database {what} reported: {' '.join(said.split())[:200]}")
