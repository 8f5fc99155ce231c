"""Directories of Unix sockets: those that two containers can share, and what must run in one container all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.workloads.program import Program
from inventory.products.catalogue import products

POSTGRESQL = ".s.PGSQL."
"""The name of a PostgreSQL socket begins with this; its clients name the directory alone."""

_SHARED = ("/run/", "/var/spool/", "/var/lib/", "/var/cache/")
_FASTCGI = re.compile(r"fcgi|fastcgi|scgi", re.IGNORECASE)


def can_be_shared(path: str) -> bool:
    """Whether the directory of a socket (with /run for /var/run) can be a volume of two containers: a directory of its
    own below those that hold sockets and data. Other services keep their files in /run and /tmp themselves, and code
    lies next to a socket in /srv. An abstract socket has no directory.
    """
    folder = path.rpartition("/")[0]
    return folder.startswith(_SHARED) and "/../" not in f"{folder}/"


def runs_files_of_clients(programs: Iterable[Program], line: str) -> bool:
    """Whether the owner of a socket executes files that its clients name, so that both need the same files. ``line`` is
    the setting by which it is reached.
    """
    if _FASTCGI.search(line):
        return True
    return any(fnmatchcase(program.basename, name) for program in programs for name in _running_files_of_clients())


@lru_cache(maxsize=1)
def _running_files_of_clients() -> tuple[str, ...]:
    return tuple(
        name
        for product in products().values()
        if (companions := product.companions) is not None and companions.runs_clients_files
        for name in product.programs_of(companions)
    )
