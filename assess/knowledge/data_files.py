"""Reader of the files in ``assess/knowledge/data``; the modules that use a file interpret it."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Hashable
from functools import cache
from importlib import resources
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")


class KnowledgeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table in TOML, or a part of it: its fields and no others."""


def data_text(name: str) -> str:
    """The text of a file."""
    return resources.files("assess").joinpath("knowledge", "data", name).read_text(encoding="utf-8")


def data_toml(name: str) -> dict[str, Any]:
    """A table in TOML."""
    return tomllib.loads(data_text(name))


def read_table(name: str, kind: type[T]) -> T:
    """A table in TOML as its type, read once."""
    table: T = _read(name, cast("Hashable", kind))
    return table


@cache
def _read(name: str, kind: Any) -> Any:
    return msgspec.toml.decode(data_text(name), type=kind)


def data_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table in CSV, by the names of its first line."""
    return list(csv.DictReader(data_text(name).splitlines()))
