"""Products and libraries whose releases reach their end of life (product files, ``libraries.toml``, a CSV file)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_rows, data_toml
from inventory.products import catalogue


@dataclass(frozen=True, slots=True)
class LifecycleProduct:
    """``programs`` are patterns of names of executables; ``version`` finds the release in a path (group 1)."""

    product: str
    title: str
    programs: tuple[str, ...]
    version: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ProductRelease:
    """A release and its end. ``ends`` is the last day of any support, None while none was set.

    ``forgotten`` says that the release is older than all that the table has; then ``cycle`` is the oldest of those.
    """

    cycle: str
    ends: date | None
    forgotten: bool = False


@lru_cache(maxsize=1)
def products() -> tuple[LifecycleProduct, ...]:
    """All that are known by their programs."""
    return tuple(
        LifecycleProduct(each.product, product.title, product.programs_of(each), re.compile(each.version))
        for product in catalogue.products().values()
        if (each := product.end_of_life) is not None
    )


@lru_cache(maxsize=1)
def libraries() -> Mapping[tuple[str, str], tuple[str, str]]:
    """(product, title) of packages of programming languages by (language, name)."""
    return {
        (each["language"], name): (each["product"], each["title"])
        for each in data_toml("libraries.toml")["library"]
        for name in each["names"]
    }


@lru_cache(maxsize=8192)
def product_of_program(name: str) -> LifecycleProduct | None:
    """The product that a program called ``name`` is."""
    return next((each for each in products() if any(fnmatchcase(name, pattern) for pattern in each.programs)), None)


@lru_cache(maxsize=8192)
def products_in_path(path: str) -> tuple[tuple[LifecycleProduct, str], ...]:
    """The products without programs of their own that a path or argument names, each with its release."""
    return tuple((each, match[1]) for each in products() if not each.programs and (match := each.version.search(path)))


@lru_cache(maxsize=1)
def _cycles() -> Mapping[str, Mapping[str, date | None]]:
    table: dict[str, dict[str, date | None]] = {}
    for row in data_rows("products_end_of_life.csv"):
        ends = [date.fromisoformat(text) for text in (row["support_ends"], row["extended_support_ends"]) if text]
        table.setdefault(row["product"], {})[row["cycle"]] = max(ends, default=None) if row["support_ends"] else None
    return table


@lru_cache(maxsize=8192)
def release_of(product: str, version: str) -> ProductRelease | None:
    """The release that a version belongs to; None when the table does not have it.

    Tables name releases as their makers do: PHP 7.4 (not 7.4.33), Node.js 14, PostgreSQL 9.6 and 13, Java 8 (not 1.8).
    """
    cycles = _cycles().get(product, {})
    if product == "java" and version.startswith("1.") and version.split(".")[1] not in ("0", "1", "2", "3", "4"):
        version = version[2:]
    pieces = version.split(".")
    for length in range(len(pieces), 0, -1):
        cycle = ".".join(pieces[:length])
        if cycle in cycles:
            return ProductRelease(cycle, cycles[cycle])
    oldest = min(cycles, key=_numbers, default="")
    if oldest and _numbers(version) and _numbers(version) < _numbers(oldest):
        return ProductRelease(oldest, None, forgotten=True)
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
