"""The port that configuration means by a host without a port (``default_ports.toml``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from assess.knowledge.data_files import data_toml

_SCHEME = re.compile(r"[a-z0-9]{1,16}$")
_KEY = re.compile(r"[\s\"']{0,9}([A-Za-z0-9_-]{1,40})[\s\"'=:\[{(]")
_BEFORE_HOST = 200
"""Characters before a host that are examined: a URL may have a user and a password."""


def port_of_scheme(before: str) -> int | None:
    """The port of the URL whose host follows ``before``, as far as its scheme says."""
    head, mark, user = before[-_BEFORE_HOST:].rpartition("://")
    if not mark or (user and (user[-1] != "@" or any(each in user for each in " /\"'"))):
        return None
    scheme = _SCHEME.search(head.lower()[-17:])
    return _table("schemes").get(scheme[0]) if scheme else None


def port_of_setting(text: str) -> int | None:
    """The port of the kind of server that a line sets."""
    key = _KEY.match(text)
    return _table("settings").get(key[1].lower()) if key else None


@lru_cache(maxsize=2)
def _table(name: str) -> Mapping[str, int]:
    ports: Mapping[str, int] = data_toml("default_ports.toml")[name]
    return ports
