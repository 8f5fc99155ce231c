"""The packages that a Containerfile names: installed on purpose or used directly.

The host's database says what depends on what, so that nothing is named that comes by itself, and nothing that the
service uses is forgotten because an administrator never asked for it. Where it was not read, the scan knows who owns
what runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from assess.model import Workload
from assess.subjects.host_facts import HostFacts
from containerize.closure.file_set import FileSet, boots_a_machine
from containerize.data_tables import data_table
from containerize.host.installed_packages import PackageDatabase
from containerize.rebuild.base_images import Manager
from containerize.rebuild.recipe import ChosenPackage
from inventory.model.packages import Package
from inventory.observation import value_or_none

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._~:-]*", re.ASCII)
_ARCHITECTURE = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_DEPENDENCY = re.compile(r"which (\S+) depends on")
_LIBRARY = re.compile(
    r"/(?:usr/)?lib(?:32|64|x32)?/(?:[a-z0-9_]+-linux-[a-z0-9]+/)?(?:lib|ld-)(?=[^/]*\.so)[^/]*", re.ASCII
)
"""A library or the loader; a module that a program loads lies in its own directory."""


def chosen_by_dependencies(
    file_set: FileSet, host: HostFacts, local: frozenset[str], manager: Manager
) -> tuple[ChosenPackage, ...]:
    """The packages to name of those that the image needs, by name. ``local`` are in no repository and are not named."""
    database, known = file_set.database, _known(host)
    wanted = {
        key: clause
        for key, clause in file_set.packages.items()
        if key not in file_set.essential and database.packages[key].name not in local
    }
    direct = {key for key in wanted if _used_directly(file_set, key)}
    chosen = {
        key: "installed on purpose"
        for key in wanted
        if key in direct and (mark := known.get(database.packages[key].name)) is not None and mark.automatic is False
    }
    brings = _Brings(database)
    covered = brings.covered(chosen)
    left = {key for key in wanted if key not in covered}
    while left:
        # First what nothing else of the rest would bring.
        brought = {other for key in left for other in brings.of(key) if other != key}
        for key in sorted(left - brought) or [min(left)]:
            chosen[key] = "nothing else here brings it"
        left -= brings.covered(chosen)
    brought = {other for key in brings.covered(chosen) for other in brings.of(key) if other != key}
    for key in sorted(brought & chosen.keys()):
        if key in brings.covered(other for other in chosen if other != key):
            del chosen[key]
    return tuple(
        ChosenPackage(
            database.packages[key].name,
            wanted_version(database.packages[key].version, manager),
            f"{why}; {_reason(wanted[key])}",
            _foreign(database, key),
        )
        for key, why in sorted(chosen.items())
    )


def chosen_by_use(
    members: Iterable[Workload], host: HostFacts, manager: Manager, local: frozenset[str]
) -> tuple[ChosenPackage, ...]:
    """The packages that own what the processes run and load, by name. Libraries come with what needs them."""
    known = _known(host)
    found: dict[str, str] = {}
    for path, why in _used(members, host):
        name = host.package_owners.owner_of(path)
        if name is None or name not in known or name in local or boots_a_machine(name) or _LIBRARY.fullmatch(path):
            continue
        if name in data_table("rebuild")["in_every_base"]:
            continue
        found.setdefault(name, f"owns {path}, which {why}")
    return tuple(
        ChosenPackage(name, wanted_version(known[name].version, manager), found[name]) for name in sorted(found)
    )


def argument(package: ChosenPackage, manager: Manager) -> str:
    """The argument for a package manager; "" for a name, a version or an architecture that no package has."""
    if not NAME.fullmatch(package.name) or (package.version and not _VERSION.fullmatch(package.version)):
        return ""
    if package.architecture and not _ARCHITECTURE.fullmatch(package.architecture):
        return ""
    if not package.version:
        return package.name
    if manager in ("dnf", "yum"):
        return f"{package.name}-{package.version}"
    architecture = f":{package.architecture}" if package.architecture and manager == "apt" else ""
    return f"{package.name}{architecture}={package.version}"


def wanted_version(version: str, manager: Manager) -> str:
    """A version without what its package manager does not take on its command line: rpm's epoch."""
    return version.partition(":")[2] or version if manager in ("dnf", "yum", "zypper") else version


def _known(host: HostFacts) -> Mapping[str, Package]:
    packages = value_or_none(host.snapshot.packages)
    return {each.name: each for each in (packages.packages if packages else ())}


def _used_directly(file_set: FileSet, key: str) -> bool:
    clauses = (file_set.packages[key], *file_set.also_packages.get(key, ()))
    return any(not _DEPENDENCY.fullmatch(clause) for clause in clauses)


class _Brings:
    """Packages that a manager installs along with a package by default: the first of alternatives."""

    def __init__(self, database: PackageDatabase) -> None:
        self._database = database
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, key: str) -> tuple[str, ...]:
        """The packages that come with one package."""
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(self._found(key)))
        return self._known[key]

    def covered(self, chosen: Iterable[str]) -> set[str]:
        """These packages with everything that comes with them."""
        found: set[str] = set()
        todo = list(chosen)
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                todo.extend(self.of(key))
        return found

    def _found(self, key: str) -> Iterator[str]:
        """Packages of rpm and apk ask for libraries and files, which others provide."""
        package = self._database.packages[key]
        for dependency in package.depends:
            if self._database.manager != "dpkg":
                yield from self._database.meets(dependency[:1], package.architecture)[:1]
                continue
            name, suffix = dependency[0]
            other = self._database.find(name, suffix if suffix not in ("", "any") else package.architecture)
            if other is not None:
                yield other


def _foreign(database: PackageDatabase, key: str) -> str:
    architecture = database.packages[key].architecture
    return "" if architecture in (database.native_architecture, "all", "") else architecture


def _reason(clause: str) -> str:
    match = _DEPENDENCY.fullmatch(clause)
    if match:
        return f"it is what {match[1]} depends on"
    if clause.startswith("whose "):
        return f"its {clause.removeprefix('whose ')}"
    return f"it {clause.removeprefix('which ')}"


def _used(members: Iterable[Workload], host: HostFacts) -> Iterator[tuple[str, str]]:
    for member in members:
        for process in member.all_processes:
            if process.executable:
                yield process.executable, "runs"
        if member.service is not None and (fragment := member.service.property("FragmentPath")):
            yield fragment, f"starts {member.name}"
        for process in member.all_processes:
            for mapped in host.mapped_by_pid.get(process.pid, ()):
                yield mapped.path, f"is loaded by {process.name}"
