"""Data-like directories with the program of an application server, such as ``/var/lib/tomcat9/webapps``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from assess.model import DataDirectory, Workload
from inventory.products.catalogue import products
from inventory.products.product import InstallationTable


def data_directories(workload: Workload) -> tuple[DataDirectory, ...]:
    """The data directories of a workload without those that are a server's program. Where the inventory took the whole
    installation for data, its own places for data stay.
    """
    program, data = _places(workload)
    found = []
    for directory in workload.data:
        if directory.path not in program:
            found.append(directory)
            continue
        inner = [path for path in sorted(data) if path.startswith(directory.path + "/")]
        found += [replace(directory, path=path) for path in inner]
    return tuple(found)


def _places(workload: Workload) -> tuple[frozenset[str], frozenset[str]]:
    program: set[str] = set()
    data: set[str] = set()
    for argument in _arguments(workload):
        for each in _installations():
            if not argument.startswith(each.argument):
                continue
            base = posixpath.normpath(argument.removeprefix(each.argument))
            if base.startswith("/") and base != "/":
                program |= {posixpath.normpath(f"{base}/{name}") for name in each.program}
                data |= {f"{base}/{name}" for name in each.data}
    return frozenset(program), frozenset(data)


@cache
def _installations() -> tuple[InstallationTable, ...]:
    return tuple(each for product in products().values() for each in product.installation)


def _arguments(workload: Workload) -> Iterable[str]:
    for process in workload.all_processes:
        yield from process.arguments
