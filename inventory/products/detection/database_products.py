"""The databases that are recognised, and the places where each configures its data directory and its port."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from inventory.products.catalogue import products
from inventory.products.product import DatabaseTable


class DatabaseProduct(NamedTuple):
    """``programs`` are names of executables, ``main`` a class of Java. ``argument`` and ``setting`` find directories
    (group ``path``) in an argument and in a line of the files that ``files`` matches; ``port`` does so for ports.
    ``at_home``: the server changes into its data directory.
    """

    kind: str
    programs: re.Pattern[str]
    packages: tuple[str, ...]
    main: re.Pattern[str] | None
    argument: re.Pattern[str] | None
    files: re.Pattern[str] | None
    setting: re.Pattern[str] | None
    port: re.Pattern[str] | None
    at_home: bool
    in_path: re.Pattern[str] | None


_IN_DOCUMENTS = (
    "mariadb", "postgresql", "mongodb", "redis", "memcached", "elasticsearch", "opensearch", "cassandra", "neo4j",
    "ldap", "oracle", "db2", "sqlserver", "influxdb", "clickhouse", "couchdb",
)  # fmt: skip
"""The order in which documents list databases; others follow."""


@cache
def database_products() -> tuple[DatabaseProduct, ...]:
    """Every database of the product files, MySQL last: it is told from MariaDB by its program or its package."""
    found = [
        _product(table.kind or identifier, product.programs_of(table), table, product.ports.set_by)
        for identifier, product in products().items()
        if (table := product.database) is not None
    ]
    order = {kind: place for place, kind in enumerate(_IN_DOCUMENTS)}
    return tuple(sorted(found, key=lambda each: (each.kind == "mysql", order.get(each.kind, len(order)))))


def _product(kind: str, programs: tuple[str, ...], table: DatabaseTable, ports: tuple[str, ...]) -> DatabaseProduct:
    return DatabaseProduct(
        kind=kind,
        programs=re.compile("|".join(map(translate, programs)) or r"(?!)"),
        packages=table.packages,
        main=_pattern(table.main_class),
        argument=_pattern(_given(table.directory_arguments)),
        files=_pattern(table.files),
        setting=_pattern(table.directory_pattern or _set(table.directory_settings, r"(?P<path>/[^\"'#,;\s]+)")),
        port=_pattern(table.port_pattern or _set(ports, r"(?P<port>\d+)")),
        at_home=table.runs_in_data_directory,
        in_path=_pattern(table.version_in_path),
    )


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text) if text else None


def _given(options: tuple[str, ...]) -> str:
    """A pattern of a directory that comes right after one of ``options``; "" without options."""
    return rf"(?s:(?:{'|'.join(options)})(?P<path>/.+))" if options else ""


def _set(names: tuple[str, ...], value: str) -> str:
    """A pattern of what one of ``names`` is set to, in whatever form files of configuration have; "" without names."""
    return rf"(?:{'|'.join(names)})\s*+[=:]?\s*+[\"']?{value}" if names else ""


SQLITE = re.compile(r"/.*\.(?:sqlite3?|db3?|sdb|s3db)")
"""Names of SQLite files, when a process writes them."""

NOT_SQLITE = re.compile(r"/(?:proc|sys|dev|run|usr/lib/sysimage|var/lib/(?:rpm|dpkg|apt)|var/cache)/.*|.*/aliases\.db")
