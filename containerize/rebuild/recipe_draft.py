"""The draft of a recipe from the host alone, before base and packages are known."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from assess.knowledge.capabilities import NAMES
from containerize.closure.file_set import FileSet
from containerize.closure.package_publishers import from_no_repository
from containerize.host.file_capabilities import ATTRIBUTE
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebuild.account_commands import accounts_of, groups_of
from containerize.rebuild.base_images import Base
from containerize.rebuild.host_changes import (
    missing_files,
    not_of_packages,
    own_links,
    owners_above,
    planned_directories,
    taken_files,
)
from containerize.rebuild.host_records import record_paths
from containerize.rebuild.package_choice import chosen_by_dependencies, chosen_by_use
from containerize.rebuild.package_tools import LOCALE_ARCHIVE, locale_commands
from containerize.rebuild.recipe import Because, ChosenPackage, Recipe

MOST_REMOVALS = 2000
"""A host from which more is missing was cleaned by a program, and not by a person who chose single files."""

_STATIC_IDS = 100
"""Below this Debian's numbers are the same everywhere (base-passwd)."""

_DATABASE = {"apt": "dpkg", "dnf": "rpm", "yum": "rpm", "zypper": "rpm", "apk": "apk"}
"""Whose database names the packages that a tool installs."""

_SETCAP = {"apt": "libcap2-bin", "dnf": "libcap", "yum": "libcap", "zypper": "libcap-progs", "apk": "libcap"}

_CERTIFICATES = (
    (("/usr/local/share/ca-certificates/", "/etc/ca-certificates.conf"), "update-ca-certificates"),
    (("/etc/pki/ca-trust/source/",), "update-ca-trust"),
)


def take_content(gathered: CollectedWorkload) -> None:
    """Fetch the files that no package brings, and look for secrets in them. Raises HostError and WorkspaceError."""
    gathered.reader.fetch_these(_paths(gathered) | record_paths(gathered.file_set))


def draft(gathered: CollectedWorkload, plan: ImagePlan, base: Base) -> Recipe:
    """The recipe before it was held against an image. ``plan`` is that of the host, made after ``take_content``."""
    file_set, host = gathered.file_set, gathered.request.host
    local = from_no_repository(host)
    if file_set.database.manager == _DATABASE[base.manager]:
        packages = chosen_by_dependencies(file_set, host, local, base.manager)
    else:
        packages = chosen_by_use(gathered.members, host, base.manager, local)
    files = taken_files(plan, _paths(gathered))
    archived = base.manager == "apt" and any(file.path == LOCALE_ARCHIVE for file in files)
    if locales := locale_commands(plan.start.environment) if archived else ():
        files = tuple(file for file in files if file.path != LOCALE_ARCHIVE)
        packages = with_locales(packages, file_set)
    links = own_links(plan, file_set)
    service_uids = frozenset(process.uid for process in gathered.live)
    directories = _directories(plan, files, links, service_uids)
    uids = {file.uid for file in (*files, *links, *directories)} | service_uids
    gids = {file.gid for file in (*files, *links, *directories)} | set(plan.start.groups)
    if plan.start.command:
        gids |= {gid for process in gathered.live if process.uid for gid in process.groups}
    for places in (plan.volumes, plan.run_directories, plan.secrets):
        uids |= {each.uid for each in places}
        gids |= {each.gid for each in places}
    least = _STATIC_IDS if base.manager == "apt" else 1
    accounts = accounts_of(gathered.files.passwd, uids)
    groups = groups_of(gathered.files.group, gids, accounts)
    capabilities = capabilities_of(files)
    missing = tuple(missing_files(file_set))
    notes = list(_notes(plan, base, local, gathered))
    if len(missing) > MOST_REMOVALS:
        notes.append(f"{len(missing)} files of packages are missing on the host; they are there in the image")
        missing = ()
    removals = [
        *missing,
        *(
            Because(each.path, "the host's own, which holds a secret, is mounted in its place when a container runs")
            for each in plan.secrets
        ),
    ]
    removals += [Because(path, "is left out because of --without") for path in file_set.depended]
    return Recipe(
        base=base,
        packages=with_setcap(packages, capabilities, base),
        accounts=tuple(each for each in accounts if each.uid >= least),
        groups=tuple(each for each in groups if each.gid >= least or each.members),
        emptied=tuple(Because(each.path, each.reason) for each in plan.volumes),
        removals=tuple(removals),
        links=links,
        directories=directories,
        files=files,
        modes=tuple(file for file in files if unusual(file)),
        capabilities=capabilities,
        commands=locales,
        notes=tuple(notes),
    )


