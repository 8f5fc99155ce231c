"""Names in a database are anybody's who may create a table there, and the pilot asks as the superuser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from containerize.pilot.seeds import postgresql
from tests.support.postgresql import ADDRESS, PASSWORD, Cluster, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """One for each test: what one plants must not be found by another."""
    with Cluster.running() as running:
        yield running


def asking(cluster: Cluster, options: str) -> Callable[[str, str], str]:
    """Ask as the superuser, as on a live host."""

    def ask(database: str, sql: str) -> str:
        login = ["psql", "-h", ADDRESS, "-p", str(cluster.port), "-U", "brown", "-X", "-A", "-t"]
        named = getattr(postgresql, "named", str)(database)
        environment = {**os.environ, "PGPASSWORD": PASSWORD, "PGOPTIONS": options}
        done = subprocess.run(
            [*login, "-d", named, "-c", sql], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    return ask


def is_superuser(ask: Callable[[str, str], str], role: str) -> bool:
    return ask("postgres", f"SELECT rolsuper FROM pg_roles WHERE rolname = '{role}'").strip() == "t"  # noqa: S608


def test_a_table_with_sql_in_its_name_is_counted_and_not_executed(cluster: Cluster) -> None:
    ask = asking(cluster, "")
    ask("postgres", "CREATE ROLE bob")
    name = "a 9999999\npg_class;ALTER ROLE bob SUPERUSER;--"
    ask("postgres", f'CREATE TABLE "{name}" (a int); INSERT INTO "{name}" VALUES (1), (2)')  # noqa: S608
    counts: dict[str, int] = {}
    try:
        counts = postgresql._counts(ask)
    finally:
        assert not is_superuser(ask, "bob")
    assert counts[f"table postgres.public.{name}"] == 2


def test_a_database_with_a_server_in_its_name_is_asked_here(cluster: Cluster) -> None:
    ask = asking(cluster, "")
    ask("postgres", 'CREATE DATABASE "host=192.0.2.1 it\'s\\\\"')
    ask("host=192.0.2.1 it's\\\\", "CREATE TABLE things (a int)")
    assert "table host=192.0.2.1 it's\\\\.public.things" in postgresql._counts(ask)


def test_no_function_of_a_database_owner_is_called(cluster: Cluster) -> None:
    plain = asking(cluster, "")
    plain("postgres", "CREATE ROLE eve")
    for signature in ("convert_to(name, name) RETURNS bytea", "quote_ident(name) RETURNS text"):
        plain(
            "postgres",
            f"CREATE FUNCTION public.{signature} LANGUAGE plpgsql AS"
            " $$ BEGIN ALTER ROLE eve SUPERUSER; RETURN ''; END $$",
        )
    options = postgresql._AS_OWNER.partition("PGOPTIONS='")[2].partition("'")[0]
    postgresql._counts(asking(cluster, options))
    assert not is_superuser(plain, "eve")


def test_what_alter_system_set_is_read_from_the_server(cluster: Cluster) -> None:
    """A dump does not hold it."""
    ask = asking(cluster, "-c search_path=pg_catalog")
    assert postgresql.set_by_alter_system(ask("postgres", postgresql.SETTINGS)) == ()
    ask("postgres", "ALTER SYSTEM SET work_mem = '7MB'")
    ask("postgres", "ALTER SYSTEM SET log_line_prefix = 'a=b '")
    stored = ask("postgres", postgresql.SETTINGS)
    assert postgresql.set_by_alter_system(stored) == ("work_mem", "log_line_prefix")
    assert "work_mem = '7MB'\n" in stored
