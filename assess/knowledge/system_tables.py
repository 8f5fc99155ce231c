"""Tables of distributions, host functions, data directories, devices, processors and scoring weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from assess.knowledge.data_files import KnowledgeTable, data_rows, data_toml, read_table
from assess.model import Severity
from inventory.products.catalogue import products


class HostFunction(KnowledgeTable, frozen=True):
    """A task of programs for their host, its replacement, and whether it counts as a service when others reach it.

    ``ports`` identify it where the listening program could not be observed. Product files add programs by ``id``.
    """

    programs: tuple[str, ...]
    purpose: str
    instead: str
    reachable: Literal["service"] | None = None
    ports: frozenset[int] = frozenset()
    id: str = ""

    @property
    def service_when_reachable(self) -> bool:
        """Whether it counts as a service when others reach it."""
        return self.reachable == "service"


class _HostFunctions(KnowledgeTable, frozen=True):
    function: tuple[HostFunction, ...]


@lru_cache(maxsize=1)
def _host_functions() -> tuple[dict[str, HostFunction], tuple[tuple[str, HostFunction], ...]]:
    rows = read_table("host_functions.toml", _HostFunctions).function
    named = [(program, each) for each in rows for program in each.programs]
    by_id = {each.id: each for each in rows if each.id}
    for product in products().values():
        if (served := product.host_function) is not None:
            named += [(program, by_id[served.function]) for program in product.programs_of(served)]
    exact = {program: each for program, each in named if "*" not in program}
    return exact, tuple((program, each) for program, each in named if "*" in program)


@lru_cache(maxsize=4096)
def host_function(path: str) -> HostFunction | None:
    """The function that a program (path or name of its executable) has for its host; None for a service."""
    exact, patterns = _host_functions()
    name = path.rpartition("/")[2]
    if name in exact:
        return exact[name]
    return next(
        (function for pattern, function in patterns if fnmatchcase(path if "/" in pattern else name, pattern)), None
    )


@dataclass(frozen=True, slots=True)
class DataProgram:
    """The data directory of a program, and the programs that work on it; see ``data`` of a product file."""

    names: frozenset[str]
    arguments: tuple[str, ...]
    keys: tuple[str, ...]
    default: tuple[str, ...]
    clients: frozenset[str]
    unless_set: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DataTable:
    """Directories that hold data or never do (``data_directories.toml``), and the programs of product files.
    Directories of ``never`` end with a slash.
    """

    roots: tuple[str, ...]
    accounts: tuple[str, ...]
    never: tuple[str, ...]
    programs: tuple[DataProgram, ...]

    def is_never(self, path: str) -> bool:
        """Whether ``path`` is, or lies in, a directory in which no data is."""
        return f"{path}/".startswith(self.never)


@lru_cache(maxsize=1)
def data_table() -> DataTable:
    """The table of data directories."""
    table = data_toml("data_directories.toml")
    return DataTable(
        roots=tuple(table["roots"]),
        accounts=tuple(table["accounts"]),
        never=tuple(f"{path}/" for path in table["never"]),
        programs=tuple(
            DataProgram(
                names=frozenset(product.programs_of(each)),
                arguments=each.arguments,
                keys=each.keys,
                default=each.default,
                clients=frozenset(each.clients),
                unless_set=tuple(each.unless_set.items()),
            )
            for product in products().values()
            for each in product.data
        ),
    )


@dataclass(frozen=True, slots=True)
class RootsTable:
    """Directories that may belong to one workload (``configuration_roots.toml``). ``families`` are those of product
    files, by the letters with which the names of packages begin.
    """

    shared: frozenset[str]
    never: tuple[str, ...]
    families: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def roots_table() -> RootsTable:
    """The table of configuration roots."""
    table = data_toml("configuration_roots.toml")
    families = {
        name: each.roots for product in products().values() for each in product.configuration for name in each.packages
    }
    return RootsTable(frozenset(table["shared"]), tuple(table["never"]), families)


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """The end of security updates for a release of a distribution. None: no date was published."""

    cycle: str
    support_ends: date | None
    extended_support_ends: date | None


@lru_cache(maxsize=1)
def _ends_of_life() -> dict[str, dict[str, EndOfLife]]:
    table: dict[str, dict[str, EndOfLife]] = {}
    for row in data_rows("distributions_end_of_life.csv"):
        end = EndOfLife(row["cycle"], _date(row["support_ends"]), _date(row["extended_support_ends"]))
        table.setdefault(row["distribution"], {})[row["cycle"]] = end
    return table


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def end_of_life(distribution: str, version: str) -> EndOfLife | None:
    """The dates of a release by os-release ID and VERSION_ID; None when the table does not know it.

    Tables name releases as their makers do: Debian 12 (not 12.7), Ubuntu 20.04, RHEL 7 (not 7.9), SLES 12.5.
    """
    cycles = _ends_of_life().get(distribution, {})
    pieces = version.split(".")
    for length in range(len(pieces), 0, -1):
        if end := cycles.get(".".join(pieces[:length])):
            return end
    # SLES and others write the first release of a major version without its ".0".
    return cycles.get(f"{version}.0")


class DeviceNode(KnowledgeTable, frozen=True):
    """Device nodes of one kind and what a container needs for them."""

    paths: tuple[str, ...]
    what: str
    severity: Severity
    remedy: str


class _Devices(KnowledgeTable, frozen=True):
    harmless: tuple[str, ...]
    device: tuple[DeviceNode, ...]


@lru_cache(maxsize=4096)
def device(path: str) -> DeviceNode | None:
    """Return the entry of a device node; None for one that every container has. An unknown one has an entry that says
    so.
    """
    table = read_table("devices.toml", _Devices)
    for each in table.device:
        if any(fnmatchcase(path, pattern) for pattern in each.paths):
            return each
    if any(fnmatchcase(path, pattern) for pattern in table.harmless):
        return None
    remedy = "Give the container --device with this node on a host that has it."
    return DeviceNode((path,), "a device", Severity.MINOR, remedy)


@lru_cache(maxsize=1)
def cpu_levels() -> Mapping[int, tuple[str, ...]]:
    """Return the flags of /proc/cpuinfo that each level of x86-64 adds."""
    return {int(level): tuple(flags) for level, flags in data_toml("cpu_levels.toml")["levels"].items()}


class Architecture(KnowledgeTable, frozen=True):
    """The programs (e_machine names) that a machine runs: its own, and its 32-bit form's."""

    native: tuple[str, ...]
    compatible: tuple[str, ...]


def architecture(machine: str) -> Architecture | None:
    """Return the architecture for a name of ``uname -m``; None for one that the table does not list."""
    name = {"arm64": "aarch64", "amd64": "x86_64"}.get(machine, machine)
    return read_table("architectures.toml", dict[str, Architecture]).get(name)


class _HostShare(KnowledgeTable, frozen=True):
    share: float


class _Verdict(KnowledgeTable, frozen=True):
    ready_from: int


class _Unknown(KnowledgeTable, frozen=True):
    confidence_below: float


class Scoring(KnowledgeTable, frozen=True):
    """The weights of :mod:`assess.scoring`, explained in ``scoring.toml``."""

    cost: dict[str, float]
    host: _HostShare
    verdict: _Verdict
    unknown: _Unknown


def scoring() -> Scoring:
    """The weights of the score."""
    return read_table("scoring.toml", Scoring)
