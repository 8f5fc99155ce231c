"""The text of hosts in a database column.

A path of a host may hold any byte but NUL, and the text that it reports even that. Neither PostgreSQL nor SQLite's
driver accepts a lone surrogate, which is how Python represents such bytes, and PostgreSQL accepts no NUL at all. They
are moved into a private area of Unicode on the way in and back on the way out, so that reading returns what was saved.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_TO_PRIVATE = {0: 0xF700, **{0xDC00 + byte: 0xF700 + byte for byte in range(0x80, 0x100)}}
_FROM_PRIVATE = {private: code for code, private in _TO_PRIVATE.items()}


class HostText(TypeDecorator[str]):
    """A string that may hold any character, lone surrogates and NUL too."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way in."""
        return None if value is None else value.translate(_TO_PRIVATE)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way out."""
        return None if value is None else value.translate(_FROM_PRIVATE)


class HostJson(TypeDecorator[Any]):
    """JSON whose strings may hold any character."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """On the way in."""
        return _translated(value, _TO_PRIVATE)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """On the way out."""
        return _translated(value, _FROM_PRIVATE)


def _translated(value: Any, table: dict[int, int]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {_translated(key, table): _translated(each, table) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_translated(each, table) for each in value]
    return value
