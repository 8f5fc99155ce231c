"""Import the archive of ``docker save`` or ``podman save`` as an OCI layout."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from containerize.content_store import CHUNK, writing
from containerize.image.layer_files import COMPRESSION_LEVEL, WORKERS
from containerize.image.write_image import (
    CONFIG_MEDIA_TYPE,
    INDEX_MEDIA_TYPE,
    LAYER_ENTRIES,
    LAYER_MEDIA_TYPE,
    LAYER_NAME,
    MANIFEST_MEDIA_TYPE,
    replace_folder,
)
from containerize.plan.model import BuiltImage, ImagePlan, LayerName
from containerize.runtimes.runtime import RuntimeFailed
from containerize.tar.archive_index import SMALL, FilePart, files_by_name, index
from containerize.tar.reader import HostileStream


def import_archive(
    archive: IO[bytes],
    layout: Path,
    plan: ImagePlan,
    names: Sequence[LayerName],
    check: Callable[[Path], None] = lambda _folder: None,
) -> BuiltImage:
    """Write the layout. ``names`` say what each layer is, from the bottom; further ones are ``application``.

    ``check`` gets the folder before it is at ``layout``, and may raise. Raises WorkspaceError, and RuntimeFailed for
    what is not an archive of an image.
    """
    with writing(layout):
        layout.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = Path(tempfile.mkdtemp(dir=layout.parent, prefix=".image-"))
    try:
        built = _import(archive, temporary, layout, plan, names)
        check(temporary)
        with writing(layout):
            replace_folder(temporary, layout)
        return built
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _import(archive: IO[bytes], folder: Path, layout: Path, plan: ImagePlan, names: Sequence[LayerName]) -> BuiltImage:
    blobs = folder / "blobs" / "sha256"
    with writing(blobs):
        blobs.mkdir(parents=True)
    try:
        parts = files_by_name(archive)
        listing = json.loads(parts["manifest.json"].read(SMALL))[0]
        config = parts[listing["Config"]].read(SMALL)
        layers, size, entries = [], 0, 0
        for number, member in enumerate(listing["Layers"]):
            name = names[number] if number < len(names) else "application"
            with writing(blobs):
                descriptor, plain, count = _layer(parts[member], blobs, name)
            layers.append(descriptor)
            size, entries = size + plain, entries + count
    except (HostileStream, RecursionError, ValueError, KeyError, IndexError, TypeError) as error:
        raise RuntimeFailed(f"the engine saved no image that can be read ({error})") from None
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_MEDIA_TYPE,
        "config": _put(blobs, CONFIG_MEDIA_TYPE, config),
        "layers": layers,
    }
    described = _put(blobs, MANIFEST_MEDIA_TYPE, _json(manifest))
    names_of = {"org.opencontainers.image.ref.name": plan.image, "io.containerd.image.name": plan.image}
    platform = {
        key: value for key, value in json.loads(config).items() if key in ("architecture", "os", "variant") and value
    }
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX_MEDIA_TYPE,
        "manifests": [{**described, "platform": platform, "annotations": names_of}],
    }
    docker = [
        {
            "Config": _place(manifest["config"]),
            "RepoTags": [plan.image],
            "Layers": [_place(layer) for layer in layers],
        }
    ]
    with writing(folder):
        (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
        (folder / "index.json").write_bytes(_json(index))
        (folder / "manifest.json").write_bytes(_json(docker))
    compressed = sum(layer["size"] for layer in layers) + len(config) + described["size"]
    return BuiltImage(plan.workload, plan.image, str(layout), described["digest"], size, compressed, entries)


def _layer(tar: FilePart, blobs: Path, name: LayerName) -> tuple[dict[str, Any], int, int]:
    """Compress a layer: its descriptor, its bytes before that, and how many files and links are in it."""
    if tar.read(2) == b"\x1f\x8b":
        raise ValueError("a layer is compressed already")
    tar.seek(0)
    temporary = blobs / ".layer"
    digest, plain = hashlib.sha256(), 0
    with temporary.open("wb") as packed:
        compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, threads=WORKERS).compressobj()
        while chunk := tar.read(CHUNK):
            plain += len(chunk)
            if out := compressor.compress(chunk):
                digest.update(out)
                packed.write(out)
        out = compressor.flush()
        digest.update(out)
        packed.write(out)
    size = temporary.stat().st_size
    temporary.rename(blobs / digest.hexdigest())
    rows = [member.kind for member, _ in index(cast(IO[bytes], tar)) if b"/.wh." not in b"/" + member.name]
    descriptor = {
        "mediaType": LAYER_MEDIA_TYPE,
        "digest": f"sha256:{digest.hexdigest()}",
        "size": size,
        "annotations": {LAYER_NAME: name, LAYER_ENTRIES: str(len(rows))},
    }
    return descriptor, plain, sum(kind != "directory" for kind in rows)


def _put(blobs: Path, media_type: str, data: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    with writing(blobs):
        (blobs / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def _place(descriptor: Any) -> str:
    return f"blobs/sha256/{descriptor['digest'].removeprefix('sha256:')}"


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
