"""The entries of an image from collected files: metadata, layers, hard links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from containerize.checksums import algorithm_of
from containerize.closure import path_rules
from containerize.closure.file_set import FileSet
from containerize.host.access_lists import NONE, Attributes
from containerize.host.file_capabilities import ATTRIBUTE
from containerize.host.file_tree import FileEntry
from containerize.image.layers import LAYERS, layer_of
from containerize.image.package_records import is_written_by_tool, shipped_record
from containerize.plan.model import LeftOut, PlannedFile, RunDirectory, SecretMount


@dataclass(frozen=True, slots=True)
class FileHashes:
    """Hashes from the host: sha256 of every file, and the algorithms of package checksums."""

    sha256: Mapping[str, str]
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file whose content was made here, in place of one of the host's or next to them."""

    path: str
    digest: str
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    reason: str

    def planned(self) -> PlannedFile:
        """Return its entry of the image."""
        return PlannedFile(
            path=self.path,
            kind="file",
            reason=self.reason,
            layer="records" if is_written_by_tool(self.path) else "application",
            link="",
            digest=self.digest,
            size=self.size,
            mtime=self.mtime,
            mode=self.mode,
            uid=self.uid,
            gid=self.gid,
        )


def as_shipped(file_set: FileSet, path: str, hashes: FileHashes) -> bool:
    """Whether a file is what its package brought. A package without checksums is never considered unchanged."""
    shipped = file_set.ownership.checksum(path)
    if shipped is None:
        return False
    computed = hashes.sha256 if algorithm_of(shipped) == "sha256" else hashes.others
    return computed.get(path) == shipped


def planned_files(
    file_set: FileSet,
    hashes: FileHashes,
    *,
    outside: Iterable[str],
    generated: Sequence[GeneratedFile],
    run_directories: Sequence[RunDirectory],
    capabilities: Mapping[str, bytes],
    access_lists: Mapping[str, Attributes] = NONE,
) -> tuple[PlannedFile, ...]:
    """All entries in the order of their paths. ``outside`` are claimed paths that stay out (secrets, vanished files).

    Times of directories and links are set to 0: they tell when a package tool ran, and would make the same base
    different on every host.
    """
    left = set(outside) | {file.path for file in generated}
    entries: dict[str, PlannedFile] = {}
    for path, reason in file_set.claims.items():
        entry = file_set.tree.get(path)
        if entry is not None and path not in left:
            planned = _planned(file_set, path, entry, reason, hashes, capabilities)
            if planned is not None:
                planned = replace(planned, also=tuple(file_set.also.get(path, ())))
                if attributes := access_lists.get(path):
                    # It was set on this host: files that other images share have none.
                    xattrs = (*planned.xattrs, *attributes)
                    planned = replace(planned, xattrs=xattrs, layer="application", package="")
                entries[path] = planned
    for file in generated:
        entries[file.path] = file.planned()
    for each in run_directories:
        made = PlannedFile.directory(each.path, each.reason, "application", mode=each.mode, uid=each.uid, gid=each.gid)
        entries.setdefault(each.path, made)
    _add_parents(file_set, entries)
    # What was claimed has no such name; a directory for the time of running may have.
    return tuple(entries[path] for path in sorted(_hard_linked(file_set, entries)) if not path_rules.whiteout(path))


def _planned(
    file_set: FileSet,
    path: str,
    entry: FileEntry,
    reason: str,
    hashes: FileHashes,
    capabilities: Mapping[str, bytes],
) -> PlannedFile | None:
    owners = file_set.ownership.owners(path)
    if entry.kind == "f":
        digest = hashes.sha256.get(path)
        if digest is None:
            return None
        shipped = as_shipped(file_set, path, hashes)
        if record := shipped_record(path, file_set.database):
            owners, shipped = (record,), True
        layer = layer_of(owners, file_set.essential, as_shipped=shipped)
        if layer == "application" and is_written_by_tool(path):
            layer = "records"
        return PlannedFile(
            path=path,
            kind="file",
            reason=reason,
            layer=layer,
            link="",
            digest=digest,
            size=entry.size,
            mtime=entry.mtime,
            mode=entry.mode,
            uid=entry.uid,
            gid=entry.gid,
            xattrs=((ATTRIBUTE, capabilities[path]),) if path in capabilities else (),
            package=min(owners) if layer == "packages" else "",
        )
    # Only packages that are in the image speak for a directory: others that share it are of no account here.
    inside = [owner for owner in owners if owner in file_set.packages]
    layer = layer_of(inside, file_set.essential, as_shipped=True)
    if entry.kind == "d":
        return PlannedFile.directory(path, reason, layer, mode=entry.mode, uid=entry.uid, gid=entry.gid)
    package = min(inside) if layer == "packages" else ""
    return PlannedFile.symlink(path, entry.link, reason, layer, uid=entry.uid, gid=entry.gid, package=package)


