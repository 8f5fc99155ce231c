"""The databases that are recognised, and the places where each configures its data directory and its port."""

from __future__ import annotations

import re
from typing import NamedTuple


class DatabaseProduct(NamedTuple):
    """``programs`` are names of executables, ``main`` a class of Java. ``argument`` and ``setting`` find directories
    (group ``path``) in an argument and in a line of the files that ``files`` matches; ``port`` does so for ports.
    ``at_home``: the server changes into its data directory.
    """

    kind: str
    programs: re.Pattern[str]
    packages: tuple[str, ...] = ()
    main: re.Pattern[str] | None = None
    argument: re.Pattern[str] | None = None
    files: re.Pattern[str] | None = None
    setting: re.Pattern[str] | None = None
    port: re.Pattern[str] | None = None
    at_home: bool = False
    in_path: re.Pattern[str] | None = None


_NOTHING = re.compile(r"(?!)")


def _set(names: str) -> re.Pattern[str]:
    """A directory that one of ``names`` is set to, in whatever form files of configuration have."""
    return re.compile(rf"(?:{names})\s*+[=:]?\s*+[\"']?(?P<path>/[^\"'#,;\s]+)")


def _given(names: str) -> re.Pattern[str]:
    """A directory given as argument."""
    return re.compile(rf"(?:{names})(?P<path>/.+)", re.DOTALL)


def _numbered(names: str) -> re.Pattern[str]:
    """A port that one of ``names`` is set to."""
    return re.compile(rf"(?:{names})\s*+[=:]?\s*+[\"']?(?P<port>\d+)")


_PORT = _numbered("(?:--)?port")

