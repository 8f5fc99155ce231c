"""From a plan and the content store to an OCI image layout, the same bytes for the same plan.

The folder is an OCI image layout (``oci-layout``, ``index.json``, ``blobs/sha256``) with the ``manifest.json`` of
``docker save`` beside it: Docker refuses a plain layout, and so both engines load it. Layers are zstd. It is put
together under a temporary name and renamed when it is whole, so that what looks like an image is one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from containerize.content import ContentStore, writing
from containerize.layers import LAYERS, members
from containerize.plan import BuiltImage, LayerName, Plan, PlannedFile
from containerize.tar_write import TarMember, TarWriter

LAYER_MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+zstd"
CONFIG_MEDIA_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_MEDIA_TYPE = "application/vnd.oci.image.index.v1+json"

LAYER_NAME = "org.brownfield.layer"
"""Annotation of a layer's descriptor: base, packages or application."""

COMPRESSION_LEVEL = 6
"""Twice the time of level 3 for a tenth less to push and store; level 9 doubles again for two hundredths."""

_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "i386": ("386", ""),
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "aarch64": ("arm64", "v8"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armv5tel": ("arm", "v5"),
    "ppc64le": ("ppc64le", ""),
    "s390x": ("s390x", ""),
    "riscv64": ("riscv64", ""),
    "mips64": ("mips64le", ""),
}


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of ``blobs/sha256``. ``diff_id`` is the digest of a layer before compression, "" for other blobs."""

    digest: str
    size: int
    diff_id: str = ""
    uncompressed: int = 0


def write_image(plan: Plan, content: ContentStore, layers: Path, layout: Path) -> BuiltImage:
    """Write the layout at ``layout`` (replacing one that is there) and return what was built.

    ``layers`` is a folder of the workspace in which finished layers are kept by digest; a layout holds hard links to
    them, so that images which share a layer share its bytes on disk. Raises WorkspaceError (no space),
    ContentMismatch (damaged store), TarError (a plan with a path that must not be written).
    """
    with writing(layout):
        layout.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = Path(tempfile.mkdtemp(dir=layout.parent, prefix=".image-"))
    try:
        built = _assemble(plan, content, layers, temporary)
        with writing(layout):
            _replace(temporary, layout)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _forget_unused(layers)
    digest, size, compressed = built
    return BuiltImage(
        workload=plan.workload,
        image=plan.image,
        layout=str(layout),
        digest=f"sha256:{digest}",
        size=size,
        compressed_size=compressed,
        files=sum(1 for file in plan.files if file.kind != "directory"),
    )


def layer_blobs(layout: Path, manifest: str) -> tuple[tuple[LayerName, str], ...]:
    """(name, digest without its algorithm) of the layers of an image, from the bottom."""
    document = json.loads((layout / "blobs" / "sha256" / manifest.removeprefix("sha256:")).read_bytes())
    return tuple((row["annotations"][LAYER_NAME], row["digest"].removeprefix("sha256:")) for row in document["layers"])


def _assemble(plan: Plan, content: ContentStore, layers: Path, folder: Path) -> tuple[str, int, int]:
    blobs = folder / "blobs" / "sha256"
    with writing(blobs):
        blobs.mkdir(parents=True)
    stack: list[tuple[LayerName, Blob]] = []
    for name in LAYERS:
        blob = _write_layer(plan, name, content, layers)
        if blob is not None:
            with writing(blobs):
                _link(layers / blob.digest, blobs / blob.digest)
            stack.append((name, blob))
    config = _put(blobs, _config(plan, stack))
    manifest_document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_MEDIA_TYPE,
        "config": _descriptor(CONFIG_MEDIA_TYPE, config),
        "layers": [_descriptor(LAYER_MEDIA_TYPE, blob) | {"annotations": {LAYER_NAME: name}} for name, blob in stack],
    }
    manifest = _put(blobs, manifest_document)
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX_MEDIA_TYPE,
        "manifests": [
            _descriptor(MANIFEST_MEDIA_TYPE, manifest)
            | {
                "platform": _platform(plan.architecture),
                "annotations": {
                    "org.opencontainers.image.ref.name": plan.image,
                    "io.containerd.image.name": plan.image,
                },
            }
        ],
    }
    docker = [
        {
            "Config": f"blobs/sha256/{config.digest}",
            "RepoTags": [plan.image],
            "Layers": [f"blobs/sha256/{blob.digest}" for _, blob in stack],
        }
    ]
    with writing(folder):
        (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
        (folder / "index.json").write_bytes(_json(index))
        (folder / "manifest.json").write_bytes(_json(docker))
    compressed = sum(blob.size for _, blob in stack) + config.size + manifest.size
    return manifest.digest, sum(blob.uncompressed for _, blob in stack), compressed


def _write_layer(plan: Plan, name: LayerName, content: ContentStore, layers: Path) -> Blob | None:
    """Write one layer into the folder of layers; None when it would be empty."""
    files = members(plan.files, name)
    if not files:
        return None
    recipe = _recipe(files)
    known = _known_layer(layers, recipe)
    if known is not None:
        return known
    with _temporary_file(layers) as (temporary, handle):
        sink = _LayerSink(handle, temporary)
        tar = TarWriter(sink)
        for file in files:
            member = TarMember(
                file.path, file.kind, file.mode, file.uid, file.gid, file.mtime, file.size, file.link, file.xattrs
            )
            tar.add(member, content.chunks(file.digest) if file.kind == "file" else ())
        tar.finish()
        blob = sink.finish()
        with writing(temporary):
            if not (layers / blob.digest).exists():
                temporary.chmod(0o600)
                temporary.rename(layers / blob.digest)
            (layers / f"{recipe}.json").write_text(json.dumps(dataclasses.asdict(blob)))
    return blob


def _recipe(files: list[PlannedFile]) -> str:
    """A hash of everything that decides the bytes of a layer: its members but for their reasons, and the compressor."""
    seen = hashlib.sha256(repr((COMPRESSION_LEVEL, zstandard.__version__, zstandard.ZSTD_VERSION)).encode())
    for file in files:
        row = (
            file.path,
            file.kind,
            file.mode,
            file.uid,
            file.gid,
            file.mtime,
            file.size,
            file.digest,
            file.link,
            file.xattrs,
        )
        seen.update(repr(row).encode("utf-8", "backslashreplace"))
    return seen.hexdigest()


def _known_layer(layers: Path, recipe: str) -> Blob | None:
    """A layer that was made from the same members before; the services of a host share their base."""
    try:
        blob = Blob(**json.loads((layers / f"{recipe}.json").read_text()))
        with (layers / blob.digest).open("rb") as packed:
            whole = hashlib.file_digest(packed, "sha256").hexdigest() == blob.digest
    except (OSError, ValueError, TypeError):
        return None
    return blob if whole else None


@contextlib.contextmanager
def _temporary_file(folder: Path) -> Iterator[tuple[Path, int]]:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".layer-")
    try:
        yield Path(name), handle
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _forget_unused(layers: Path) -> None:
    """Remove layers that no layout links to any more (those of builds that were replaced), and what is said of them."""
    for path in layers.iterdir():
        with contextlib.suppress(OSError, ValueError, KeyError):
            if path.suffix == ".json":
                if not (layers / json.loads(path.read_text())["digest"]).exists():
                    path.unlink()
            elif path.stat().st_nlink == 1:
                path.unlink()


class _LayerSink:
    """Hashes what comes in, compresses it, hashes and writes what comes out; keeps nothing."""

    def __init__(self, handle: int, path: Path) -> None:
        self._handle = handle
        self._path = path
        self._plain = hashlib.sha256()
        self._packed = hashlib.sha256()
        self._sizes = [0, 0]
        # One thread and no checksum of the level's own choosing: the bytes depend on the input and libzstd alone.
        self._compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, threads=0).compressobj()

    def write(self, data: bytes) -> None:
        self._plain.update(data)
        self._sizes[0] += len(data)
        self._out(self._compressor.compress(data))

    def finish(self) -> Blob:
        self._out(self._compressor.flush())
        return Blob(self._packed.hexdigest(), self._sizes[1], self._plain.hexdigest(), self._sizes[0])

    def _out(self, data: bytes) -> None:
        if not data:
            return
        self._packed.update(data)
        self._sizes[1] += len(data)
        with writing(self._path):
            view = memoryview(data)
            while view:
                view = view[os.write(self._handle, view) :]


def _config(plan: Plan, stack: list[tuple[LayerName, Blob]]) -> Mapping[str, object]:
    start = plan.start
    created = _created(plan)
    settings: dict[str, object] = {
        "User": start.user,
        "Env": [f"{name}={value}" for name, value in start.environment],
        "Entrypoint": list(start.arguments),
        "WorkingDir": start.working_directory,
        "StopSignal": start.stop_signal,
        "Labels": {
            "org.opencontainers.image.title": plan.workload,
            "org.opencontainers.image.description": f"lifted from {plan.host}, {plan.distribution}",
        },
    }
    ports: dict[str, object] = {f"{port.port}/{port.protocol}": {} for port in plan.ports if port.published}
    if ports:
        settings["ExposedPorts"] = dict(sorted(ports.items()))
    if plan.volumes:
        settings["Volumes"] = {volume.path: {} for volume in sorted(plan.volumes, key=lambda each: each.path)}
    return {
        "created": created,
        **_platform(plan.architecture),
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{blob.diff_id}" for _, blob in stack]},
        "history": [{"created": created, "created_by": f"brownfield: layer {name}"} for name, _ in stack],
    }


def _created(plan: Plan) -> str:
    """The time of the newest file: a clock would change the digest, and this says how old the content is."""
    newest = max((file.mtime for file in plan.files if file.kind == "file"), default=0)
    return datetime.fromtimestamp(min(max(newest, 0), 253402300799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _platform(architecture: str) -> dict[str, str]:
    name, variant = _ARCHITECTURES.get(architecture, (architecture, ""))
    return {"architecture": name, "os": "linux"} | ({"variant": variant} if variant else {})


def _descriptor(media_type: str, blob: Blob) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{blob.digest}", "size": blob.size}


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _put(blobs: Path, document: object) -> Blob:
    data = _json(document)
    digest = hashlib.sha256(data).hexdigest()
    with writing(blobs):
        (blobs / digest).write_bytes(data)
    return Blob(digest, len(data))


def _link(source: Path, target: Path) -> None:
    """A hard link; a copy where the file system has none."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _replace(new: Path, target: Path) -> None:
    """Put ``new`` at ``target``. A folder cannot be renamed over a full one, so the old one steps aside first."""
    if target.exists():
        old = target.with_name(f".old-{new.name}")
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        new.rename(target)
