"""The document of ``assess push --json``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from assess.export.json_schema import Count, Version
from containerize.plan.model import Digest, WorkloadId
from containerize.registry.push_image import PushResult
from containerize.runtimes.image_layout import LayoutBlob
from inventory.described import doc

PUSH_VERSION = "1.0"


class BlobRow(msgspec.Struct, frozen=True):
    """A blob of an image."""

    digest: Annotated[Digest, doc("Digest of the blob.")]
    size: Annotated[Count, doc("Bytes.")]


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """The location of the image, and what was sent to put it there, as printed by `assess push --json`."""

    schema_version: Version = PUSH_VERSION
    workload: WorkloadId
    dry_run: Annotated[bool, doc("Whether nothing was sent because of `--dry-run`.")]
    name: Annotated[str, doc("Registry, repository and tag.")]
    reference: Annotated[str, doc("Registry, repository and digest, which identify these bytes alone.")]
    digest: Annotated[Digest, doc("Digest of the image's manifest, the same as in the build.")]
    tagged: Annotated[bool, doc("Whether the tag was written. If not, it led to this image already.")]
    sent: Annotated[list[BlobRow], doc("Blobs that were sent.")]
    mounted: Annotated[list[BlobRow], doc("Blobs that the registry took from another repository.")]
    present: Annotated[list[BlobRow], doc("Blobs that the repository had.")]
    missing: Annotated[list[BlobRow], doc("With `--dry-run`: blobs that would be sent. Else empty.")]
    sbom: Annotated[
        str | None, doc("Digest of the manifest that attaches the bill of materials to the image; null for none.")
    ]
    remarks: Annotated[list[str], doc("Remarks, in sentences.")]


def push_document(workload: str, pushed: PushResult, *, dry_run: bool) -> Push:
    """The document of a push."""
    return Push(
        workload=workload,
        dry_run=dry_run,
        name=str(pushed.reference),
        reference=pushed.reference.at(pushed.digest),
        digest=pushed.digest,
        tagged=pushed.tagged,
        sent=_blobs(pushed.sent),
        mounted=_blobs(pushed.mounted),
        present=_blobs(pushed.present),
        missing=_blobs(pushed.missing),
        sbom=pushed.sbom or None,
        remarks=pushed.remarks,
    )


def _blobs(blobs: Iterable[LayoutBlob]) -> list[BlobRow]:
    return [BlobRow(blob.digest, blob.size) for blob in blobs]