PRODUCTS = (
    DatabaseProduct(
        "mariadb",
        re.compile(r"mariadbd"),
        (r"mariadb-server-core[\d.-]*", r"mariadb-server[\d.-]*", r"mariadb"),
        argument=_given(r"--datadir=|--innodb[-_](?:data|undo|log)[-_](?:home[-_]dir|directory|group[-_]home[-_]dir)="),
        files=re.compile(r"/etc/(?:mysql/.*|my\.cnf|my\.cnf\.d/.*|mariadb/.*)"),
        setting=_set("datadir|innodb_data_home_dir|innodb_log_group_home_dir|innodb_undo_directory"),
        port=_PORT,
        at_home=True,
    ),
    DatabaseProduct(
        "postgresql",
        re.compile(r"postgres|postmaster|edb-postgres"),
        (r"postgresql-?[\d.]+", r"postgresql[\d.]*-server", r"postgresql"),
        argument=_given(r"-D|--pgdata=|(?:--)?data_directory="),
        files=re.compile(r"/etc/postgresql/.*"),
        setting=_set("data_directory"),
        port=_PORT,
        at_home=True,
        in_path=re.compile(r"(?:postgresql|pgsql|edb|as)[-/]?(\d+(?:\.\d+)*)"),
    ),
    DatabaseProduct(
        "mongodb",
        re.compile(r"mongod|mongos"),
        (r"mongodb-org-server", r"mongodb-server(?:-core)?", r"mongodb"),
        argument=_given("--dbpath=?"),
        files=re.compile(r"/etc/mongo(?:d|db|s)\.conf"),
        setting=_set("db[Pp]ath"),
        port=_PORT,
    ),
    DatabaseProduct(
        "redis",
        re.compile(r"redis-server|valkey-server|keydb-server|redis-check-rdb"),
        (r"redis-server", r"redis\d*", r"valkey(?:-server)?"),
        argument=_given("--dir=?"),
        files=re.compile(r"/etc/(?:redis|valkey|keydb)[^/]*(?:/.*)?"),
        setting=_set("dir(?=\\s)"),
        port=_PORT,
        at_home=True,
    ),
    DatabaseProduct("memcached", re.compile(r"memcached"), (r"memcached",)),
    DatabaseProduct(
        "elasticsearch",
        _NOTHING,
        (r"elasticsearch(?:-oss)?",),
        re.compile(r"org\.elasticsearch\.(?:bootstrap\.\w+|server/.*)"),
        _given(r"-E(?:s\.)?path\.data=|-Des\.(?:default\.)?path\.data="),
        re.compile(r"/etc/elasticsearch/.*|.*/elasticsearch[^/]*/config/elasticsearch\.yml"),
        _set(r"path\.data"),
        _numbered(r"http\.port"),
    ),
    DatabaseProduct(
        "opensearch",
        _NOTHING,
        (r"opensearch",),
        re.compile(r"org\.opensearch\.bootstrap\.\w+"),
        _given(r"-Epath\.data="),
        re.compile(r"/etc/opensearch/.*"),
        _set(r"path\.data"),
        _numbered(r"http\.port"),
    ),
    DatabaseProduct(
        "cassandra",
        _NOTHING,
        (r"cassandra",),
        re.compile(r"org\.apache\.cassandra\.service\.CassandraDaemon"),
        _given(r"-Dcassandra\.storagedir="),
        re.compile(r"/etc/cassandra/.*|.*/cassandra[^/]*/conf/cassandra\.yaml"),
        _set(r"-|(?:commitlog|saved_caches|hints|cdc_raw)_directory"),
        _numbered("native_transport_port"),
    ),
    DatabaseProduct(
        "neo4j",
        _NOTHING,
        (r"neo4j",),
        re.compile(r"(?:com|org)\.neo4j\.server\.\S+"),
        None,
        re.compile(r"/etc/neo4j/.*"),
        _set(r"(?:dbms|server)\.directories\.data"),
    ),
    DatabaseProduct(
        "ldap",
        re.compile(r"slapd|ns-slapd|lt-slapd"),
        (r"slapd", r"openldap-servers", r"389-ds-base"),
        files=re.compile(r"/etc/(?:ldap|openldap)/.*"),
        setting=_set(r"olcDbDirectory:|directory(?=\s)"),
    ),
    DatabaseProduct("oracle", re.compile(r"oracle"), (), in_path=re.compile(r"/product/(\d+(?:\.\d+)*)")),
    DatabaseProduct("db2", re.compile(r"db2sysc\w*"), (), in_path=re.compile(r"(?i)/db2/V?(\d+(?:\.\d+)*)")),
    DatabaseProduct("sqlserver", re.compile(r"sqlservr"), (r"mssql-server",)),
    DatabaseProduct(
        "influxdb",
        re.compile(r"influxd"),
        (r"influxdb\d?",),
        files=re.compile(r"/etc/influxdb/.*"),
        setting=_set("dir|wal-dir|engine-path"),
    ),
    DatabaseProduct(
        "clickhouse",
        re.compile(r"clickhouse(?:-server)?"),
        (r"clickhouse-server",),
        files=re.compile(r"/etc/clickhouse-server/.*"),
        setting=re.compile(r"<path>(?P<path>/[^<]+)</path>"),
        port=re.compile(r"<(?:tcp|http)_port>(?P<port>\d+)<"),
    ),
    DatabaseProduct(
        "couchdb",
        re.compile(r"couchdb"),
        (r"couchdb",),
        files=re.compile(r"(?:/etc|/opt)/couchdb/.*"),
        setting=_set("database_dir|view_index_dir"),
    ),
)
"""MySQL's server is distinguished from MariaDB's by its program or its package; see
:mod:`inventory.products.detection.database_detection`.
"""

MYSQL = PRODUCTS[0]._replace(
    kind="mysql",
    programs=re.compile(r"mysqld(?:-debug|-max)?"),
    packages=(
        r"mysql-server-core-[\d.]+",
        r"mysql-community-server(?:-core)?",
        r"mysql-server(?:-[\d.]+)?",
        r"percona-server-server.*",
    ),
)

SQLITE = re.compile(r"/.*\.(?:sqlite3?|db3?|sdb|s3db)")
"""Names of SQLite files, when a process writes them."""

NOT_SQLITE = re.compile(r"/(?:proc|sys|dev|run|usr/lib/sysimage|var/lib/(?:rpm|dpkg|apt)|var/cache)/.*|.*/aliases\.db")
