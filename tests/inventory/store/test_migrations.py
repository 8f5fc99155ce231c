"""A database of any earlier version is taken over; one of a later version is left alone."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.platforms import Platform
from inventory.recording import Part, Recording, SectionRecording
from inventory.store import database_tables, schema_upgrade
from inventory.store.database import Store
from inventory.store.database_engine import open_engine
from inventory.store.scan_records import HostResult, Outcome
from tests.support.postgresql import PASSWORD, Cluster

FIRST = """
CREATE TABLE assess_schema (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE scans (id {serial}, started FLOAT NOT NULL, finished FLOAT, inventory TEXT NOT NULL,
  options JSON NOT NULL, PRIMARY KEY (id));
CREATE TABLE scan_hosts (id {serial}, scan_id INTEGER NOT NULL, position INTEGER NOT NULL, host TEXT NOT NULL,
  address TEXT NOT NULL, groups JSON NOT NULL, outcome VARCHAR(16), platform VARCHAR(16), reason TEXT, taken FLOAT,
  seconds FLOAT, login TEXT, privileged BOOLEAN, policy INTEGER, outside {blob}, missing JSON, PRIMARY KEY (id),
  UNIQUE (scan_id, host), FOREIGN KEY(scan_id) REFERENCES scans (id) ON DELETE CASCADE);
CREATE TABLE sections (scan_host_id INTEGER NOT NULL, section VARCHAR(64) NOT NULL, position INTEGER NOT NULL,
  recording {blob} NOT NULL, PRIMARY KEY (scan_host_id, section),
  FOREIGN KEY(scan_host_id) REFERENCES scan_hosts (id) ON DELETE CASCADE);
CREATE TABLE workload_names (host TEXT NOT NULL, identity TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (host, identity));
INSERT INTO assess_schema (version) VALUES (1);
INSERT INTO scans (id, started, inventory, options) VALUES (7, 1000.5, '/hosts.ini', '{{"limit": "web*"}}');
INSERT INTO scan_hosts (id, scan_id, position, host, address, groups, outcome, platform, reason, taken, seconds, login,
  privileged, policy, missing) VALUES (3, 7, 0, 'web01', '192.0.2.1', '["web"]', 'answered', 'posix', '', 1001, 1,
  'root', {true}, 1, '{{"sockets": "cut"}}');
INSERT INTO sections VALUES (3, 'system', 0, {recording});
INSERT INTO workload_names VALUES ('web01', 'unit apache2.service', 'apache2')
"""
"""The database as version 0.1 made it, in the words that it used."""

SYSTEM = SectionRecording("system", (Part("uname", b"Linux\n"),))


def old_database(url: str) -> None:
    engine, _ = open_engine(url)
    kind = engine.dialect.name
    words = {
        "serial": "SERIAL" if kind == "postgresql" else "INTEGER NOT NULL",
        "blob": "BYTEA" if kind == "postgresql" else "BLOB",
        "true": "true" if kind == "postgresql" else "1",
        "recording": ("'\\x{}'" if kind == "postgresql" else "x'{}'").format(SYSTEM.compressed().hex()),
    }
    with engine.begin() as connection:
        for statement in FIRST.format(**words).split(";\n"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_database_of_the_first_version_is_taken_over(database_url: str) -> None:
    old_database(database_url)
    with Store(database_url) as store:
        scan = store.latest()
        assert scan is not None
        assert (scan.id, scan.hosts, scan.options, scan.finished) == (7, ("web01",), {"limit": "web*"}, None)
        recording = store.recording(scan, "web01")
        assert recording is not None
        assert recording.sections == (SYSTEM,)
        assert recording.missing == {"sockets": "cut"}
        assert store.names("web01") == {"unit apache2.service": "apache2"}
        with store.reading() as connection:
            assert connection.scalars(sa.select(database_tables.schema.c.version)).all() == [
                database_tables.SCHEMA_VERSION
            ]


@pytest.mark.parametrize("how", ["made anew", "taken over", "migrated from nothing"])
def test_migrations_make_what_the_program_expects(database_url: str, how: str) -> None:
    """No column of the tables is missing, and none is there that they do not know."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    if how == "taken over":
        old_database(database_url)
    elif how == "migrated from nothing":
        engine, _ = open_engine(database_url)
        with engine.begin() as connection:
            schema_upgrade._take_over(connection, None)
        engine.dispose()
    with Store(database_url) as store, store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), database_tables.metadata) == []


