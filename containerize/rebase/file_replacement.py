"""The files that one newer package replaces, adds and removes in an image."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from containerize.closure import path_rules
from containerize.closure.elf_libraries import MAGIC
from containerize.content_store import ContentStore
from containerize.image.package_records import INFO
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebase.packaged_roots import PackagedRoot
from containerize.rebase.shared_objects import NOTHING, ElfLinks, linked

Chunks = Callable[[str], Iterator[bytes]]
"""The content of a file of the newer root file system by its real path."""

_TEXTS = ("/usr/share",)
"""What a slim root file system may lack of a package without being another version of it."""


@dataclass
class Replacement:
    """The effect of one package on the image. ``files`` are its new rows by path; ``gone`` are paths that it no longer
    has; ``stays`` are paths that it would have replaced, with the reason why they stay.
    """

    key: str
    newer_key: str
    files: dict[str, PlannedFile] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    stays: dict[str, str] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    sonames: frozenset[str] = frozenset()
    """What its libraries are called in the newer version."""
    needed: Mapping[str, str] = field(default_factory=dict)
    """Library that a file of the newer version needs, and of which the older did not: name to the path of the file."""
    obstacle: str = ""
    """Why this package cannot be replaced, "" when it can."""


class Replacer:
    """Makes replacements for one image and one newer root file system. Content goes into the store."""

    def __init__(
        self, plan: ImagePlan, image: PackagedRoot, newer: PackagedRoot, content: ContentStore, chunks: Chunks
    ) -> None:
        self._rows = {file.path: file for file in plan.files}
        self._image, self._newer = image, newer
        self._content, self._chunks = content, chunks
        self._outside = {each.path: "holds a secret, which is mounted at run time" for each in plan.secrets}
        self._outside |= {each.path: "is left out of this image" for each in plan.left_out}
        self._outside |= {path: "is left out of this image" for group in plan.groups for path in group.paths}
        self._volumes = tuple(volume.path for volume in plan.volumes)
        self._known: dict[str, dict[str, bool]] = {}
        self._libraries: dict[str, ElfLinks] = {}
        self._is_observed = plan.level == "observed"

    def replace(self, key: str, newer_key: str) -> Replacement:
        """Return the effect of the newer package. Raises WorkspaceError on a full disk."""
        done = Replacement(key, newer_key)
        package, newer = self._image.database.packages[key], self._newer.database.packages[newer_key]
        there = {named: real for real, named in self._newer.ownership.files(newer_key)}
        old = {named: real for real, named in self._image.ownership.files(key)}
        conffiles = package.conffiles | newer.conffiles
        listed = set(newer.files)
        for named, real in sorted(old.items()):
            row = self._rows[real]
            if row.kind == "directory":
                continue
            if named in conffiles:
                if named in newer.checksums and newer.checksums[named] != package.checksums.get(named):
                    done.stays[real] = "is a setting; the newer version brings another one, and the host's stays"
            elif row.layer == "application":
                done.stays[real] = "was changed on the host, and stays as it is there"
            elif named in there:
                self._take(done, there[named], real, row, row.reason, named)
            elif named not in listed:
                done.gone.add(real)
            elif not path_rules.below_any(named, _TEXTS):
                done.obstacle = f"{named}, which belongs to it, is missing in the newer root file system"
        for named, source in sorted(there.items()):
            if named not in package.files:
                self._add(done, named, source, newer.name)
        self._records(done)
        self._link_hard(done, there)
        self._look_at_libraries(done)
        return done

    def _add(self, done: Replacement, named: str, source: str, name: str) -> None:
        """A path that the older version did not have: it comes along where the image has others of its directory."""
        real = self._image.ownership.canonical(self._image.database.place(done.key, named))
        if real is None:
            real = source
        entry = self._newer.tree.get(source)
        if entry is None or entry.kind not in "fl" or not self._wants(done.key, named):
            return
        if why := path_rules.below_any(real, self._outside) or path_rules.below_any(real, self._volumes):
            done.stays[real] = self._outside.get(why, "is in a volume")
            return
        known = self._rows.get(real)
        if known is not None and known.layer == "application":
            done.stays[real] = "is the host's own, and stays"
            return
        self._take(done, source, real, known, f"belongs to {name}, whose newer version brought it", named)
        done.added.add(real)

    def _wants(self, key: str, named: str) -> bool:
        """Whether the image has anything of this package next to it, or else above: what a level left out stays out."""
        if path_rules.left_out(named):
            return False
        directory = named
        siblings = self._siblings(key)
        while (directory := posixpath.dirname(directory)) not in ("/", ""):
            if directory in siblings:
                return siblings[directory]
        return True

    def _siblings(self, key: str) -> dict[str, bool]:
        """Directory to whether a file of the package in it is in the image."""
        if key in self._known:
            return self._known[key]
        inside = {named for _, named in self._image.ownership.files(key)}
        found: dict[str, bool] = {}
        directories = {posixpath.dirname(path) for path in self._image.database.packages[key].files}
        for path in self._image.database.packages[key].files:
            if path not in directories:
                directory = posixpath.dirname(path)
                found[directory] = found.get(directory, False) or path in inside
        self._known[key] = found
        return found

    def _take(
        self, done: Replacement, source: str, real: str, row: PlannedFile | None, reason: str, named: str
    ) -> None:
        """The new row of a path. Owner, mode and capabilities stay as the host had them."""
        entry = self._newer.tree.get(source)
        if entry is None or entry.kind not in "fl":
            done.obstacle = f"{named} is neither a file nor a link in the newer root file system"
            return
        like = row if row is not None else self._like(done.key)
        uid, gid, mode = (row.uid, row.gid, row.mode) if row is not None else (entry.uid, entry.gid, entry.mode)
        if row is None and (uid or gid):
            uid, gid = 0, 0
            done.stays[real] = "is new and belongs to an account whose number is not known here; root has it"
        if entry.kind == "l":
            done.files[real] = PlannedFile.symlink(
                real, entry.link, reason, like.layer, uid=uid, gid=gid, package=like.package
            )
            return
        digest, md5 = self._store(source)
        shipped = self._newer.ownership.checksum(source)
        if shipped and md5 != shipped:
            done.obstacle = f"{named} was changed in the newer root file system since its package was unpacked"
        if row is not None and row.kind == "symlink":
            mode = entry.mode
        done.files[real] = PlannedFile(
            path=real,
            kind="file",
            reason=reason,
            layer=like.layer,
            link="",
            digest=digest,
            size=entry.size,
            mtime=entry.mtime,
            mode=mode,
            uid=uid,
            gid=gid,
            xattrs=row.xattrs if row is not None else (),
            package=like.package,
            also=row.also if row is not None else (),
        )

    def _like(self, key: str) -> PlannedFile:
        """A row of the same package, as a pattern for a new one: most packages are in one layer."""
        rows = [self._rows[real] for real, _ in self._image.ownership.files(key)]
        rows = [row for row in rows if row.layer in ("base", "packages") and row.kind != "directory"]
        return next((row for row in rows if row.layer == "packages"), rows[0] if rows else _PATTERN)

    def _store(self, source: str) -> tuple[str, str]:
        md5 = hashlib.md5(usedforsecurity=False)
        sha256 = hashlib.sha256()
        with self._content.receive() as blob:
            for chunk in self._chunks(source):
                md5.update(chunk)
                sha256.update(chunk)
                blob.write(chunk)
            if sha256.hexdigest() not in self._content:
                blob.keep(sha256.hexdigest())
        return sha256.hexdigest(), md5.hexdigest()

    def _records(self, done: Replacement) -> None:
        """The database's records of the package, as far as the image has such."""
        old, new = self._image.records(done.key), self._newer.records(done.newer_key)
        stem = self._image.stem(done.key)
        like = self._like(done.key)
        shipped = next((self._rows[path] for kind, path in old.items() if kind != "list"), None)
        for kind, source in sorted(new.items()):
            if kind != "list" and (shipped is None or (self._is_observed and kind not in old)):
                continue
            path = f"{INFO}{stem}.{kind}"
            entry = self._newer.tree.get(source)
            if entry is None or entry.kind != "f":
                continue
            digest, _ = self._store(source)
            row = self._rows.get(path)
            done.files[path] = PlannedFile(
                path=path,
                kind="file",
                reason=row.reason if row else f"is the package database's record of {stem}",
                layer="records" if kind == "list" else like.layer,
                link="",
                digest=digest,
                size=entry.size,
                mtime=entry.mtime,
                mode=entry.mode,
                uid=0,
                gid=0,
                package="" if kind == "list" else like.package,
            )
        done.gone |= {path for kind, path in old.items() if kind not in new}

    def _link_hard(self, done: Replacement, there: Mapping[str, str]) -> None:
        """Names of one file become hard links again, within a layer."""
        first: dict[tuple[str, str, str], str] = {}
        by_real = {self._real(done.key, named): source for named, source in there.items()}
        for path in sorted(done.files):
            file = done.files[path]
            entry = self._newer.tree.get(by_real.get(path, ""))
            if file.kind != "file" or entry is None or not entry.inode:
                continue
            name = first.setdefault((entry.inode, file.layer, file.package), path)
            if name != path:
                done.files[path] = replace(file, kind="hardlink", size=0, digest="", link=name)

    def _real(self, key: str, named: str) -> str:
        return self._image.ownership.canonical(self._image.database.place(key, named)) or named

    def _look_at_libraries(self, done: Replacement) -> None:
        sonames, needed = set(), {}
        for path, file in done.files.items():
            if file.kind != "file" or path.startswith(INFO):
                continue
            new = self._linked(file)
            if new.soname:
                sonames.add(new.soname)
            before = self._linked(self._rows[path]) if path in self._rows else NOTHING
            needed.update({name: path for name in new.needed if name not in before.needed})
        done.sonames = frozenset(sonames)
        done.needed = needed

    def sonames_before(self, done: Replacement) -> frozenset[str]:
        """The sonames in the image of libraries that a replacement replaces or removes."""
        rows = (self._rows[path] for path in (*done.files, *done.gone) if path in self._rows)
        return frozenset(name for row in rows if (name := self._linked(row).soname))

    def _linked(self, file: PlannedFile) -> ElfLinks:
        if file.kind != "file":
            return NOTHING
        if file.digest not in self._libraries:
            with self._content.path(file.digest).open("rb") as opened:
                is_elf = opened.read(len(MAGIC)) == MAGIC
            self._libraries[file.digest] = linked(self._content.read(file.digest)) if is_elf else NOTHING
        return self._libraries[file.digest]


_PATTERN = PlannedFile("", "file", 0o644, 0, 0, 0, 0, "", "", "base", "")
