"""The final search for secrets in a finished build.

Every blob of the layout is searched for the secrets that this build knows: layers unpacked, with names, links and
attributes, and the documents with variables, arguments, history and annotations. Files that no package of a
distribution vouches for are examined too; each content once, since the store remembers which hold nothing. Whatever is
found was let through by a mistake here, so it ends the build.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Protocol

import zstandard

from containerize.closure.path_rules import below_any
from containerize.content_store import ContentStore
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.secret_values.workload_secrets import WorkloadSecrets
from containerize.supervisor.image_paths import PROGRAM, SETTINGS
from containerize.transfer.examined_content import Examined
from inventory.errors import BrownfieldError
from inventory.privacy.secrets.file_examination import LARGEST, Examination, examine, examine_window
from inventory.privacy.secrets.known_secrets import KnownSecrets
from inventory.privacy.secrets.secret_file_names import reason_by_name

_PIECE = 1 << 20
_SHOWN = 5
_ZSTD = b"\x28\xb5\x2f\xfd"


class SecretInImage(BrownfieldError):
    """A secret of the workload would be in its image."""


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class ImageSearch:
    """``secrets`` are those of this build. ``public`` are the sha256 of files that a distribution ships: what they hold
    is not a secret of the workload, though it may look the same. ``excepted`` are paths that a person declared
    harmless.
    """

    secrets: WorkloadSecrets = field(default_factory=WorkloadSecrets, repr=False)
    public: frozenset[str] = frozenset()
    excepted: tuple[str, ...] = ()

    def check(self, plan: ImagePlan, layout: Path, store: ContentStore) -> None:
        """Search the layout of a plan's image. Raises SecretInImage, after removing what was found from ``store``."""
        digests = {file.path: file.digest for file in plan.files if file.kind == "file"}
        skipped = _public_layers(layout) if plan.mode == "rebuild" else frozenset()
        found = dict(self._in_layout(layout, digests, skipped))
        for file, why in self._unexamined(plan.files, store):
            found.setdefault(file.path, why)
        if found:
            for path in found:
                if (digest := digests.get(path)) and digest not in self.public:
                    store.remove(digest)
            raise SecretInImage(_sentence(plan.workload, found))

    def check_folder(self, workload: str, folder: Path) -> None:
        """Search the names and contents of a folder that an image is built from. Raises SecretInImage."""
        known = self.secrets.known
        if not known:
            return
        found = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if self._is_excepted("/" + name.partition("/")[2].partition("/")[2]):
                continue
            if known.within(name.encode("utf-8", "surrogateescape")) or (path.is_file() and _holds_file(path, known)):
                found[name] = "holds a secret of the workload"
        if found:
            raise SecretInImage(_sentence(workload, found))

    def _in_layout(self, layout: Path, digests: dict[str, str], skipped: frozenset[str]) -> Iterator[tuple[str, str]]:
        known = self.secrets.known
        if not known:
            return
        for path in sorted(each for each in layout.rglob("*") if each.is_file()):
            if path.name in skipped:
                continue
            with path.open("rb") as blob:
                packed = blob.read(len(_ZSTD)) == _ZSTD
                blob.seek(0)
                hit = _holds(_unpacked(blob) if packed else blob, known)
            if hit and not packed:
                yield "the image's settings", "hold a secret of the workload"
            elif hit:
                yield from self._members(path, known, digests)

    def _members(self, layer: Path, known: KnownSecrets, digests: dict[str, str]) -> Iterator[tuple[str, str]]:
        why = "holds a secret of the workload"
        try:
            with layer.open("rb") as blob, tarfile.open(fileobj=_unpacked(blob), mode="r|") as tar:
                for member in tar:
                    path = f"/{member.name.rstrip('/')}"
                    names = [member.name, member.linkname, *member.pax_headers.values()]
                    content = tar.extractfile(member) if member.isreg() else None
                    if any(known.within(name.encode("utf-8", "surrogateescape")) for name in names):
                        yield path, "has a secret of the workload in its name or attributes"
                    elif content is None or digests.get(path) in self.public or self._is_excepted(path):
                        continue
                    elif _holds(content, known):
                        yield path, why
        except tarfile.TarError:
            yield f"layer {layer.name[:12]}", why

    def _unexamined(self, files: Iterable[PlannedFile], store: ContentStore) -> Iterator[tuple[PlannedFile, str]]:
        """Files that are the host's own, and of which the store does not know that they hold nothing."""
        examined = Examined(store.root)
        for file in files:
            if file.kind != "file" or file.layer != "application" or file.digest in self.public:
                continue
            if file.path in (PROGRAM, SETTINGS):
                continue  # made here, without the secrets that it names
            if self._is_excepted(file.path) or examined.knows(file.digest, file.path) or not file.size:
                continue
            if file.digest not in store:
                continue  # of a package that is installed anew
            found = _examined(file, store)
            if found.reason:
                yield file, found.reason
            elif not found.not_examined:
                examined.add(file.digest, file.path)
        examined.save()

    def _is_excepted(self, path: str) -> bool:
        return below_any(path, self.excepted) is not None


def _examined(file: PlannedFile, store: ContentStore) -> Examination:
    if file.size <= LARGEST:
        found = examine(store.read(file.digest), file.path)
        # By its name alone it is none: the list of accounts was made here, without passwords.
        return replace(found, reason=None) if found.reason == reason_by_name(file.path) else found
    held = b""
    for chunk in store.chunks(file.digest):
        found = examine_window(held + chunk, file.path)
        if found.reason:
            return found
        held = chunk[-(64 << 10) :]
    return Examination()


def _public_layers(layout: Path) -> frozenset[str]:
    """The blobs of a rebuilt image that its base and its packages fill."""
    (manifest,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    document = json.loads((layout / "blobs/sha256" / manifest["digest"].removeprefix("sha256:")).read_bytes())
    return frozenset(
        row["digest"].removeprefix("sha256:")
        for row in document["layers"]
        if row["annotations"]["org.brownfield.layer"] != "application"
    )


def _unpacked(blob: IO[bytes]) -> zstandard.ZstdDecompressionReader:
    return zstandard.ZstdDecompressor().stream_reader(blob, read_across_frames=True)


def _holds_file(path: Path, known: KnownSecrets) -> bool:
    with path.open("rb") as file:
        return _holds(file, known)


def _holds(source: _Readable, known: KnownSecrets) -> bool:
    held = b""
    while piece := source.read(_PIECE):
        if known.within(held + piece):
            return True
        held = (held + piece)[-known.overlap :] if known.overlap else b""
    return False


def _sentence(workload: str, found: dict[str, str]) -> str:
    shown = [f"{path} {why}" if " " in why else f"{path}: {why}" for path, why in list(found.items())[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"{workload} was not built, because a secret would be in its image: {'; '.join(shown)}{more}. Remove it there"
        " on the host, leave the path out with --without PATH, or declare it harmless with --not-secret PATH"
    )
