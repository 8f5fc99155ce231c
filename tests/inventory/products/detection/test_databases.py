"""Databases: which, where their data lies, on which ports, and how large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.databases import Database
from inventory.model.mounts import Mount, Mounts
from inventory.model.sizes import DirectorySize
from inventory.observation import Absent, Found, Origin
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder

JAVA = "/usr/lib/jvm/java-11-openjdk-amd64/bin/java"


def found(host: HostBuilder) -> tuple[Database, ...]:
    observation = host.build().databases
    assert isinstance(observation, Found)
    return observation.value


def places(database: Database) -> list[tuple[str, str]]:
    return [(place.path, place.said_by) for place in database.places]


def test_the_database_of_the_estate() -> None:
    observation = recorded_host("db01").databases
    assert isinstance(observation, Found)
    (database,) = observation.value

    assert (database.kind, database.version, database.package) == ("mariadb", "10.11.18", "mariadb-server-core")
    assert (len(database.pids), database.ports) == (1, (3306,))
    assert places(database) == [("/var/lib/mysql", "argument")]


def test_hosts_without_a_database() -> None:
    assert isinstance(recorded_host("web01").databases, Absent)


def test_mysql_by_its_configuration_and_mariadb_under_the_old_name() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/mysqld", working_directory="/srv/mysql")
    host.config("/etc/my.cnf.d/server.cnf", "datadir = /srv/mysql", "port=3307", "innodb_undo_directory='/srv/undo'")
    host.package("mysql-community-server", "/usr/sbin/mysqld", version="8.0.36-1.el9")
    (database,) = found(host)
    assert (database.kind, database.version, database.configured_ports) == ("mysql", "8.0.36", (3307,))
    assert places(database) == [("/srv/mysql", "configuration"), ("/srv/undo", "configuration")]

    host = HostBuilder()
    host.process(50, "/usr/sbin/mysqld", working_directory="/var/lib/mysql")
    host.package("mariadb-server-10.3", "/usr/sbin/mysqld", version="1:10.3.39-0+deb10u2")
    (database,) = found(host)
    assert (database.kind, database.version) == ("mariadb", "10.3.39")
    assert places(database) == [("/var/lib/mysql", "working directory")]


def test_two_clusters_of_postgresql_do_not_share_their_configuration() -> None:
    host = HostBuilder()
    for pid, name in ((50, "13/main"), (60, "15/shop")):
        version = name.partition("/")[0]
        program = f"/usr/lib/postgresql/{version}/bin/postgres"
        main = host.process(
            pid,
            program,
            "-D",
            f"/var/lib/postgresql/{name}",
            "-c",
            f"config_file=/etc/postgresql/{name}/postgresql.conf",
        )
        host.process(pid + 1, program, ppid=main.pid)
        host.listen(main, 5400 + pid)
    host.config(
        "/etc/postgresql/13/main/postgresql.conf", "data_directory = '/var/lib/postgresql/13/main'", "port = 5450"
    )
    host.config("/etc/postgresql/15/shop/postgresql.conf", "port = 5460", "data_directory = '/data/shop'")
    first, second = found(host)

    assert (first.name, first.version, first.pids) == ("13/main", "13", (50, 51))
    assert (second.name, second.ports, second.configured_ports) == ("15/shop", (5460,), (5460,))
    assert places(first) == [("/var/lib/postgresql/13/main", "argument")]
    assert places(second) == [("/var/lib/postgresql/15/shop", "argument"), ("/data/shop", "configuration")]


def test_stores_by_their_configuration_and_arguments() -> None:
    host = HostBuilder()
    host.process(10, "/usr/bin/mongod", "--config", "/etc/mongod.conf")
    host.config("/etc/mongod.conf", "dbPath: /data/mongo", "port: 27018")
    host.process(20, "/usr/bin/redis-server", working_directory="/var/lib/redis", arguments=("redis-server *:6379",))
    host.config("/etc/redis/redis.conf", "port 6380", "dir /var/lib/redis")
    host.process(30, "/usr/bin/memcached", "-m", "64", "-p", "11211")
    host.process(40, "/usr/sbin/slapd")
    host.config("/etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif", "olcDbDirectory: /var/lib/ldap")
    host.process(
        50, JAVA, "-Xmx1g", "-Des.path.home=/usr/share/elasticsearch", "org.elasticsearch.bootstrap.Elasticsearch"
    )
    host.config("/etc/elasticsearch/elasticsearch.yml", "path.data: /data/search", "http.port: 9201")
    host.package("elasticsearch", version="7.17.9")
    mongo, redis, memcached, elastic, ldap = found(host)

    assert (mongo.kind, places(mongo), mongo.configured_ports) == (
        "mongodb",
        [("/data/mongo", "configuration")],
        (27018,),
    )
    assert (redis.configured_ports, places(redis)) == ((6380,), [("/var/lib/redis", "configuration")])
    assert (memcached.configured_ports, memcached.places) == ((11211,), ())
    assert (ldap.kind, places(ldap)) == ("ldap", [("/var/lib/ldap", "configuration")])
    assert (elastic.kind, elastic.version) == ("elasticsearch", "7.17.9")
    assert places(elastic) == [("/data/search", "configuration")]


def test_oracle_is_known_by_its_instance_and_its_open_files() -> None:
    host = HostBuilder()
    program = "/u01/app/oracle/product/12.2.0/dbhome_1/bin/oracle"
    pmon = host.process(50, program, arguments=("ora_pmon_SHOP",))
    host.process(51, program, arguments=("oracleSHOP (LOCAL=NO)",))
    host.open(pmon, "/u02/oradata/SHOP/system01.dbf")
    host.open(pmon, "/u03/redo/SHOP/redo01.log")
    (database,) = found(host)

    assert (database.kind, database.name, database.version) == ("oracle", "SHOP", "12.2.0")
    assert [place.path for place in database.places] == ["/u02/oradata/SHOP", "/u03/redo/SHOP"]


def test_without_a_word_the_open_files_tell_where_the_data_lies() -> None:
    """Logs, temporary files and what is only read say nothing of it."""
    host = HostBuilder()
    server = host.process(50, "/opt/mongo/bin/mongod")
    host.open(server, "/data/db/journal/j1")
    host.open(server, "/data/db/collection-0.wt")
    host.open(server, "/var/log/mongo.log")
    host.open(server, "/usr/share/zoneinfo/UTC", writable=False)
    host.open(server, "/tmp/gone", deleted=True)
    (database,) = found(host)

    assert places(database) == [("/data/db", "open files")]
    assert database.places[0].origin.section == "open_files"


def test_files_of_sqlite_that_programs_write() -> None:
    host = HostBuilder()
    one = host.process(50, "/usr/bin/python3.11", "/opt/app/app.py")
    two = host.process(51, "/usr/bin/python3.11", "/opt/app/worker.py")
    host.open(one, "/var/lib/app/app.db")
    host.open(two, "/var/lib/app/app.db-wal")
    host.open(two, "/var/lib/rpm/rpmdb.sqlite")
    host.open(two, "/srv/read.sqlite3", writable=False)
    (database,) = found(host)

    assert (database.kind, database.pids, database.places[0].path) == ("sqlite", (50, 51), "/var/lib/app/app.db")


def test_sizes_say_what_they_are() -> None:
    here = Origin("test", "test", 1)
    host = HostBuilder()
    host.process(50, "/usr/sbin/mariadbd", "--datadir=/data/mysql")
    mount = Mount("/dev/sdb1", "/data/mysql", "ext4", (), "/", 10 << 30, 4 << 30, here)
    host.overrides["mounts"] = Found(Mounts((mount,), ()))
    place = found(host)[0].places[0]
    assert (place.size_bytes, place.size_is) == (4 << 30, "use of its file system")

    host.overrides["sizes"] = Found((DirectorySize("/data/mysql", 3 << 30, here),))
    place = found(host)[0].places[0]
    assert (place.size_bytes, place.size_is) == (3 << 30, "sum of its files")


@pytest.mark.parametrize("program", ["/usr/bin/mysql", "/usr/bin/psql", "/usr/bin/redis-cli", "/usr/bin/mysqld_safe"])
def test_clients_are_no_databases(program: str) -> None:
    host = HostBuilder()
    host.process(50, program, "--port", "3306")
    assert isinstance(host.build().databases, Absent)


WORDS = st.text(st.characters(codec=None), max_size=30)


@given(st.lists(WORDS, max_size=4), WORDS, WORDS, st.sampled_from(["mysqld", "postgres", "oracle", "redis-server"]))
def test_whatever_a_server_is_called_with_it_is_read(words: list[str], text: str, path: str, program: str) -> None:
    host = HostBuilder()
    process = host.process(50, f"/usr/bin/{program}", *words, working_directory=path)
    host.open(process, f"/{path}")
    host.config("/etc/my.cnf", text)
    assert host.build().databases is not None
