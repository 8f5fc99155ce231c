"""Programs and files that other programs use without naming them (product files, ``implied.toml``)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from msgspec import convert

from containerize.closure.file_set import FileSet
from containerize.data_tables import data_table
from inventory.products.catalogue import products
from inventory.products.product import ImpliedTable

_PROGRAM_PLACES = ("/usr/", "/bin/", "/sbin/", "/lib", "/opt/")


class Implied(NamedTuple):
    """A row of the table."""

    uses: re.Pattern[str]
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    reason: str


@cache
def rows() -> tuple[Implied, ...]:
    """All rows of the table."""
    general = convert(data_table("implied")["implied"], list[ImpliedTable])
    of_products = [each for product in products().values() for each in product.implied]
    return tuple(Implied(re.compile(each.uses), each.run, each.packages, each.reason) for each in general + of_products)


def add_implied(file_set: FileSet) -> None:
    """Bring what the programs and libraries collected so far imply."""
    names: dict[str, str] = {}
    for path in sorted(file_set.claims):
        if path.startswith(_PROGRAM_PLACES):
            names.setdefault(path.rpartition("/")[2], path)
    for row in rows():
        source = next((path for name, path in names.items() if row.uses.match(name)), None)
        if source is None:
            continue
        for program in row.programs:
            if program in file_set.tree:
                file_set.use(program, f"comes with {source}: {row.reason}")
        for package in row.packages:
            file_set.package_named(package, f"which comes with {source}: {row.reason}")
