"""Reader of the files in ``assess/knowledge/data``; the modules that use a file interpret it."""

from __future__ import annotations

import csv
import tomllib
from importlib import resources
from typing import Any


def data_text(name: str) -> str:
    """The text of a file."""
    return resources.files("assess").joinpath("knowledge", "data", name).read_text(encoding="utf-8")


def data_toml(name: str) -> dict[str, Any]:
    """A table in TOML."""
    return tomllib.loads(data_text(name))


def data_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table in CSV, by the names of its first line."""
    return list(csv.DictReader(data_text(name).splitlines()))
