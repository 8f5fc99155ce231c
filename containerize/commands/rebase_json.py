"""The document of ``assess rebase --json``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from assess.export.json_schema import Count, Version
from containerize.image.write_image import StoredLayer
from containerize.plan.model import Digest, LayerName, WorkloadId
from containerize.rebase.outcome import PilotVerdicts, RebaseOutcome
from containerize.rebase.update_choice import KeptPackage, Update
from inventory.described import doc

REBASE_VERSION = "1.0"


class StayingFile(msgspec.Struct, frozen=True):
    """A file of the host that stays."""

    path: Annotated[str, doc("The path.")]
    reason: Annotated[str, doc("Why it stays.")]


class LayerRow(msgspec.Struct, frozen=True):
    """A layer of an image."""

    name: Annotated[LayerName, doc("Content of the layer.")]
    package: Annotated[str, doc("Package that fills it; empty for a layer of several.")]
    digest: Annotated[Digest, doc("Digest of the layer as it is stored.")]
    entries: Annotated[Count, doc("Number of files, links and directories.")]


class Rebase(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from"}):
    """Newer packages and their effect on the image, as printed by `assess rebase --from … --json`."""

    schema_version: Version = REBASE_VERSION
    workload: WorkloadId
    dry_run: Annotated[bool, doc("Whether no image was made because of `--dry-run`.")]
    source: Annotated[str, doc("Root file system or image with the newer packages, as given.")]
    before: Annotated[Digest, doc("Digest of the image before.")]
    digest: Annotated[str | None, doc("Digest of the newer image; null when none was made.")]
    applied: Annotated[bool, doc("Whether the newer image replaced the other.")]
    updates: Annotated[tuple[Update, ...], doc("Packages that are replaced.")]
    kept: Annotated[tuple[KeptPackage, ...], doc("Packages that stay although another version, or none, is available.")]
    stays: Annotated[list[StayingFile], doc("Files that a newer package would have replaced, and did not.")]
    replaced: Annotated[Count, doc("Number of files and links with another content or target.")]
    added: Annotated[list[str], doc("New paths.")]
    removed: Annotated[list[str], doc("Paths that the newer packages no longer have.")]
    dangling: Annotated[list[str], doc("Links of the host that lead to a removed path.")]
    changed: Annotated[list[LayerRow], doc("Layers of the newer image only. Empty when no image was made.")]
    unchanged: Annotated[list[LayerRow], doc("Layers of both images.")]
    pilot: Annotated[PilotVerdicts | None, doc("Pilots of both images, with the same peers; null when none ran.")]


def rebase_document(outcome: RebaseOutcome, *, dry_run: bool) -> Rebase:
    """The document of an outcome."""
    rebased = outcome.rebased
    return Rebase(
        workload=outcome.before.workload,
        dry_run=dry_run,
        source=outcome.source,
        before=outcome.before.digest,
        digest=outcome.built.digest if outcome.built else None,
        applied=outcome.applied,
        updates=rebased.updates,
        kept=rebased.kept,
        stays=[StayingFile(_text(path), reason) for path, reason in rebased.stays],
        replaced=rebased.replaced,
        added=[_text(path) for path in rebased.added],
        removed=[_text(path) for path in rebased.removed],
        dangling=[_text(path) for path in rebased.dangling],
        changed=_layers(outcome.changed),
        unchanged=_layers(outcome.unchanged),
        pilot=outcome.pilots,
    )


def _layers(layers: Iterable[StoredLayer]) -> list[LayerRow]:
    return [LayerRow(layer.name, layer.package, f"sha256:{layer.digest}", layer.entries) for layer in layers]


def _text(path: str) -> str:
    """A byte that is not UTF-8 becomes a question mark: JSON has no room for it."""
    return path.encode("utf-8", "replace").decode("utf-8")
