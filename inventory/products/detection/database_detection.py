"""Databases of a host, from its processes, their arguments and open files, and lines of configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

from inventory.model.configuration import ConfigLine
from inventory.model.databases import Database, DataPlace
from inventory.model.java import JavaProcess
from inventory.model.open_files import OpenFile
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.products.detection.database_products import NOT_SQLITE, SQLITE, DatabaseProduct, database_products
from inventory.products.detection.product_configuration import unique
from inventory.products.detection.program_identity import main_processes, package_of, program_of, upstream_version

Measure = Callable[[DataPlace], DataPlace]
"""Adds what is known of the size of a place."""

_NO_DATA = ("/dev/", "/proc/", "/sys/", "/run/", "/var/run/", "/tmp/", "/var/tmp/", "/var/log/", "/etc/")  # noqa: S108
_BARE = frozenset({"-D", "--dbpath", "--dir"})
"""Options whose directory may be the next word."""
_ORACLE = re.compile(r"(?:ora|xe|asm)_pmon_(?P<sid>\S+)")
_CLUSTER = re.compile(r"(?:config_file=)?/etc/postgresql/(?P<name>[^/]+/[^/]+)/postgresql\.conf")


def databases(
    processes: Iterable[Process],
    machines: Iterable[JavaProcess],
    files: Iterable[OpenFile],
    lines: Iterable[ConfigLine],
    packages: Packages | None,
    ports_of: Callable[[Iterable[int]], tuple[int, ...]],
    measure: Measure,
) -> tuple[Database, ...]:
    """Each running instance, in the order of the products and pids, then the files of SQLite that are written."""
    everyone = [process for process in processes if not process.kernel]
    mains = {machine.pid: machine.main for machine in machines}
    by_pid: dict[int, list[OpenFile]] = {}
    for file in files:
        by_pid.setdefault(file.pid, []).append(file)
    configured = list(lines)
    found: list[Database] = []
    taken: set[int] = set()
    for product in database_products():
        mine = [process for process in everyone if _runs(product, process, mains)]
        for main, pids in main_processes(mine):
            taken.update(pids)
            opened = [file for pid in pids for file in by_pid.get(pid, ())]
            database = _instance(product, main, pids, opened, configured, packages)
            if database is not None:
                places = tuple(measure(place) for place in database.places)
                found.append(replace(database, ports=ports_of(pids), places=places))
    return (*found, *_sqlite(by_pid, taken, measure))


def _runs(product: DatabaseProduct, process: Process, mains: dict[int, str]) -> bool:
    if process.pid in mains:
        return product.main is not None and product.main.fullmatch(mains[process.pid]) is not None
    if product.kind == "oracle":
        return _ORACLE.fullmatch(_title(process)) is not None
    return product.programs.fullmatch(program_of(process)) is not None


def _title(process: Process) -> str:
    return process.arguments[0] if process.arguments else process.name


def _instance(
    product: DatabaseProduct,
    main: Process,
    pids: tuple[int, ...],
    files: list[OpenFile],
    lines: list[ConfigLine],
    packages: Packages | None,
) -> Database | None:
    package = package_of(packages, main.executable if main.executable else None, *product.packages)
    if package is not None and not any(re.fullmatch(name, package.name) for name in product.packages):
        package = None  # of the interpreter or the Java that runs it
    kind = product.kind
    if kind == "mysql" and package is not None and package.name.startswith("mariadb"):
        kind = "mariadb"
    if kind == "mysql" and package is None and packages is not None:
        package = package_of(packages, None, *_mariadb_packages())
        kind = "mariadb" if package is not None else "mysql"
    name = _name(product, main)
    own = [line for line in lines if product.files is not None and product.files.fullmatch(line.path)]
    if product.kind == "postgresql" and name:
        own = [line for line in own if line.path.startswith(f"/etc/postgresql/{name}/")]
    places: dict[str, DataPlace] = {}
    for place in _places(product, main, files, own):
        places.setdefault(place.path, place)
    in_path = product.in_path.search(main.executable or "") if product.in_path else None
    version = upstream_version(package.version) if package else in_path[1] if in_path else ""
    said = [*_argument_ports(main), *(match["port"] for line in own if (match := _port(product, line.text)))]
    return Database(
        kind=kind,
        name=name,
        version=version,
        package=package.name if package else "",
        executable=main.executable or "",
        pids=pids,
        ports=(),
        configured_ports=tuple(int(port) for port in unique(said) if 0 < int(port) < 65536),
        places=tuple(places.values()),
        origin=main.origin,
    )


def _mariadb_packages() -> tuple[str, ...]:
    return next(product.packages for product in database_products() if product.kind == "mariadb")


def _name(product: DatabaseProduct, main: Process) -> str:
    if product.kind == "oracle" and (match := _ORACLE.fullmatch(_title(main))):
        return match["sid"]
    if product.kind == "postgresql":
        return next((match["name"] for word in main.arguments if (match := _CLUSTER.fullmatch(word))), "")
    return ""


def _places(
    product: DatabaseProduct, main: Process, files: list[OpenFile], own: list[ConfigLine]
) -> Iterator[DataPlace]:
    """Every source for the place of the data; the server's arguments come first."""
    words = list(main.arguments[1:])
    joined = [*words, *(name + value for name, value in pairwise(words) if name in _BARE)]
    for word in joined:
        if product.argument is not None and (match := product.argument.fullmatch(word)):
            yield DataPlace(_plain(match["path"]), "argument", main.origin)
    for name, value in main.environment or ():
        if name == "PGDATA" and product.kind == "postgresql" and value.startswith("/"):
            yield DataPlace(_plain(value), "environment", main.origin)
    for line in own:
        if product.setting is not None and (match := product.setting.match(line.text)):
            yield DataPlace(_plain(match["path"]), "configuration", line.origin)
    working = main.working_directory or "/"
    if product.at_home and working != "/" and not f"{working}/".startswith(_NO_DATA):
        yield DataPlace(working, "working directory", main.origin)
    yield from _from_files(product, files)


