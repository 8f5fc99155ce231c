"""The built image and the newer root file system, read the same way: listing, packages, owners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from containerize.closure.package_ownership import PackageOwnership
from containerize.content_store import ContentStore
from containerize.host import dpkg_database
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.installed_packages import PackageDatabase
from containerize.image.package_lists import STATUS
from containerize.image.package_records import DATABASE, INFO
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebase.errors import RebaseError
from containerize.rebase.root_files import RootFiles

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class PackagedRoot:
    """One of the two. ``fields`` and ``raw`` are the paragraphs of the status file by key of ``database``."""

    tree: HostTree
    read: Read
    database: PackageDatabase
    ownership: PackageOwnership
    fields: Mapping[str, Mapping[str, str]]
    raw: Mapping[str, str]

    @property
    def release(self) -> tuple[str, str]:
        """ID and VERSION_ID of os-release(5); "" where it says nothing. Rolling releases have no VERSION_ID."""
        text = (self.read("/etc/os-release") or self.read("/usr/lib/os-release")).decode("utf-8", "replace")
        rows = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        name, version = (rows.get(key, "").strip("\"' ") for key in ("ID", "VERSION_ID"))
        return name, version

    def stem(self, key: str) -> str:
        """The prefix of a package's records: its name, with the architecture where there may be two."""
        package = self.database.packages[key]
        qualified = f"{package.name}:{package.architecture}"
        return qualified if f"{INFO}{qualified}.list" in self.tree else package.name

    def records(self, key: str) -> dict[str, str]:
        """Kind (``list``, ``postinst``) to path, of what the database has of a package next to the status file."""
        start = f"{INFO}{self.stem(key)}."
        return {
            path.removeprefix(start): path
            for path in self.tree.children(INFO.rstrip("/"))
            if path.startswith(start) and "." not in path.removeprefix(start)
        }


def packaged_image(plan: ImagePlan, content: ContentStore) -> PackagedRoot:
    """The image of a plan. Raises RebaseError where it has no package database of dpkg, and ContentMismatch."""
    rows = {file.path: file for file in plan.files}
    tree = HostTree({path: _entry(file, rows) for path, file in rows.items()})

    def read(path: str) -> bytes:
        found = tree.resolve(path)
        file = rows.get(found.path) if found else None
        file = rows.get(file.link) if file is not None and file.kind == "hardlink" else file
        return content.read(file.digest) if file is not None and file.digest else b""

    side = _side(tree, read)
    if not side.database.packages:
        raise RebaseError(
            f"{plan.workload} contains no dpkg database, so newer packages cannot be determined; build it"
            " again from the host"
        )
    return side


def packaged_root(root: RootFiles) -> PackagedRoot:
    """The newer root file system. Raises RebaseError where it has no package database of dpkg."""
    side = _side(root.tree, root.read)
    if not side.database.packages:
        raise RebaseError(
            f"{root.name} has no {STATUS} that lists packages; --from takes a whole root file system of Debian or"
            " Ubuntu"
        )
    return side


def _entry(file: PlannedFile, rows: Mapping[str, PlannedFile]) -> FileEntry:
    kind = {"file": "f", "hardlink": "f", "directory": "d", "symlink": "l"}[file.kind]
    size = rows[file.link].size if file.kind == "hardlink" and file.link in rows else file.size
    return FileEntry(kind, file.mode, file.uid, file.gid, size, file.mtime, -1, "", file.link if kind == "l" else "")


def _side(tree: HostTree, read: Read) -> PackagedRoot:
    status = read(STATUS)
    answers = {
        "dpkg.status": status,
        "dpkg.lists": _lines(tree, read, ".list"),
        "dpkg.md5sums": _lines(tree, read, ".md5sums"),
        "dpkg.diversions": read(f"{DATABASE}diversions"),
        "dpkg.architecture": (read(f"{DATABASE}arch") or b"").split(b"\n")[0],
    }
    database = dpkg_database.read(answers)
    fields, raw = {}, {}
    paragraphs = {
        (name, architecture): text
        for name, architecture, text in dpkg_database.raw_stanzas(status.decode("utf-8", "surrogateescape"))
    }
    for key, package in database.packages.items():
        raw[key] = paragraphs[package.name, package.architecture]
        fields[key] = next(dpkg_database.stanzas(raw[key]))
    return PackagedRoot(tree, read, database, PackageOwnership(tree, database), fields, raw)


def _lines(tree: HostTree, read: Read, suffix: str) -> bytes:
    """The lines of all records of one kind, each behind the name of its file, as ``grep -H`` prints them."""
    found = []
    for path in tree.children(INFO.rstrip("/")):
        if path.endswith(suffix):
            name = f"./{path.rpartition('/')[2]}:".encode("utf-8", "surrogateescape")
            found += [name + line for line in read(path).split(b"\n") if line]
    return b"\n".join(found)
