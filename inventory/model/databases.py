"""Databases and other stores of data that run on a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inventory.observation import Origin

SaidBy = Literal["argument", "configuration", "working directory", "open files", "environment", "process"]


@dataclass(frozen=True, slots=True)
class DataPlace:
    """A directory (of SQLite and Oracle also a file) in which a database stores its data.

    ``said_by`` is the source of it, ``origin`` its line. ``size_bytes`` is its size, None where it was not measured;
    ``size_is`` names the measure: ``sum of its files`` (blocks on the disk, measured by a deep scan) or ``use of its
    file system`` (it is a separate mount).
    """

    path: str
    said_by: SaidBy
    origin: Origin
    size_bytes: int | None = None
    size_is: Literal["", "sum of its files", "use of its file system"] = ""


@dataclass(frozen=True, slots=True)
class Database:
    """One instance. ``kind`` is mysql, mariadb, postgresql, oracle, db2, sqlserver, mongodb, redis, memcached,
    elasticsearch, opensearch, cassandra, ldap, influxdb, clickhouse, couchdb, neo4j, or sqlite (files that programs
    have open).

    ``name`` is the name of the instance (``15/main``, an Oracle SID), "" where it has no name. ``version`` is its
    makers', from the package or the path, "" when neither has it. ``pids`` has the main process first. ``ports`` are
    those that its processes listen on; ``configured_ports`` those that arguments and configuration name.
    """

    kind: str
    name: str
    version: str
    package: str
    executable: str
    pids: tuple[int, ...]
    ports: tuple[int, ...]
    configured_ports: tuple[int, ...]
    places: tuple[DataPlace, ...]
    origin: Origin