def unusual(file: PlannedFile) -> bool:
    """Whether a file's mode is one that a context does not keep: special bits, or nothing that its owner may do."""
    return bool(file.mode & 0o7000) or file.mode & 0o600 != 0o600


def capabilities_of(files: Iterable[PlannedFile]) -> tuple[tuple[str, str], ...]:
    """(path, text) of the files that have capabilities."""
    found = []
    for file in files:
        for name, value in file.xattrs:
            if name == ATTRIBUTE and (text := capability_text(value)):
                found.append((file.path, text))
    return tuple(found)


def capability_text(value: bytes) -> str:
    """vfs_cap_data of the kernel as setcap takes it (``cap_net_raw=ep``); "" for what it is not."""
    if len(value) < 20:
        return ""
    magic, permitted, inheritable, permitted_high, inheritable_high = struct.unpack("<IIIII", value[:20])
    permitted |= permitted_high << 32
    inheritable |= inheritable_high << 32
    effective = "e" if magic & 1 else ""
    clauses = []
    for number, name in enumerate(NAMES):
        flags = ("p" if permitted >> number & 1 else "") + ("i" if inheritable >> number & 1 else "")
        if flags:
            clauses.append((f"cap_{name.lower()}", effective + flags))
    by_flags: dict[str, list[str]] = {}
    for name, flags in clauses:
        by_flags.setdefault(flags, []).append(name)
    return " ".join(f"{','.join(names)}={flags}" for flags, names in by_flags.items())


def with_setcap(
    packages: tuple[ChosenPackage, ...], capabilities: Sequence[tuple[str, str]], base: Base
) -> tuple[ChosenPackage, ...]:
    """The packages, and the one that has setcap when it is needed."""
    name = _SETCAP[base.manager]
    if not capabilities or any(each.name == name for each in packages):
        return packages
    return (*packages, ChosenPackage(name, "", "has setcap, which gives programs their capabilities"))


def with_locales(packages: tuple[ChosenPackage, ...], file_set: FileSet) -> tuple[ChosenPackage, ...]:
    """The packages, and the one that generates locales, in the host's version where the host has it."""
    if any(each.name == "locales" for each in packages):
        return packages
    key = file_set.database.find("locales")
    version = file_set.database.packages[key].version if key is not None else ""
    return (*packages, ChosenPackage("locales", version, "generates the language of the service"))


def commands_of(files: Sequence[PlannedFile]) -> tuple[tuple[str, str], ...]:
    """Commands to run once these files are present."""
    found = []
    for places, command in _CERTIFICATES:
        if any(file.path.startswith(places) for file in files):
            found.append((command, "takes the host's own certificates in"))
    if any(file.path.startswith("/etc/ld.so.conf") or ".so" in file.path.rpartition("/")[2] for file in files):
        found.append(("ldconfig", "lets the loader know the libraries that were copied"))
    return tuple(found)


def _paths(gathered: CollectedWorkload) -> frozenset[str]:
    host = gathered.request.host
    return not_of_packages(gathered.file_set, gathered.reader.hashes, host, from_no_repository(host))


def _directories(
    plan: ImagePlan, files: Iterable[PlannedFile], links: Iterable[PlannedFile], service_uids: frozenset[int]
) -> tuple[PlannedFile, ...]:
    """Those of no package, and those above what is copied or linked."""
    above = owners_above((*files, *links))
    return tuple(
        file for file in planned_directories(plan, service_uids) if file.layer == "application" or file.path in above
    )


def _notes(plan: ImagePlan, base: Base, local: frozenset[str], gathered: CollectedWorkload) -> Iterable[str]:
    if base.archive:
        yield f"{plan.distribution} has reached end of life: its packages come from {base.archive}, without updates"
    if base.expired_keys:
        yield "the keys that signed this release may have expired: signatures are verified, expiry alone is ignored"
    if base.remark:
        yield base.remark
    inside = {gathered.file_set.database.packages[key].name for key in gathered.file_set.packages}
    if ours := sorted(local & inside):
        yield f"no repository has {', '.join(ours)}: the files are copied from the host"
    if any(name.startswith("system.posix_acl") for file in plan.files for name, _ in file.xattrs):
        yield "access lists of files are not made again"
