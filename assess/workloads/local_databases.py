"""Settings that mean the socket of a database on the same host, although they name no path.

PHP's extensions for MySQL, and every client built on libmysqlclient, connect to ``localhost`` by the Unix socket of the
server (https://www.php.net/manual/en/mysqli.quickstart.connections.php). Clients of PostgreSQL take ``localhost`` as a
name, and a setting without a host means the socket (libpq, "host" of the connection parameters).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Literal, Protocol, TypeVar

from assess.configuration_text.configuration_lines import ConfigurationLines, is_comment
from assess.workloads.init_scripts import run_path
from assess.workloads.program import program_of
from inventory.model.configuration import ConfigLine
from inventory.model.processes import Process
from inventory.model.sockets import UnixSocket
from inventory.products.catalogue import products

Meaning = Literal["localhost", "no host"]
"""``localhost``: the socket of MySQL or MariaDB; ``no host``: that of PostgreSQL."""


class DatabaseService(Protocol):
    """A service, as far as it may be a database."""

    @property
    def processes(self) -> tuple[Process, ...]:
        """Its processes."""
        ...

    @property
    def unix_sockets(self) -> tuple[UnixSocket, ...]:
        """Its named sockets."""
        ...


Service = TypeVar("Service", bound=DatabaseService)


@lru_cache(maxsize=1)
def _servers() -> dict[str, Meaning]:
    """Names of executables of database servers with the settings that mean their sockets (product files)."""
    found: dict[str, Meaning] = {}
    for product in products().values():
        if (companions := product.companions) is not None and (companions.by_localhost or companions.without_host):
            meaning: Meaning = "localhost" if companions.by_localhost else "no host"
            found |= dict.fromkeys(product.programs_of(companions), meaning)
    return found


@dataclass(frozen=True)
class LocalDatabases(Generic[Service]):
    """The database servers of a host by the settings that mean them, each with the path of its socket. Where several
    could be meant, none is.
    """

    by_meaning: dict[Meaning, tuple[Service, str]]

    @classmethod
    def of(cls, services: Iterable[Service]) -> LocalDatabases[Service]:
        """Those among the services of a host."""
        found: dict[Meaning, list[tuple[Service, str]]] = {}
        for service in services:
            meanings = {_servers().get(program_of(process).basename) for process in service.processes} - {None}
            paths = [each.path for each in service.unix_sockets if each.listening and each.path.startswith("/")]
            for meaning in meanings:
                if meaning is not None and paths:
                    # MySQL has one more for its X protocol: mysqlx.sock.
                    found.setdefault(meaning, []).append(
                        (service, run_path(min(paths, key=lambda path: (len(path), path))))
                    )
        return cls({meaning: rows[0] for meaning, rows in found.items() if len(rows) == 1})

    def named_in(
        self, lines: ConfigurationLines, roots: Iterable[str]
    ) -> Iterator[tuple[Meaning, Service, str, ConfigLine]]:
        """Server, path of its socket and the first line below ``roots`` that means it."""
        for meaning, (service, path) in self.by_meaning.items():
            found = lines.mentioning(tuple(roots), _WORDS[meaning], any_case=True)
            line = next((each for each in found if not is_comment(each) and _of(each, lines) == meaning), None)
            if line is not None:
                yield meaning, service, path, line


_WORDS: dict[Meaning, tuple[str, ...]] = {"localhost": ("localhost",), "no host": ("postgres", "dbname", "host")}

# mysql:host=localhost, DBI:mysql:shop:localhost, mysqli://user@localhost/shop, mysqli_connect("localhost"
_NAMES_MYSQL = re.compile(
    r"""mysqli?:[^\s"'@]{0,80}\blocalhost\b(?!:) | mysqli?://[^\s"'@/]{0,80}@localhost\b(?!:)
    | \bmysqli?(?:_p?connect)?\s{0,3}\(\s{0,3}["']localhost["']""",
    re.IGNORECASE | re.VERBOSE,
)
# define('DB_HOST', 'localhost'), DB_HOST=localhost, $db_server = "localhost"
_DATABASE_HOST = re.compile(
    r"""\b(?:db|database|mysqli?|mariadb)_?(?:host|server|hostname)["'\]]{0,3}\s{0,9}(?:=>|[,=:])\s{0,9}
    ["']?localhost["']?\s{0,3}[;,)]{0,3}\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# 'host' => 'localhost', public $host = 'localhost': of MySQL where a line next to it says so
_HOST = re.compile(
    r"""(?<![A-Za-z0-9])host(?:name)?["'\]]{0,3}\s{0,9}(?:=>|=)\s{0,9}["']localhost["']""", re.IGNORECASE | re.VERBOSE
)
_OF_MYSQL = re.compile(r"mysql|mariadb", re.IGNORECASE)
_OF_OTHERS = re.compile(r"pgsql|postgres|sqlite|mongo|sqlsrv", re.IGNORECASE)
_OF_POSTGRESQL = re.compile(r"postgres|psycopg|pgsql|dbi:pg", re.IGNORECASE)
# postgresql:///shop, postgresql+psycopg2://user@/shop
_URL_WITHOUT_HOST = re.compile(r"postgres(?:ql)?(?:\+\w{1,20})?://(?:[^@/\s\"']{0,80}@)?/", re.IGNORECASE)
# 'HOST': '' of Django
_EMPTY_HOST = re.compile(r"""["']HOST["']\s{0,9}:\s{0,9}(?:''|"")""")
_ENGINE = re.compile(r"""["']ENGINE["']\s{0,9}:\s{0,9}["'][\w.]{0,80}(?:postgres|psycopg|postgis)""")
_DATABASE = re.compile(r"(?<![\w-])dbname\s{0,9}=", re.IGNORECASE)
_ANY_HOST = re.compile(r"host", re.IGNORECASE)
_BESIDE = 8


def meaning_of(text: str, beside: Sequence[str], *, php: bool) -> Meaning | None:
    """The database that a line of a setting means by its socket. ``beside`` are the lines around it, itself included;
    ``php`` says that PHP reads the file.
    """
    if "localhost" in text.lower():
        return "localhost" if _means_mysql(text, beside, php=php) else None
    if _URL_WITHOUT_HOST.search(text):
        return "no host"
    if not any(_OF_POSTGRESQL.search(each) for each in beside):
        return None
    if _EMPTY_HOST.search(text) or (_DATABASE.search(text) and not _ANY_HOST.search(text)):
        return "no host"
    return "no host" if _ENGINE.search(text) and not any(_ANY_HOST.search(each) for each in beside) else None


def meanings_in(path: str, texts: Sequence[str], *, php: bool) -> Iterator[tuple[int, Meaning]]:
    """(index of the line, meaning) for the lines of a file that are no comments."""
    words = tuple(word for each in _WORDS.values() for word in each)
    for at, text in enumerate(texts):
        if any(word in text.lower() for word in words) and not text.lstrip().startswith(("#", ";", "//", "*")):
            beside = texts[max(0, at - _BESIDE) : at + _BESIDE + 1]
            meaning = meaning_of(text, beside, php=php or path.endswith((".php", ".inc")))
            if meaning is not None:
                yield at, meaning


def _means_mysql(text: str, beside: Sequence[str], *, php: bool) -> bool:
    if _NAMES_MYSQL.search(text):
        return True
    if not php or any(_OF_OTHERS.search(each) for each in beside):
        return False
    if _DATABASE_HOST.search(text):
        return True
    return bool(_HOST.search(text)) and any(_OF_MYSQL.search(each) for each in beside)


def _of(line: ConfigLine, lines: ConfigurationLines) -> Meaning | None:
    beside = [each.text for each in lines.of(line.path) if abs(each.number - line.number) <= _BESIDE]
    return meaning_of(line.text, beside, php=_is_of_php(line.path, lines))


def _is_of_php(path: str, lines: ConfigurationLines) -> bool:
    """A file of PHP, or the settings (.env) of an application that has such files."""
    if path.endswith((".php", ".inc")):
        return True
    folder, name = posixpath.split(path)
    return name.startswith(".env") and any(each.endswith(".php") for each in lines.paths_under(folder))
