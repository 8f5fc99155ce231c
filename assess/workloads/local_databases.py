"""Programs for which ``localhost`` is not the network but the socket of the database on the same host.

PHP's extensions for MySQL, and every client built on libmysqlclient, connect to ``localhost`` by the Unix socket of the
server (https://www.php.net/manual/en/mysqli.quickstart.connections.php). Clients of PostgreSQL take it as a name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from assess.configuration_text.configuration_lines import ConfigurationLines, is_comment
from inventory.model.configuration import ConfigLine
from inventory.products.catalogue import products


@lru_cache(maxsize=1)
def servers() -> frozenset[str]:
    """Names of executables of servers that are meant by ``localhost`` (product files)."""
    return frozenset(
        name
        for product in products().values()
        if (companions := product.companions) is not None and companions.by_localhost
        for name in product.programs_of(companions)
    )


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
_BESIDE = 8


def database_on_localhost(lines: ConfigurationLines, roots: Iterable[str]) -> ConfigLine | None:
    """The first line below ``roots`` by which a PHP application, or a data source that names MySQL, connects to the
    MySQL server of its host; None where there is none.
    """
    found = lines.mentioning(tuple(roots), ("localhost",), any_case=True)
    return next((line for line in found if not is_comment(line) and _means_the_socket(line, lines)), None)


def _means_the_socket(line: ConfigLine, lines: ConfigurationLines) -> bool:
    if _NAMES_MYSQL.search(line.text):
        return True
    if not _is_of_php(line.path, lines):
        return False
    beside = [each.text for each in _beside(line, lines)]
    if any(_OF_OTHERS.search(text) for text in beside):
        return False
    if _DATABASE_HOST.search(line.text):
        return True
    return bool(_HOST.search(line.text)) and any(_OF_MYSQL.search(text) for text in beside)


def _beside(line: ConfigLine, lines: ConfigurationLines) -> Iterator[ConfigLine]:
    return (each for each in lines.of(line.path) if abs(each.number - line.number) <= _BESIDE)


def _is_of_php(path: str, lines: ConfigurationLines) -> bool:
    """A file of PHP, or the settings (.env) of an application that has such files."""
    if path.endswith((".php", ".inc")):
        return True
    folder, name = posixpath.split(path)
    return name.startswith(".env") and any(each.endswith(".php") for each in lines.paths_under(folder))