def test_the_head_that_is_looked_for_is_the_last_migration() -> None:
    from pathlib import Path

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(schema_upgrade.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [database_tables.HEAD]
    assert len(list(script.walk_revisions())) == database_tables.SCHEMA_VERSION, (
        "each migration raises the version by one"
    )


@pytest.mark.parametrize("new", [False, True], ids=["current", "new"])
def test_only_an_old_database_needs_alembic(database_url: str, new: bool) -> None:
    """It takes longer to load than most commands run."""
    if not new:
        Store(database_url).close()
    code = "import sys; from inventory.store.database import Store; Store(sys.argv[1]); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, database_url], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    with Store(database_url) as store, store.writing() as connection:
        connection.execute(sa.update(database_tables.schema).values(version=database_tables.SCHEMA_VERSION + 1))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match="was written by a newer version of assess; install that one"):
        Store(database_url)


def test_the_database_of_another_program_is_left_alone(database_url: str) -> None:
    engine, _ = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('abcd')")
    engine.dispose()
    with pytest.raises(WorkspaceError, match="belongs to another program"):
        Store(database_url)


def test_a_migration_that_fails_leaves_the_old_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third table of the second version is in the way, so its first two are taken back."""
    old_database(database_url)
    engine, _ = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE samplings (id INTEGER)")
    with pytest.raises(WorkspaceError):
        Store(database_url)
    with engine.begin() as connection:
        assert not sa.inspect(connection).has_table("readings")
        assert not sa.inspect(connection).has_table("alembic_version")
        connection.exec_driver_sql("DROP TABLE samplings")
    engine.dispose()
    with Store(database_url) as store:
        assert store.names("web01") == {"unit apache2.service": "apache2"}


def test_several_that_come_at_once_make_the_tables_once(database_url: str) -> None:
    old_database(database_url)
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: Store(database_url), range(4)))
    for store in stores:
        assert store.latest() is not None
        store.close()


@pytest.mark.live
class TestServer:
    """What can go wrong with a database server is a sentence, and no sentence has the password."""

    def _refused(self, url: str) -> str:
        with pytest.raises(WorkspaceError) as caught:
            Store(url)
        sentence = str(caught.value)
        assert PASSWORD not in sentence
        assert "\n" not in sentence
        return sentence

    def test_a_wrong_password(self, cluster: Cluster) -> None:
        sentence = self._refused(cluster.url(password=PASSWORD[::-1]))
        assert "rejects this user or password" in sentence
        assert PASSWORD[::-1] not in sentence

    def test_no_server(self, cluster: Cluster) -> None:
        assert "nothing answers at" in self._refused(cluster.url().replace(f":{cluster.port}/", ":1/"))

    def test_no_such_database(self, cluster: Cluster) -> None:
        assert "does not exist" in self._refused(cluster.url("nope"))

    def test_a_password_in_the_query(self, cluster: Cluster) -> None:
        plain = f"postgresql://brown@127.0.0.1:{cluster.port}/nope?password={PASSWORD}"
        assert "does not exist" in self._refused(plain)

    def test_the_connection_breaks_in_the_middle(self, cluster: Cluster) -> None:
        url = cluster.database()
        with Store(url) as store:
            scan = store.begin("/hosts.ini", [Host("web01", "192.0.2.1")])
            with store.reading() as connection:
                own = connection.scalar(sa.text("SELECT pg_backend_pid()"))
            with Store(url) as other, other.reading() as connection:
                connection.execute(sa.text(f"SELECT pg_terminate_backend({own})"))
            recording = Recording("web01", "posix", 1.0, (SYSTEM,), redaction_policy=1)
            result = HostResult("web01", "", (), Platform.POSIX, Outcome.ANSWERED, recording=recording)
            with pytest.raises(WorkspaceError, match="closed the connection"):
                store.save(scan, result)
            store.save(scan, result)  # the next one makes a new connection
            assert [each.host for each in store.hosts(scan)] == ["web01"]
