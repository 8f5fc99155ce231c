"""The forms of what ``assess push --json`` and ``assess rebase --json`` print, from which ``docs/schema-*`` are made.

The promise is that of :mod:`containerize.schemas`.
"""

from __future__ import annotations

from assess.json_schema import Schema, document_schema, flag, integer, listing, maybe, record, text, texts

PUSH_VERSION = "1.0"

_DIGEST = r"^sha256:[0-9a-f]{64}$"
_WORKLOAD = text("host/name of the workload.")


def push_schema() -> Schema:
    """The JSON Schema of what ``assess push --json`` prints."""
    return document_schema(
        "Push",
        "What `assess push --json` prints: where the image is now, and what was sent for that.",
        workload=_WORKLOAD,
        dry_run=flag("Whether nothing was sent because of `--dry-run`."),
        name=text("Registry, repository and tag."),
        reference=text("Registry, repository and digest: the name of these bytes and no others."),
        digest=text("Digest of the image's manifest, the same as in the build.", pattern=_DIGEST),
        tagged=flag("Whether the tag was written. It led to this image already if not."),
        sent=_blobs("Blobs that were sent."),
        mounted=_blobs("Blobs that the registry took from another of its repositories."),
        present=_blobs("Blobs that the repository had."),
        missing=_blobs("With `--dry-run`: blobs that would be sent. Else empty."),
        sbom=maybe("Digest of the manifest that attaches the bill of materials to the image; null when it was not."),
        remarks=texts("What people should know, in sentences."),
    )


def _blobs(description: str) -> Schema:
    return listing(
        description,
        record(digest=text("Digest of the blob.", pattern=_DIGEST), size=integer("Bytes.")),
    )
