"""The plan of an image that holds only the files that a pilot opened.

The kernel reports what was opened, and not what a program only asked about (stat), as scripts do before they use a
file, or followed (a link). So small files stay that are next to an opened one, files that a script names which was run,
links with what they lead to, and sources with their bytecode. Where that is not enough, whole packages stay of which
something was opened.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from containerize.build.explain_path import owner_of
from containerize.build.traced.package_database import owners
from containerize.build.traced.retained_files import retained_because
from containerize.closure import elf_libraries
from containerize.closure.path_rules import shared_directories
from containerize.image.package_records import INFO, is_record
from containerize.plan.model import ImagePlan, LeftOutGroup, PlannedFile

_MAX_LINKS = 40

BESIDE_LIMIT = 256 << 10
"""Bytes up to which a file stays next to an opened one."""

SCRIPT_LIMIT = 1 << 20
"""No script is longer; more is data."""

_WORD = re.compile(rb"[\w.+-]{4,}")

Breadth = Literal["opened", "packages"]
"""Whether the files that were opened stay, or also all others of their packages."""

Reader = Callable[[PlannedFile], bytes]
"""The content of a file of the plan."""


def observed_plan(
    plan: ImagePlan, opened: Iterable[str], day: str, read: Reader, breadth: Breadth = "opened"
) -> ImagePlan:
    """``opened`` are real paths; ``day`` is when, for the reasons (``2026-11-28``)."""
    reduction = _Reduction(plan, frozenset(opened), day, read, breadth)
    kept = reduction.keep()
    owner = reduction.owner
    files = tuple(
        replace(file, reason=f"{kept[file.path]}; {file.reason}" if kept[file.path] else file.reason)
        for file in plan.files
        if file.path in kept
    )
    inside = {owner(file) for file in files if file.kind in ("file", "hardlink")}
    return replace(
        plan,
        files=files,
        level="observed",
        groups=(*plan.groups, *_groups(plan, kept, day, owner)),
        packages=tuple(package for package in plan.packages if package.name in inside),
    )


def stems_of(plan: ImagePlan, smaller: ImagePlan, read: Reader) -> frozenset[str]:
    """The packages (as their database names its records) of which the smaller plan still has a file."""
    reduction = _Reduction(plan, frozenset(), "", read, "opened")
    return frozenset(
        stem for file in smaller.files if file.kind in ("file", "hardlink") and (stem := reduction.stem(file))
    )


class _Reduction:
    def __init__(self, plan: ImagePlan, opened: frozenset[str], day: str, read: Reader, breadth: Breadth) -> None:
        self._opened = opened
        self._breadth = breadth
        self._seen = f"opened in the pilot of {day}"
        self._read = read
        self._by_path = {file.path: file for file in plan.files}
        self._libraries: dict[str, list[str]] = {}
        for file in plan.files:
            name = posixpath.basename(file.path)
            if ".so" in name:
                self._libraries.setdefault(name, []).append(file.path)
        self._kept: dict[str, str] = {}
        self.owners = owners(plan, read, self._real)

    def owner(self, file: PlannedFile) -> str:
        """The name of the package that a file belongs to, or is a record of; "" for none."""
        if is_record(file.path):
            return file.path.removeprefix(INFO).rpartition(".")[0].partition(":")[0]
        return self.owners.get(file.path, "").partition(":")[0] or owner_of(file)

    def stem(self, file: PlannedFile) -> str:
        """The name by which the package list refers to the owner of a file; "" for none. Only dpkg's records
        distinguish architectures.
        """
        return self.owners.get(file.path, "") if self.owners else owner_of(file)

    def keep(self) -> Mapping[str, str]:
        """Path to why it stays, "" for what only goes along with another."""
        for file in self._by_path.values():
            if file.kind not in ("file", "hardlink"):
                continue
            if file.path in self._opened:
                self._take(file.path, self._seen)
            elif why := retained_because(file):
                self._take(file.path, why)
                self._libraries_of(file)
        self._beside()
        self._named_by_scripts()
        if self._breadth == "packages":
            self._packages()
        self._sources()
        self._names()
        self._records()
        self._links()
        self._directories()
        return self._kept

    def _take(self, path: str, why: str) -> None:
        if path in self._by_path:
            self._kept.setdefault(path, why)

    def _libraries_of(self, file: PlannedFile) -> None:
        """The libraries of a program that was not started were not loaded."""
        todo = [file]
        while todo:
            file = todo.pop()
            target = self._by_path.get(file.link, file) if file.kind == "hardlink" else file
            if not (target.mode & 0o111 or ".so" in target.path) or not target.digest:
                continue
            needs = elf_libraries.needs_of(self._read(target))
            if needs is None:
                continue
            for name in (*needs.libraries, needs.interpreter):
                for place in self._libraries.get(posixpath.basename(name), ()):
                    real = self._real(place)
                    if real in self._by_path and real not in self._kept and real not in self._opened:
                        self._take(real, f"is a library that {file.path} needs")
                        todo.append(self._by_path[real])

    def _beside(self) -> None:
        """Small files in a directory of one purpose, of which another file was opened."""
        places = {posixpath.dirname(path) for path in self._opened if path in self._by_path and not _is_program(path)}
        for file in self._by_path.values():
            directory = posixpath.dirname(file.path)
            if (
                file.kind == "file"
                and file.size <= BESIDE_LIMIT
                and directory in places
                and directory not in shared_directories()
                and not _is_program(file.path)
                and not file.mode & 0o111
            ):
                self._take(
                    file.path, f"is next to a file that was {self._seen}; programs may check for it without opening it"
                )

    def _named_by_scripts(self) -> None:
        """Files that an executed script names in its own package: it checks for some before it uses others."""
        by_owner: dict[str, dict[bytes, list[str]]] = {}
        for path in sorted(self._opened):
            script = self._by_path.get(path)
            if script is None or not script.digest or not 0 < script.size <= SCRIPT_LIMIT or _is_library(path):
                continue
            owner = self.owner(script)
            content = self._read(script) if owner else b""
            if not content.startswith(b"#!"):
                continue
            names = by_owner.get(owner)
            if names is None:
                names = by_owner[owner] = {}
                for file in self._by_path.values():
                    if file.kind == "file" and self.owner(file) == owner:
                        names.setdefault(os.fsencode(posixpath.basename(file.path)), []).append(file.path)
            for word in set(_WORD.findall(content)) & names.keys():
                for named in names[word]:
                    self._take(named, f"is named in {path}, which was {self._seen}")
                    self._libraries_of(self._by_path[named])

    def _packages(self) -> None:
        """Everything of the packages of which a file was opened, but for the libraries that all systems have."""
        used = {
            self.owner(file) for path in self._opened if (file := self._by_path.get(path)) and file.kind != "directory"
        }
        for file in self._by_path.values():
            new = file.kind in ("file", "hardlink") and file.path not in self._kept
            if new and self.owner(file) in used - {""}:
                self._take(file.path, f"belongs to a package of which a file was {self._seen}")
                self._libraries_of(file)

    def _sources(self) -> None:
        """Python takes a module only where its source is, which it does not open when the bytecode is fresh."""
        for path in [path for path in self._kept if path.endswith((".pyc", ".pyo"))]:
            directory, name = posixpath.split(path)
            if posixpath.basename(directory) == "__pycache__":
                source = f"{posixpath.dirname(directory)}/{name.partition('.')[0]}.py"
                self._take(source, f"is the source of {path}")

    def _records(self) -> None:
        """The lists of files of the packages of which something is left."""
        for stem in {stem for path in self._kept if (stem := self.owners.get(path)) is not None}:
            self._take(f"{INFO}{stem}.list", "is the package database's list of a package of which something is inside")

    def _names(self) -> None:
        """A hard link is nothing without the name that has the content."""
        for file in self._by_path.values():
            if file.kind == "hardlink":
                if file.path in self._kept:
                    self._take(file.link, self._kept[file.path])
                elif file.link in self._kept:
                    self._take(file.path, "is another name of what stays")

    def _links(self) -> None:
        """Links that lead to what stays, or out of the image (to a volume, to /run)."""
        for file in self._by_path.values():
            if file.kind == "symlink":
                target = self._by_path.get(self._real(file.path))
                if target is None or target.kind == "directory" or target.path in self._kept:
                    self._take(file.path, "")

    def _directories(self) -> None:
        """Directories above what stays, those that were listed, and those that were empty: programs fill them."""
        filled: set[str] = set()
        for file in self._by_path.values():
            if file.kind != "directory":
                filled.update(_above(file.path))
        wanted = {above for path in self._kept for above in _above(path)}
        for file in self._by_path.values():
            if file.kind != "directory":
                continue
            if file.path in self._opened:
                self._take(file.path, self._seen)
            elif file.path in wanted or file.path not in filled or file.layer == "application":
                self._take(file.path, "")
        for path in list(self._kept):
            for above in _above(path):
                self._take(above, "")

    def _real(self, path: str) -> str:
        """A path of the image with all links followed; a path outside the image is returned unchanged."""
        for _ in range(_MAX_LINKS):
            parts = path.split("/")
            for depth in range(2, len(parts) + 1):
                at = "/".join(parts[:depth])
                file = self._by_path.get(at)
                if file is not None and file.kind == "symlink":
                    target = posixpath.normpath(posixpath.join(posixpath.dirname(at), file.link))
                    path = posixpath.normpath("/".join([target, *parts[depth:]]))
                    break
            else:
                return path
        return path


def _is_library(path: str) -> bool:
    return ".so" in posixpath.basename(path)


def _is_program(path: str) -> bool:
    """Whether a path is a program or a library by its name: those are taken one by one."""
    return _is_library(path) or posixpath.basename(posixpath.dirname(path)) in ("bin", "sbin")


def _above(path: str) -> Iterable[str]:
    at = path.rpartition("/")[0]
    while at:
        yield at
        at = at.rpartition("/")[0]


def _groups(
    plan: ImagePlan, kept: Mapping[str, str], day: str, owner: Callable[[PlannedFile], str]
) -> Iterable[LeftOutGroup]:
    """The files left out, grouped by package."""
    gone: dict[str, list[PlannedFile]] = {}
    stays: set[str] = set()
    for file in plan.files:
        if file.kind != "directory":
            name = owner(file)
            if file.path in kept:
                stays.add(name)
            else:
                gone.setdefault(name, []).append(file)
    for name in sorted(gone):
        files = gone[name]
        what = "these files were not" if name in stays or not name else "nothing of it was"
        yield LeftOutGroup(
            f"package {name}" if name else "files without a package",
            f"{what} opened in the pilot of {day}",
            sum(file.size for file in files),
            tuple(file.path for file in files),
        )
