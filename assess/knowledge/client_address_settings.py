"""Lines of configuration that treat clients by their address (product files, ``client_address_settings.toml``)."""

from __future__ import annotations

import re
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from inventory.products.catalogue import products

_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){1,3}\d{1,3}(?![\w])|(?<![\w:])(?=[0-9a-f]*[0-9])[0-9a-f]{1,4}:[0-9a-f:]{2,}"
)


@lru_cache(maxsize=1)
def _settings() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return the product that each alternative of the pattern belongs to, and the pattern."""
    rows = [(each.title, each.client_addresses) for each in products().values() if each.client_addresses]
    rows += [(row["what"], row["begins"]) for row in data_toml("client_address_settings.toml")["setting"]]
    return tuple(what for what, _ in rows), re.compile(
        r"\s*(?:" + "|".join(f"({begins})" for _, begins in rows) + ")", re.IGNORECASE
    )


def client_setting(text: str) -> str:
    """Return the product whose setting about client addresses a line is (``nginx``), or "".

    A line about the host itself (127.0.0.1, ::1) does not count.
    """
    if "." not in text and ":" not in text:  # no address
        return ""
    names, pattern = _settings()
    match = pattern.match(text)
    if match is None or match.lastindex is None or not names_network(text):
        return ""
    return names[match.lastindex - 1]


def names_network(text: str) -> bool:
    """Whether a line names an address or network of clients: no loopback, and not all of them."""
    return any(
        not each[0].startswith(("127.", "0.0.0.0")) and each[0] != "::1"  # noqa: S104 - compared, not bound
        for each in _ADDRESS.finditer(text.lower())
    )
