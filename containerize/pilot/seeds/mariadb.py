"""A MariaDB or MySQL dump in one transaction, loaded into an empty server of the image."""

from __future__ import annotations

import io
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
"""Larger tables (by the server's own estimate) are not counted on the live server: that reads all of them."""

_TABLES = (
    "SELECT CONCAT(HEX(table_schema),' ',HEX(table_name),' ',table_type,' ',IFNULL(table_rows,0)) "
    "FROM information_schema.tables "
    "WHERE table_schema NOT IN ('information_schema','performance_schema','mysql','sys')"
)

# The server's own login for root over its socket; where that is not set up, Debian's maintenance account.
_CLIENT = """set -u
unset LC_ALL
dump=$(command -v mariadb-dump || command -v mysqldump) || exit 7
client=$(command -v mariadb || command -v mysql) || exit 7
HOME=${{HOME:-/root}}; export HOME
extra=
if ! "$client" {socket} -N -e 'SELECT 1' >/dev/null 2>&1; then
  [ -r /etc/mysql/debian.cnf ] && extra=--defaults-extra-file=/etc/mysql/debian.cnf
fi
"""
_DUMP = (
    'exec "$dump" $extra {socket} --single-transaction --quick --all-databases --routines --events --triggers '
    "--hex-blob --skip-lock-tables"
)
_QUERY = 'exec "$client" $extra {socket} -N -B --raw'


def seed(seeding: Seeding) -> Seeded:
    """See the module."""
    most = seeding.most()
    socket = next((path for path in seeding.plan.unix_sockets if path.endswith(".sock")), "")
    option = f"--socket={shlex.quote(socket)}" if socket else ""

    def ask_live(sql: str) -> str:
        done = seeding.live.run((_CLIENT + _QUERY).format(socket=option), sql.encode(), timeout=600)
        if done.exit_status == 7:
            raise SeedFailed(f"{seeding.plan.host} has no mariadb-dump or mysqldump to copy its data with; install it")
        if done.exit_status:
            words = last_words(done.stderr)
            raise SeedFailed(f"root may not read the database of {seeding.plan.host} over its socket ({words})")
        return done.stdout.decode("utf-8", "replace")

    before = _measured(ask_live)
    _initialise(seeding)
    client = seeding.program("mariadb", "mysql")
    login = [client, "--user=root", *([f"--socket={socket}"] if socket else [])]
    with seeding.server() as container:
        seeding.wait_for(container, [*login, "-e", "SELECT 1"], "0:0")
        with seeding.live.transport.stream(watched((_CLIENT + _DUMP).format(socket=option))) as dump:
            # The accounts come with the dump, and count from here on.
            whole = _JoinedDump(Bounded(dump, 2 * most, seeding), io.BytesIO(b"\nFLUSH PRIVILEGES;\n"))
            done = seeding.runtime.execute(
                container, login, user="0:0", stdin=cast(BinaryIO, whole), timeout=_LOAD_SECONDS
            )
        if done.exit_code:
            raise SeedFailed(f"the dump of {seeding.plan.host} could not be loaded: {last_words(done.stderr)}")
    after = _measured(ask_live)
    tables = sum(1 for name in before.counts if name.startswith("table "))
    return Seeded(
        f"{tables} tables dumped in one transaction and loaded, with the accounts",
        before,
        after,
        lambda run: _measure(run, login),
    )


def _initialise(seeding: Seeding) -> None:
    """An empty data directory, made by the image's own tool. root has no password until the live accounts come."""
    owner = f"{seeding.volume.uid}:{seeding.volume.gid}"
    data = f"--datadir={seeding.volume.path}"
    if any(seeding.has(f"/usr/bin/{name}") for name in ("mariadb-install-db", "mysql_install_db")):
        program = seeding.program("mariadb-install-db", "mysql_install_db")
        command = [program, data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    else:
        command = [seeding.program("mariadbd", "mysqld"), data, "--initialize-insecure"]
    seeding.once("init", command, user=owner)


def _measure(run: CommandRunner, login: Sequence[str]) -> Measured:
    def ask(sql: str) -> str:
        done = run([*login, "-N", "-B", "--raw"], stdin=sql.encode())
        if done.exit_code:
            raise SeedFailed(f"the copy of the database does not answer: {last_words(done.stderr)}")
        return done.stdout.decode("utf-8", "replace")

    return _measured(ask)


def _measured(ask: Callable[[str], str]) -> Measured:
    """Rows of each table, and the number of accounts. Names travel as hexadecimal digits: they may be anything."""
    names = ",".join(f"'{name}'" for name in compared_settings("mariadb"))
    rows = ask(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})").splitlines()
    settings = dict(row.split("\t", 1) for row in rows if "\t" in row)
    with read_strictly():
        return Measured(_counts(ask), settings)


def _counts(ask: Callable[[str], str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    queries = []
    for row in ask(_TABLES).splitlines():
        schema_digits, table_digits, *kind, rows = row.split(" ")
        schema, table = (bytes.fromhex(digits).decode("utf-8", "replace") for digits in (schema_digits, table_digits))
        name = f"table {schema}.{table}"
        counts[name] = -1
        if " ".join(kind) == "BASE TABLE" and int(rows) <= _COUNTED_ROWS:
            quoted = ".".join("`" + part.replace("`", "``") + "`" for part in (schema, table))
            queries.append((name, f"SELECT COUNT(*) FROM {quoted}"))  # noqa: S608 - quoted as identifiers
    for batch in _batches(queries, 50):
        answers = ask("; ".join(sql for _, sql in batch)).split()
        counts.update({name: int(answer) for (name, _), answer in zip(batch, answers, strict=True)})
    counts["accounts"] = int(ask("SELECT COUNT(*) FROM mysql.user").strip() or 0)
    return counts


def _batches(items: list[tuple[str, str]], size: int) -> list[tuple[tuple[str, str], ...]]:
    return [tuple(items[at : at + size]) for at in range(0, len(items), size)]


class _JoinedDump:
    """One stream after the other."""

    def __init__(self, *streams: Bounded | BinaryIO) -> None:
        self._streams = list(streams)

    def read(self, size: int = -1, /) -> bytes:
        while self._streams:
            if data := self._streams[0].read(size):
                return data
            self._streams.pop(0)
        return b""


SEED = Seed("mariadb", seed)
