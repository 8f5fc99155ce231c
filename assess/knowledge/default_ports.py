"""The port that configuration means by a host without a port (``default_ports.toml``, product files)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from inventory.products.catalogue import products

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
    return _schemes().get(scheme[0]) if scheme else None


def port_of_setting(text: str) -> int | None:
    """The port of the kind of server that a line sets."""
    key = _KEY.match(text)
    return _settings().get(key[1].lower()) if key else None


@lru_cache(maxsize=1)
def _schemes() -> Mapping[str, int]:
    found: dict[str, int] = dict(data_toml("default_ports.toml")["schemes"])
    for product in products().values():
        found |= product.ports.schemes
    return found


@lru_cache(maxsize=1)
def _settings() -> Mapping[str, int]:
    found: dict[str, int] = dict(data_toml("default_ports.toml")["settings"])
    for product in products().values():
        found |= product.ports.settings
    return found
