"""Differences between a host and its packages: files to copy, links to make, paths to remove."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from assess.subjects.host_facts import HostFacts
from containerize.closure.file_set import FileSet
from containerize.closure.path_rules import below_any
from containerize.data_tables import data_table
from containerize.image.package_records import is_record
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.plan.planned_files import FileHashes, as_shipped
from containerize.rebuild.recipe import Because
from inventory.observation import value_or_none

_TRIMMED = ("/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/locale", "/usr/share/lintian")
"""What public images leave out themselves."""

MERGED = frozenset(("bin", "sbin", "lib", "lib32", "lib64", "libx32"))
"""Directories at the top that are links into /usr on some systems, and are not on others of the same release."""

_HOME = "is the home directory of "


@cache
def _patterns(name: str) -> tuple[str, ...]:
    return tuple(data_table("rebuild")[name])


def made_again(path: str, *, link: bool = False) -> bool:
    """Whether the programs of packages make a path when they are installed."""
    patterns = (*_patterns("made_again"), *_patterns("links_made_again")) if link else _patterns("made_again")
    return is_record(path) or any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def not_of_packages(file_set: FileSet, hashes: FileHashes, host: HostFacts, local: frozenset[str]) -> frozenset[str]:
    """Collected files that no package brings as they are: changed ones, and unowned ones.

    dpkg's database describes each file. Where it is another one, the scan does: of the files that differ, and of those
    in places where workloads keep theirs. ``local`` are packages that cannot be installed, so that their files come.
    """
    paths = (path for path in file_set.claims if (entry := file_set.tree.get(path)) and entry.kind == "f")
    if file_set.database.manager == "dpkg":
        packages = file_set.database.packages

        def brought(path: str) -> bool:
            owner = file_set.ownership.owner(path)
            if owner is not None and packages[owner].name in local:
                return False
            return as_shipped(file_set, path, hashes)

    else:
        changed = value_or_none(host.snapshot.changed_files)
        unmanaged = value_or_none(host.snapshot.unmanaged_files)
        named = {each.path for each in (changed.files if changed else ())}
        named |= {each.path for each in (unmanaged.files if unmanaged else ())}
        roots = unmanaged.roots if unmanaged else ()

        def brought(path: str) -> bool:
            if path in named:
                return False
            # Without a search for unowned files, an application's own files must not be missed.
            return bool(roots) or not below_any(path, ("/opt", "/srv", "/usr/local", "/var/www", "/etc"))

    return frozenset(path for path in paths if not made_again(path) and not brought(path))


def taken_files(plan: ImagePlan, paths: frozenset[str]) -> tuple[PlannedFile, ...]:
    """The files of the plan among ``paths``, each with its own content: a context has no hard links."""
    by_path = {file.path: file for file in plan.files}
    found = []
    for file in plan.files:
        if file.path not in paths or file.kind not in ("file", "hardlink"):
            continue
        first = by_path[file.link] if file.kind == "hardlink" else file
        found.append(replace(file, kind="file", digest=first.digest, size=first.size, link=""))
    return tuple(found)


def twin(path: str) -> str:
    """The same path where /bin is a link into /usr, or where it is none; "" for a path that has no other."""
    parts = path.split("/")
    if len(parts) > 3 and parts[1] == "usr" and parts[2] in MERGED:
        return "/" + "/".join(parts[2:])
    return f"/usr{path}" if len(parts) > 2 and parts[1] in MERGED else ""


def only_merges(link: PlannedFile) -> bool:
    """Whether a link only joins /bin and /usr/bin, which the base has in its own way: /bin, and /usr/bin/touch where it
    leads to /bin/touch.
    """
    target = posixpath.normpath(posixpath.join(link.path.rpartition("/")[0] or "/", link.link))
    return link.path[1:] in MERGED or twin(link.path) == target


_APPLETS = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin"})


def _is_applet(link: PlannedFile, file_set: FileSet) -> bool:
    """Whether a link is a name of busybox that its package makes when it is installed (``busybox --install -s``), as
    Alpine's does. That of others makes none, so that a person made the link.
    """
    if file_set.database.manager != "apk" or posixpath.dirname(link.path) not in _APPLETS:
        return False
    found = file_set.tree.resolve(link.path)
    return found is not None and found.path.endswith("/busybox") and file_set.ownership.owner(found.path) is not None


def own_links(plan: ImagePlan, file_set: FileSet) -> tuple[PlannedFile, ...]:
    """Symbolic links of the plan that no package owns."""
    return tuple(
        file
        for file in plan.files
        if file.kind == "symlink"
        and file_set.ownership.owner(file.path) is None
        and not made_again(file.path, link=True)
        and not only_merges(file)
        and not _is_applet(file, file_set)
    )


def planned_directories(plan: ImagePlan, service_uids: frozenset[int]) -> Iterator[PlannedFile]:
    """Directories of the plan that may matter: not those of the kernel, nor homes of people who run nothing here."""
    for file in plan.files:
        if file.kind != "directory" or file.path == "/" or made_again(file.path):
            continue
        if file.path in ("/dev", "/proc", "/sys") or below_any(file.path, _TRIMMED):
            continue
        if file.reason.startswith(_HOME) and file.uid not in service_uids:
            continue
        yield file


def missing_files(file_set: FileSet) -> Iterator[Because]:
    """Paths that packages of the image bring and that are not on the host, the topmost of each."""
    found: dict[str, str] = {}
    for key in file_set.packages:
        package = file_set.database.packages[key]
        for path in package.files:
            if path in package.not_brought:
                continue
            place = file_set.database.place(key, path)
            if below_any(place, _TRIMMED) or below_any(place, file_set.tree.pruned) or made_again(place):
                continue
            real = file_set.ownership.canonical(place)
            if real is None or (real not in file_set.tree and not below_any(real, file_set.tree.pruned)):
                what = "a configuration file" if path in package.conffiles else "a file"
                found.setdefault(real or place, f"{what} of {package.name} that the host does not have")
    for path in topmost(found):
        yield Because(path, found[path])


def topmost(paths: Iterable[str]) -> list[str]:
    """The paths that lie below no other of them, sorted."""
    found: list[str] = []
    for path in sorted(paths, key=lambda each: each.split("/")):
        if not found or not path.startswith(found[-1] + "/"):
            found.append(path)
    return found


def owners_above(files: Iterable[PlannedFile]) -> dict[str, set[tuple[int, int]]]:
    """Every directory above these, with the owners (uid, gid) of what lies anywhere below it."""
    found: dict[str, set[tuple[int, int]]] = {}
    for file in files:
        above = file.path.rpartition("/")[0]
        while above:
            found.setdefault(above, set()).add((file.uid, file.gid))
            above = above.rpartition("/")[0]
    return found


def below_pattern(path: str) -> bool:
    """Whether a directory is one in which base images have their own, or lies in such a one."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]
    return any(fnmatch.fnmatchcase(each, pattern) for each in above for pattern in _patterns("never_compared"))


def is_compared(path: str, planned: frozenset[str]) -> bool:
    """Whether the image is to hold nothing in this directory that the host lacks. ``planned`` are the directories of
    the plan.
    """
    if below_any(path, _patterns("compared")):
        return True
    return path in planned and path.startswith("/etc/") and not below_pattern(path)
