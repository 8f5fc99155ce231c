"""Write a plan as an OCI image layout; the same plan gives the same bytes.

The folder is an OCI image layout (``oci-layout``, ``index.json``, ``blobs/sha256``) with the ``manifest.json`` of
``docker save`` next to it: Docker rejects a plain layout, and so both engines load it. Layers are zstd. It is put
together under a temporary name and renamed when it is whole, so that what looks like an image is one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from containerize.content_store import ContentStore, writing
from containerize.image.layer_files import ImageBlob, layers_in_use, write_layer
from containerize.image.layers import Layer, split_into_layers
from containerize.image.secret_search import ImageSearch
from containerize.plan.model import BuiltImage, ImagePlan, LayerName

LAYER_MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+zstd"
CONFIG_MEDIA_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_MEDIA_TYPE = "application/vnd.oci.image.index.v1+json"

LAYER_NAME = "org.brownfield.layer"
"""Annotation of a layer's descriptor: base, packages, records or application."""

LAYER_PACKAGE = "org.brownfield.package"
"""Annotation of a layer that one package fills."""

LAYER_ENTRIES = "org.brownfield.entries"
"""Annotation of a layer's descriptor: how many files, links and directories are in it."""

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


def write_image(
    plan: ImagePlan, content: ContentStore, layers: Path, layout: Path, search: ImageSearch | None = None
) -> BuiltImage:
    """Write the layout at ``layout`` (replacing one that is there) and return what was built.

    ``layers`` is a folder of the workspace in which finished layers are kept by digest; a layout holds hard links to
    them, so that images which share a layer share its bytes on disk. Nothing is there at ``layout`` before ``search``
    found no secret in it. Raises WorkspaceError (no space), ContentMismatch (damaged store), TarError (a plan with a
    path that must not be written), SecretInImage.
    """
    with writing(layout):
        layout.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = Path(tempfile.mkdtemp(dir=layout.parent, prefix=".image-"))
    with layers_in_use(layers):
        try:
            built = _assemble(plan, content, layers, temporary)
            (search or ImageSearch()).check(plan, temporary, content)
            with writing(layout):
                replace_folder(temporary, layout)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
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


class StoredLayer(NamedTuple):
    """A layer of an image on disk. ``digest`` is that of the compressed file, without its algorithm; ``package`` is ""
    for a layer of many.
    """

    name: LayerName
    package: str
    digest: str
    entries: int


def layer_blobs(layout: Path, manifest: str) -> tuple[StoredLayer, ...]:
    """The layers of an image, from the bottom."""
    document = json.loads((layout / "blobs" / "sha256" / manifest.removeprefix("sha256:")).read_bytes())
    return tuple(
        StoredLayer(
            row["annotations"][LAYER_NAME],
            row["annotations"].get(LAYER_PACKAGE, ""),
            row["digest"].removeprefix("sha256:"),
            int(row["annotations"].get(LAYER_ENTRIES, 0)),
        )
        for row in document["layers"]
    )


def _assemble(plan: ImagePlan, content: ContentStore, layers: Path, folder: Path) -> tuple[str, int, int]:
    blobs = folder / "blobs" / "sha256"
    with writing(blobs):
        blobs.mkdir(parents=True)
    stack: list[tuple[Layer, ImageBlob]] = []
    for layer in split_into_layers(plan.files):
        blob = write_layer(layer.files, content, layers)
        with writing(blobs):
            _link(layers / blob.digest, blobs / blob.digest)
        stack.append((layer, blob))
    config = _put(blobs, _config(plan, stack))
    manifest_document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_MEDIA_TYPE,
        "config": _descriptor(CONFIG_MEDIA_TYPE, config),
        "layers": [_descriptor(LAYER_MEDIA_TYPE, blob) | {"annotations": _annotations(layer)} for layer, blob in stack],
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


def _annotations(layer: Layer) -> dict[str, str]:
    package = {LAYER_PACKAGE: layer.package} if layer.package else {}
    return {LAYER_NAME: layer.name, LAYER_ENTRIES: str(len(layer.files))} | package


def _config(plan: ImagePlan, stack: list[tuple[Layer, ImageBlob]]) -> Mapping[str, object]:
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
        "history": [
            {"created": created, "created_by": f"brownfield: layer {layer.package or layer.name}"} for layer, _ in stack
        ],
    }


def _created(plan: ImagePlan) -> str:
    """The time of the newest file: a clock would change the digest, and this says how old the content is."""
    newest = max((file.mtime for file in plan.files if file.kind == "file"), default=0)
    return datetime.fromtimestamp(min(max(newest, 0), 253402300799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _platform(architecture: str) -> dict[str, str]:
    name, variant = _ARCHITECTURES.get(architecture, (architecture, ""))
    return {"architecture": name, "os": "linux"} | ({"variant": variant} if variant else {})


def _descriptor(media_type: str, blob: ImageBlob) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{blob.digest}", "size": blob.size}


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _put(blobs: Path, document: object) -> ImageBlob:
    data = _json(document)
    digest = hashlib.sha256(data).hexdigest()
    with writing(blobs):
        (blobs / digest).write_bytes(data)
    return ImageBlob(digest, len(data))


def _link(source: Path, target: Path) -> None:
    """A hard link; a copy where the file system has none."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def replace_folder(new: Path, target: Path) -> None:
    """Put ``new`` at ``target``. A folder cannot be renamed over a full one, so the old one steps aside first."""
    if target.exists():
        old = target.with_name(f".old-{new.name}")
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        new.rename(target)
