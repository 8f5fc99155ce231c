"""A pg_dumpall dump, loaded into a new cluster with the same encoding and locale."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from containerize.host.supervised_command import watched
from containerize.pilot.seeds.seeding import (
    Bounded,
    CommandRunner,
    Measured,
    Seed,
    Seeded,
    SeedFailed,
    Seeding,
    last_words,
    read_strictly,
)
from inventory.products.catalogue import compared_settings

_LOAD_SECONDS = 3600.0
_COUNTED_ROWS = 1_000_000
# Whoever owns a database chooses what a name without a schema means there, and could have the superuser call it.
_AS_OWNER = (
    "PGOPTIONS='-c search_path=pg_catalog'; export PGOPTIONS; cd / && "
    "if command -v runuser >/dev/null 2>&1; then runuser -u {owner} -- {command}; "
    "else su {owner} -s /bin/sh -c {quoted}; fi"
)
# Names travel as hexadecimal digits: an account that may create a table could otherwise have the superuser execute its
# name.
_DATABASES = (
    "SELECT encode(convert_to(datname, getdatabaseencoding()), 'hex') "
    "FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1"
)
_LOCALE = (
    "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate || ' ' || datctype FROM pg_database "
    "WHERE datname = 'template0'"
)
_TABLES = (
    "SELECT encode(convert_to(n.nspname, getdatabaseencoding()), 'hex') || ' ' || "
    "encode(convert_to(c.relname, getdatabaseencoding()), 'hex') || ' ' || c.reltuples::bigint "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
)

SETTINGS = (
    "SELECT pg_read_file(name) FROM pg_ls_dir('.') AS here(name) WHERE name = 'postgresql.auto.conf' "
    "AND (pg_stat_file(name)).size < 1048576"
)
"""What ALTER SYSTEM set, which the server keeps in its data directory and no dump holds."""
_STORE = 'cat > "$1"'

Ask = Callable[[str, str], str]
"""(database, SQL) to its output."""


def seed(seeding: Seeding) -> Seeded:
    """See the module."""
    most = seeding.most()
    uid = seeding.volume.uid
    owner = f'"$(getent passwd {uid} | cut -d: -f1)"'
    socket = next((path for path in seeding.plan.unix_sockets if "/.s.PGSQL." in path), "")
    where = ["-h", socket.rpartition("/")[0], "-p", socket.rpartition(".")[2]] if socket else []

    def as_owner(arguments: Sequence[str]) -> str:
        command = shlex.join(arguments)
        return _AS_OWNER.format(owner=owner, command=command, quoted=shlex.quote(command))

    def ask_live(database: str, sql: str) -> str:
        login = ["psql", *where, "-X", "-A", "-t", "-d", named(database), "-c", sql]
        done = seeding.live.run(as_owner(login), timeout=600)
        if done.exit_status:
            raise SeedFailed(f"the database of {seeding.plan.host} cannot be read ({last_words(done.stderr)})")
        return done.stdout.decode("utf-8", "replace")

    before = _measured(ask_live)
    with read_strictly():
        encoding, collation, character_type = ask_live("postgres", _LOCALE).split()[:3]
    user = f"{uid}:{seeding.volume.gid}"
    binaries = seeding.plan.start.service[0].rpartition("/")[0]
    data = data_directory(seeding.plan.start.service, seeding.volume.path)
    settings = ask_live("postgres", SETTINGS)
    seeding.once(
        "init",
        [
            f"{binaries}/initdb",
            f"--pgdata={data}",
            f"--encoding={encoding}",
            f"--lc-collate={collation}",
            f"--lc-ctype={character_type}",
            "--username=postgres",
        ],
        user=user,
    )
    psql = f"{binaries}/psql" if seeding.has(f"{binaries}/psql") else seeding.program("psql")
    login = [psql, *where, "-X", "-q", "-U", "postgres"]
    with seeding.server() as container:
        seeding.wait_for(container, [*login, "-d", "postgres", "-c", "SELECT 1"], user)
        with seeding.live.transport.stream(watched(as_owner(["pg_dumpall", *where]))) as dump:
            # It says that the role postgres exists already, and continues; what matters is counted afterwards.
            done = seeding.runtime.execute(
                container,
                [*login, "-d", "postgres"],
                user=user,
                stdin=cast(BinaryIO, Bounded(dump, 2 * most, seeding)),
                timeout=_LOAD_SECONDS,
            )
        if done.exit_code:
            raise SeedFailed(f"the dump of {seeding.plan.host} could not be loaded: {last_words(done.stderr)}")
        # They count when the server starts again. Before, one of them could have kept it from loading the dump.
        if names := set_by_alter_system(settings):
            store = ["/bin/sh", "-c", _STORE, "sh", f"{data}/postgresql.auto.conf"]
            done = seeding.runtime.execute(container, store, user=user, stdin=settings.encode(), timeout=60)
            if done.exit_code:
                raise SeedFailed(f"the settings of ALTER SYSTEM could not be stored: {last_words(done.stderr)}")
    after = _measured(ask_live)
    words = f"{sum(name.startswith('table ') for name in before.counts)} tables dumped and loaded, with the roles"
    if names:
        words += f" and {len(names)} settings of ALTER SYSTEM ({', '.join(names)})"
    return Seeded(words, before, after, lambda run: _measure(run, login, user))


def set_by_alter_system(content: str) -> tuple[str, ...]:
    """The names of the settings in a postgresql.auto.conf."""
    lines = (line.partition("=") for line in content.splitlines())
    return tuple(name.strip() for name, equals, _ in lines if equals and re.fullmatch(r"[\w.]{1,63}", name.strip()))


def data_directory(arguments: Sequence[str], volume: str) -> str:
    """The data directory as the server is told (``-D``), else the volume."""
    for at, argument in enumerate(arguments):
        if argument == "-D" and at + 1 < len(arguments):
            return arguments[at + 1]
        if argument.startswith("-D") and len(argument) > len("-D"):
            return argument[2:]
        if argument.startswith("--pgdata="):
            return argument.partition("=")[2]
    return volume


def named(database: str) -> str:
    """A database by its name alone: to psql, a name with ``=`` in it says which server to log in to."""
    escaped = database.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"


def _measure(run: CommandRunner, login: Sequence[str], user: str) -> Measured:
    def ask(database: str, sql: str) -> str:
        done = run([*login, "-A", "-t", "-d", named(database), "-c", sql], user=user)
        if done.exit_code:
            raise SeedFailed(f"the copy of the database does not answer: {last_words(done.stderr)}")
        return done.stdout.decode("utf-8", "replace")

    return _measured(ask)


def _measured(ask: Ask) -> Measured:
    names = ",".join(f"'{name}'" for name in compared_settings("postgresql"))
    rows = ask("postgres", f"SELECT name || '=' || setting FROM pg_settings WHERE name IN ({names})")  # noqa: S608
    settings = dict(row.split("=", 1) for row in rows.splitlines() if "=" in row)
    extensions = "SELECT extname || ' ' || extversion FROM pg_extension ORDER BY 1"
    collation = f"{_LOCALE.replace('template0', 'postgres')}"
    settings["extensions"] = ", ".join(ask("postgres", extensions).split("\n")).strip(", ")
    settings["locale"] = ask("postgres", collation).strip()
    with read_strictly():
        return Measured(_counts(ask), settings)


def _counts(ask: Ask) -> dict[str, int]:
    """Rows of each table of each database, and the number of roles."""
    counts: dict[str, int] = {}
    for database in map(_name, ask("postgres", _DATABASES).split()):
        for row in ask(database, _TABLES).splitlines():
            schema, table, rows = row.split(" ")
            quoted = ".".join('"' + _name(digits).replace('"', '""') + '"' for digits in (schema, table))
            counted = int(rows) <= _COUNTED_ROWS
            answer = ask(database, f"SELECT count(*) FROM {quoted}") if counted else "-1"  # noqa: S608 - quoted
            label = f"table {database}.{_name(schema)}.{_name(table)}"
            counts[label.encode("utf-8", "replace").decode()] = int(answer.strip())
    counts["accounts"] = int(ask("postgres", "SELECT count(*) FROM pg_authid WHERE rolname !~ '^pg_'").strip())
    return counts


def _name(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "surrogateescape")


SEED = Seed("postgresql", seed)
