"""Read an OCI image layout, and its tar form for engines."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from containerize.runtimes.runtime import RuntimeFailed

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class LayoutBlob:
    """A blob of the layout: ``digest`` is ``sha256:…``, ``size`` in bytes."""

    digest: str
    size: int
    media_type: str

    @property
    def path(self) -> str:
        """Its path within the layout."""
        algorithm, _, digits = self.digest.partition(":")
        return f"blobs/{algorithm}/{digits}"


@dataclass(frozen=True, slots=True)
class ImageLayout:
    """An image for one platform. ``index`` is the layout's only manifest."""

    path: Path
    manifest: LayoutBlob
    config: LayoutBlob
    layers: tuple[LayoutBlob, ...]

    @classmethod
    def open(cls, path: Path) -> ImageLayout:
        """Read and verify a layout; raises RuntimeFailed when it isn't one, or is not what was built.

        Layers too: an engine that has a layer of that name already does not look at ours, and would run what it has.
        """
        try:
            index = json.loads((path / "index.json").read_bytes())
            manifest = _blob(index["manifests"][0])
            document = _document(path, manifest)
            layout = cls(path, manifest, _blob(document["config"]), tuple(_blob(each) for each in document["layers"]))
            _document(path, layout.config)
            for layer in layout.layers:
                with (path / layer.path).open("rb") as file:
                    if f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" != layer.digest:
                        raise ValueError(f"{layer.path} was changed")
        except FileNotFoundError as error:
            raise RuntimeFailed(f"{path} holds no image ({error.filename} is missing); build it again") from None
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise RuntimeFailed(f"the image layout {path} cannot be read ({error}); build it again") from None
        return layout

    @contextmanager
    def layer(self, blob: LayoutBlob) -> Iterator[BinaryIO]:
        """The uncompressed tar of a layer. Its digest is verified when it was read to the end."""
        with (self.path / blob.path).open("rb") as raw:
            verified = _Verified(raw)
            magic = verified.peek4()
            if magic[:2] == b"\x1f\x8b":
                with gzip.GzipFile(fileobj=cast(BinaryIO, verified)) as unzipped:
                    yield cast(BinaryIO, unzipped)
            elif magic == b"\x28\xb5\x2f\xfd":
                import zstandard

                with zstandard.ZstdDecompressor().stream_reader(
                    cast(BinaryIO, verified), read_across_frames=True
                ) as plain:
                    yield cast(BinaryIO, plain)
            else:
                yield cast(BinaryIO, verified)
            if verified.finish() != blob.digest:
                raise RuntimeFailed(
                    f"layer {blob.digest} of {self.path} was changed since it was built; build it again"
                )

    def diff_ids(self) -> tuple[str, ...]:
        """Digests of the layers before compression, from the bottom, as the configuration lists them."""
        return tuple(str(each) for each in _document(self.path, self.config)["rootfs"]["diff_ids"])

    def archive(self, image: str, *, present: int = 0) -> Iterator[bytes]:
        """The tar that ``docker load`` and ``podman load`` take, under the name ``image``.

        Docker looks at no layer that it has already upon the same layers below: of so many from the bottom as are
        ``present`` the bytes are left out. Podman needs them all.
        """
        sent = self._sent(present)
        documents = {
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            "index.json": json.dumps(
                {
                    "schemaVersion": 2,
                    "manifests": [
                        {
                            "mediaType": self.manifest.media_type,
                            "digest": self.manifest.digest,
                            "size": self.manifest.size,
                            "annotations": {
                                "io.containerd.image.name": image,
                                "org.opencontainers.image.ref.name": image,
                            },
                        }
                    ],
                }
            ).encode(),
            "manifest.json": json.dumps(
                [{"Config": self.config.path, "RepoTags": [image], "Layers": [layer.path for layer in self.layers]}]
            ).encode(),
        }
        for name, content in documents.items():
            yield _header(name, len(content))
            yield content + b"\0" * (-len(content) % 512)
        for blob in dict.fromkeys((self.manifest, self.config, *sent)):
            yield _header(blob.path, blob.size)
            with (self.path / blob.path).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
            yield b"\0" * (-blob.size % 512)
        yield b"\0" * 1024

    def plain_archive(self, image: str, *, present: int = 0) -> Iterator[bytes]:
        """The same for engines that cannot read compressed layers: each layer is a tar, as in ``docker save``.

        A layer is read twice, because a tar names the size of a member before its bytes.
        """
        names = [f"{layer.digest.partition(':')[2]}/layer.tar" for layer in self.layers]
        listing = [{"Config": self.config.path, "RepoTags": [image], "Layers": names}]
        config = (self.path / self.config.path).read_bytes()
        for name, content in ((self.config.path, config), ("manifest.json", json.dumps(listing).encode())):
            yield _header(name, len(content))
            yield content + b"\0" * (-len(content) % 512)
        sent = frozenset(self._sent(present))
        for name, blob in dict(zip(names, self.layers, strict=True)).items():
            if blob not in sent:
                continue
            size = sum(len(chunk) for chunk in self._chunks(blob))
            yield _header(name, size)
            yield from self._chunks(blob)
            yield b"\0" * (-size % 512)
        yield b"\0" * 1024

    def _sent(self, present: int) -> tuple[LayoutBlob, ...]:
        """The layers above those that are there. One that stands twice is sent once, and needed when either is."""
        return tuple(dict.fromkeys(self.layers[present:]))

    def _chunks(self, blob: LayoutBlob) -> Iterator[bytes]:
        with self.layer(blob) as tar:
            while chunk := tar.read(_CHUNK):
                yield chunk


class _Verified(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def peek4(self) -> bytes:
        magic = self._raw.read(4)
        self._raw.seek(0)
        return magic

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        self._hash.update(data)
        buffer[: len(data)] = data
        return len(data)

    def finish(self) -> str:
        """The digest of the whole; reads what the decompressor left."""
        while self.read(_CHUNK):
            pass
        return f"sha256:{self._hash.hexdigest()}"


def _blob(descriptor: dict[str, Any]) -> LayoutBlob:
    blob = LayoutBlob(str(descriptor["digest"]), int(descriptor["size"]), str(descriptor.get("mediaType", "")))
    algorithm, _, digits = blob.digest.partition(":")
    if algorithm != "sha256" or len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError(f"{blob.digest!r} is not a sha256 digest")
    return blob


def _document(path: Path, blob: LayoutBlob) -> dict[str, Any]:
    content = (path / blob.path).read_bytes()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != blob.digest:
        raise ValueError(f"{blob.path} was changed")
    document: dict[str, Any] = json.loads(content)
    return document


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o644
    return info.tobuf(tarfile.GNU_FORMAT)
