"""Push an image layout byte for byte, so that its digest stays the same.

Blobs first, each by itself, and only those that the repository lacks; the manifest last, so that a push that was
killed leaves blobs which the next one finds, and never half an image under a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from containerize.registry.client import RegistryClient, Sent
from containerize.registry.errors import RegistryError
from containerize.registry.image_reference import Reference
from containerize.registry.referrers import attach
from containerize.runtimes.image_layout import ImageLayout, LayoutBlob


@dataclass(frozen=True)
class PushProgress:
    """Receivers of progress: ``total`` gets the bytes that the registry lacks, ``sent`` those sent."""

    total: Callable[[int], None] = lambda _size: None
    sent: Sent = lambda _size: None


@dataclass
class PushResult:
    """The result of a push. Sizes in bytes; ``present`` were there, ``mounted`` were taken from another repository of
    the registry, ``missing`` is what it lacks and a dry run did not send.
    """

    reference: Reference
    digest: str
    sent: list[LayoutBlob] = field(default_factory=list)
    mounted: list[LayoutBlob] = field(default_factory=list)
    present: list[LayoutBlob] = field(default_factory=list)
    missing: list[LayoutBlob] = field(default_factory=list)
    tagged: bool = False
    """Whether the tag was written; it led to this image already if not."""
    sbom: str = ""
    """Digest of the manifest that attaches the bill of materials; "" for none."""
    remarks: list[str] = field(default_factory=list)


def push(
    layout: ImageLayout,
    client: RegistryClient,
    reference: Reference,
    *,
    sbom: Path | None = None,
    mounts: Mapping[str, str] | None = None,
    watching: PushProgress | None = None,
    dry_run: bool = False,
) -> PushResult:
    """Push a layout that was verified when it was opened, and its bill of materials as a referrer.

    ``mounts`` says of digests which other repository of the registry should have them. Raises RegistryError.
    """
    watching = watching or PushProgress()
    mounts = mounts or {}
    client.hello()
    pushed = PushResult(reference, layout.manifest.digest)
    lacking: list[LayoutBlob] = []
    for blob in dict.fromkeys((*layout.layers, layout.config)):
        (pushed.present if client.has_blob(blob.digest) else lacking).append(blob)
    watching.total(sum(blob.size for blob in lacking))
    media_type = layout.manifest.media_type
    known = client.manifest_digest(reference.tag, media_type)
    if dry_run:
        pushed.missing = lacking
        return pushed
    for blob in lacking:
        mounted = client.put_blob(
            layout.path / blob.path, blob.digest, blob.size, watching.sent, mounts.get(blob.digest, "")
        )
        if mounted:
            watching.sent(blob.size)
        (pushed.mounted if mounted else pushed.sent).append(blob)
    if known != layout.manifest.digest:
        content = (layout.path / layout.manifest.path).read_bytes()
        headers = client.put_manifest(content, media_type, reference.tag)
        told = headers.get("Docker-Content-Digest", layout.manifest.digest)
        if told != layout.manifest.digest:
            raise RegistryError(f"{reference.registry} stored another image than it was sent; pull nothing from it")
        pushed.tagged = True
    if sbom is not None:
        try:
            pushed.sbom = attach(client, layout.manifest, sbom)
        except RegistryError as error:
            pushed.remarks.append(f"the bill of materials is not attached to the image: {error}")
    return pushed
