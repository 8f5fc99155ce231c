"""The result of a rebase for programs; :mod:`containerize.schemas_release` describes the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from containerize.commands.rebase_run import pilots_document
from containerize.image.write_image import StoredLayer
from containerize.rebase.outcome import RebaseOutcome
from containerize.schemas_release import REBASE_VERSION


def rebase_document(outcome: RebaseOutcome, *, dry_run: bool) -> dict[str, Any]:
    """Return the JSON document of ``assess rebase --json``."""
    rebased = outcome.rebased
    return {
        "schema_version": REBASE_VERSION,
        "workload": outcome.before.workload,
        "dry_run": dry_run,
        "from": outcome.source,
        "before": outcome.before.digest,
        "digest": outcome.built.digest if outcome.built else None,
        "applied": outcome.applied,
        "updates": [
            {
                "name": each.name,
                "architecture": each.architecture,
                "old": each.old,
                "new": each.new,
                "scripts": list(each.scripts),
            }
            for each in rebased.updates
        ],
        "kept": [
            {
                "name": each.name,
                "architecture": each.architecture,
                "version": each.version,
                "newer": each.newer or None,
                "reason": each.reason,
            }
            for each in rebased.kept
        ],
        "stays": [{"path": _text(path), "reason": reason} for path, reason in rebased.stays],
        "replaced": rebased.replaced,
        "added": [_text(path) for path in rebased.added],
        "removed": [_text(path) for path in rebased.removed],
        "dangling": [_text(path) for path in rebased.dangling],
        "changed": _layers(outcome.changed),
        "unchanged": _layers(outcome.unchanged),
        "pilot": pilots_document(outcome.pilots) or None,
    }


def _layers(layers: Iterable[StoredLayer]) -> list[dict[str, Any]]:
    return [
        {"name": layer.name, "package": layer.package, "digest": f"sha256:{layer.digest}", "entries": layer.entries}
        for layer in layers
    ]


def _text(path: str) -> str:
    """A byte that is not UTF-8 becomes a question mark: JSON of others has no room for it."""
    return path.encode("utf-8", "replace").decode("utf-8")