def _add_parents(file_set: FileSet, entries: dict[str, PlannedFile]) -> None:
    """Every directory above an entry, in the lowest layer that needs it, with the host's owner and mode."""
    for path in sorted(entries):
        for parent in file_set.tree.parents(path):
            entry = file_set.tree.get(parent)
            known = entries.get(parent)
            if known is None:
                mode, uid, gid = (entry.mode, entry.uid, entry.gid) if entry and entry.kind == "d" else (0o755, 0, 0)
                layer = entries[path].layer
                entries[parent] = PlannedFile.directory(parent, f"is above {path}", layer, mode=mode, uid=uid, gid=gid)
            elif _LEVEL[entries[path].layer] < _LEVEL[known.layer]:
                entries[parent] = replace(known, layer=entries[path].layer)


_LEVEL = {name: level for level, name in enumerate(LAYERS)}


def _hard_linked(file_set: FileSet, entries: dict[str, PlannedFile]) -> dict[str, PlannedFile]:
    """Names of one file become hard links to the first of them, within a layer; a package may have its own."""
    first: dict[tuple[str, str, str], str] = {}
    for path in sorted(entries):
        planned = entries[path]
        entry = file_set.tree.get(path)
        if planned.kind != "file" or entry is None or not entry.inode or entry.size != planned.size:
            continue
        name = first.setdefault((entry.inode, planned.layer, planned.package), path)
        if name != path and entries[name].digest == planned.digest:
            entries[path] = replace(planned, kind="hardlink", size=0, digest="", link=name)
    return entries


def _below(file_set: FileSet, path: str) -> Iterable[str]:
    """The direct children of a directory; a file itself."""
    entry = file_set.tree.get(path)
    return file_set.tree.children(path) if entry is not None and entry.kind == "d" else (path,)


_SPECIAL = {
    "b": "a block device; the container host gives it to the container where the service opens it",
    "c": "a device; the container host gives it to the container where the service opens it",
    "p": "a named pipe, which holds no content",
    "s": "a socket, which the service makes when it starts",
}
"""By find's letter: what lies in a directory of the image and is not a file."""


def left_out_list(file_set: FileSet, missing: Mapping[str, str], secrets: Sequence[SecretMount]) -> tuple[LeftOut, ...]:
    """Paths left out on purpose or unavailable, in the order of the paths."""
    rows = dict(file_set.left_out)
    # Of what was named twice, the one that may bring it counts.
    rows |= {
        path: why
        for path, why in file_set.withheld.items()
        if path not in file_set.claims or not any(each in file_set.claims for each in _below(file_set, path))
    }
    for path in file_set.tree.paths():
        entry = file_set.tree.get(path)
        if entry is not None and entry.kind in _SPECIAL and path.rpartition("/")[0] in file_set.claims:
            rows.setdefault(path, _SPECIAL[entry.kind])
    rows.update({path: _left_out_by_hand(reasons) for path, reasons in file_set.depended.items()})
    rows.update(missing)
    rows.update({secret.path: f"holds a secret ({secret.reason}); it is mounted at run time" for secret in secrets})
    return tuple(LeftOut(path, rows[path]) for path in sorted(rows))


def _left_out_by_hand(reasons: Sequence[str]) -> str:
    asked = f"but it {'; it '.join(reasons)}" if reasons else "and nothing asked for it"
    return f"left out because of --without, {asked}"
