"""Application servers of PHP, Python and Ruby, by the names of their processes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from inventory.model.configuration import ConfigLine
from inventory.model.java import ApplicationServer, DeployedApplication
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.products.catalogue import products
from inventory.products.detection.product_configuration import unique
from inventory.products.detection.program_identity import main_processes, package_of, program_of, upstream_version


class _ScriptServerProduct(NamedTuple):
    kind: str
    program: re.Pattern[str]
    """The program, or a script that an interpreter runs, or the title that a process gives itself."""
    packages: tuple[str, ...]
    usual: re.Pattern[str]
    """Files of its configuration."""


_IN_DOCUMENTS = ("php-fpm", "uwsgi", "gunicorn", "puma", "unicorn", "passenger")
"""The order in which documents list servers; others follow."""


@cache
def _products() -> tuple[_ScriptServerProduct, ...]:
    order = {kind: place for place, kind in enumerate(_IN_DOCUMENTS)}
    found = [
        _ScriptServerProduct(
            table.kind or identifier,
            re.compile(table.process),
            table.packages,
            re.compile(table.files or r"(?!)"),
        )
        for identifier, product in products().items()
        if (table := product.script_server) is not None
    ]
    return tuple(sorted(found, key=lambda each: order.get(each.kind, len(order))))


_LISTEN = re.compile(
    r"(?i)^(?:listen|socket|http(?:s|-socket)?|bind)(?:\s*+[=(]\s*+|\s++)[\"']?"
    r"(?P<where>/[^\s\"')]+|(?:[\w.*:\[\]-]*:)?\d{2,5}|:\d+)"
)
_BIND = re.compile(r"(?:-b|--bind|-l|--listen|-p|--port|--socket|--http|--http-socket|-s|-S)(?:=|$)(?P<value>.*)")
_FOLDER = re.compile(r"(?i)^(?:chdir|root|directory|chroot)\s*=\s*(?P<path>/\S+)")


def script_servers(
    processes: Iterable[Process], lines: Iterable[ConfigLine], packages: Packages | None
) -> tuple[ApplicationServer, ...]:
    """One for each family of processes. The configuration of a product is counted to each of its servers."""
    everyone = [process for process in processes if not process.kernel]
    configured = list(lines)
    found: list[ApplicationServer] = []
    for product in _products():
        mine = [process for process in everyone if _is(product, process)]
        own = [line for line in configured if product.usual.fullmatch(line.path)] if mine else []
        for main, pids in main_processes(mine):
            package = package_of(
                packages, main.executable if program_of(main) != "python3" else None, *product.packages
            )
            by_name = package if package and re.fullmatch("|".join(product.packages), package.name) else None
            ports = [match["where"] for line in own if (match := _LISTEN.match(line.text))]
            found.append(
                ApplicationServer(
                    kind=product.kind,
                    name="",
                    version=upstream_version(by_name.version) if by_name else "",
                    home="",
                    base="" if main.working_directory in (None, "/") else main.working_directory or "",
                    pids=pids,
                    ports=unique([*_bound(main), *ports]),
                    applications=tuple(
                        DeployedApplication(match["path"].rstrip("/").rpartition("/")[2], match["path"], line.origin)
                        for line in own
                        if (match := _FOLDER.match(line.text))
                    ),
                    origin=main.origin,
                )
            )
    return tuple(found)


def _is(product: _ScriptServerProduct, process: Process) -> bool:
    words = [program_of(process), *(word.rpartition("/")[2].lower() for word in process.arguments[:2])]
    title = re.split(r"[\s:]", process.arguments[0], maxsplit=1)[0].lower() if process.arguments else ""
    return any(product.program.fullmatch(word) for word in (*words[:1], *words[1:], title))


def _bound(process: Process) -> list[str]:
    """The ports and sockets that the arguments name."""
    found: list[str] = []
    arguments = process.arguments[1:]
    for at, word in enumerate(arguments):
        if match := _BIND.fullmatch(word):
            value = match["value"] or next(iter(arguments[at + 1 : at + 2]), "")
            if re.search(r"\d{2,5}$|/", value):
                found.append(value)
    return found
