"""The data tables of this package (``containerize/data/*.toml``), read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def data_table(name: str) -> Mapping[str, Any]:
    """The table in ``data/NAME.toml``."""
    return tomllib.loads(files("containerize").joinpath("data", f"{name}.toml").read_text("utf-8"))