def _from_files(product: DatabaseProduct, files: list[OpenFile]) -> Iterator[DataPlace]:
    """The directory that holds all files that it writes; of Oracle, whose files are apart, each directory of them."""
    written = [file for file in files if file.writable and file.kind == "file" and not file.deleted]
    written = [file for file in written if file.target.startswith("/") and not file.target.startswith(_NO_DATA)]
    if product.kind == "memcached" or not written:
        return
    folders: dict[str, OpenFile] = {}
    for file in written:
        folders.setdefault(file.target.rpartition("/")[0], file)
    if product.kind in ("oracle", "db2"):
        for folder, file in folders.items():
            yield DataPlace(folder, "open files", file.origin)
        return
    common = PurePosixPath(next(iter(folders)))
    for folder in folders:
        while common != PurePosixPath(folder) and common not in PurePosixPath(folder).parents:
            common = common.parent
    if len(common.parts) > 2:
        yield DataPlace(str(common), "open files", written[0].origin)


def _port(product: DatabaseProduct, text: str) -> re.Match[str] | None:
    match = product.port.match(text) if product.port else None
    return match if match and len(match["port"]) <= 5 else None


def _argument_ports(main: Process) -> Iterator[str]:
    words = main.arguments[1:]
    for word, after in pairwise((*words, "")):
        if match := re.fullmatch(r"(?:--port=|-p)(\d{2,5})", word):
            yield match[1]
        elif word in ("--port", "-p") and re.fullmatch(r"\d{2,5}", after):
            yield after


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"


def _sqlite(by_pid: dict[int, list[OpenFile]], taken: set[int], measure: Measure) -> Iterator[Database]:
    found: dict[str, tuple[OpenFile, list[int]]] = {}
    for pid, files in by_pid.items():
        for file in files if pid not in taken else ():
            path = re.sub(r"-(?:wal|shm|journal)$", "", file.target)
            if file.writable and not file.deleted and SQLITE.fullmatch(path) and not NOT_SQLITE.fullmatch(path):
                found.setdefault(path, (file, []))[1].append(pid)
    for path, (file, pids) in sorted(found.items()):
        place = measure(DataPlace(path, "open files", file.origin))
        yield Database("sqlite", "", "", "", "", tuple(sorted(set(pids))), (), (), (place,), file.origin)
