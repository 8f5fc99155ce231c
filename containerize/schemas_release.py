"""The forms of what ``assess push --json`` and ``assess rebase --json`` print, from which ``docs/schema-*`` are made.

The promise is that of :mod:`containerize.schemas`.
"""

from __future__ import annotations

from assess.export.json_schema import Schema, document_schema, flag, integer, listing, maybe, record, text, texts, word
from containerize.schemas import DIGEST, WORKLOAD, verdict

PUSH_VERSION = "1.0"
REBASE_VERSION = "1.0"

_PACKAGE = text("Name of the package.")
_ARCHITECTURE = text("Its architecture; `all` for every one.")


def push_schema() -> Schema:
    """The JSON Schema of what ``assess push --json`` prints."""
    return document_schema(
        "Push",
        "What `assess push --json` prints: where the image is now, and what was sent for that.",
        workload=WORKLOAD,
        dry_run=flag("Whether nothing was sent because of `--dry-run`."),
        name=text("Registry, repository and tag."),
        reference=text("Registry, repository and digest: the name of these bytes and no others."),
        digest=text("Digest of the image's manifest, the same as in the build.", pattern=DIGEST),
        tagged=flag("Whether the tag was written. It led to this image already if not."),
        sent=_blobs("Blobs that were sent."),
        mounted=_blobs("Blobs that the registry took from another of its repositories."),
        present=_blobs("Blobs that the repository had."),
        missing=_blobs("With `--dry-run`: blobs that would be sent. Else empty."),
        sbom=maybe("Digest of the manifest that attaches the bill of materials to the image; null when it was not."),
        remarks=texts("What people should know, in sentences."),
    )


def rebase_schema() -> Schema:
    """The JSON Schema of what ``assess rebase --json`` prints."""
    return document_schema(
        "Rebase",
        "What `assess rebase --from … --json` prints: which packages are newer, and what became of the image.",
        workload=WORKLOAD,
        dry_run=flag("Whether no image was made because of `--dry-run`."),
        **{"from": text("The root file system or image with the newer packages, as it was given.")},
        before=text("Digest of the image that it began with.", pattern=DIGEST),
        digest=maybe("Digest of the newer image; null when none was made."),
        applied=flag("Whether the newer image took the place of the other."),
        updates=listing(
            "Packages that are replaced.",
            record(
                name=_PACKAGE,
                architecture=_ARCHITECTURE,
                old=text("Its version in the image before."),
                new=text("Its version now."),
                scripts=texts("Maintainer scripts and triggers of it that are others now. Nobody ran them."),
            ),
        ),
        kept=listing(
            "Packages that stay although another version is there, and those that are not there.",
            record(
                name=_PACKAGE,
                architecture=_ARCHITECTURE,
                version=text("Its version in the image."),
                newer=maybe("The version that is there; null when there is none."),
                reason=text("Why it stays."),
            ),
        ),
        stays=listing(
            "Files that a newer package would have replaced, and did not.",
            record(path=text("The path."), reason=text("Why it stays.")),
        ),
        replaced=integer("Number of files and links with another content or target."),
        added=texts("Paths that are new."),
        removed=texts("Paths that the newer packages do not have any more."),
        dangling=texts("Links of the host that lead to a removed path."),
        changed=_layers("Layers of the newer image that the older one had not. Empty when no image was made."),
        unchanged=_layers("Layers that both have."),
        pilot={
            "type": ["object", "null"],
            "description": "The pilots of both images, with the same peers; null when none ran.",
            "properties": {
                "before": verdict("Of the image before."),
                "after": verdict("Of the newer image."),
                "worse": texts("What the newer image did worse. When there is any, the older one stays."),
            },
            "required": ["before", "after", "worse"],
        },
    )


def _layers(description: str) -> Schema:
    return listing(
        description,
        record(
            name=word("What it holds.", "base", "packages", "records", "application"),
            package=text("The package that fills it; empty when it is a layer of many."),
            digest=text("Digest of the layer as it is stored.", pattern=DIGEST),
            entries=integer("Number of files, links and directories."),
        ),
    )


def _blobs(description: str) -> Schema:
    return listing(
        description,
        record(digest=text("Digest of the blob.", pattern=DIGEST), size=integer("Bytes.")),
    )
