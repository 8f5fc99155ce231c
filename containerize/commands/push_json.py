"""The result of a push for programs; :mod:`containerize.schemas_release` describes the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from containerize.registry.push_image import PushResult
from containerize.runtimes.image_layout import LayoutBlob
from containerize.schemas_release import PUSH_VERSION


def push_document(workload: str, pushed: PushResult, *, dry_run: bool) -> dict[str, Any]:
    """Return the JSON document of ``assess push --json``."""
    return {
        "schema_version": PUSH_VERSION,
        "workload": workload,
        "dry_run": dry_run,
        "name": str(pushed.reference),
        "reference": pushed.reference.at(pushed.digest),
        "digest": pushed.digest,
        "tagged": pushed.tagged,
        "sent": _blobs(pushed.sent),
        "mounted": _blobs(pushed.mounted),
        "present": _blobs(pushed.present),
        "missing": _blobs(pushed.missing),
        "sbom": pushed.sbom or None,
        "remarks": list(pushed.remarks),
    }


def _blobs(blobs: Iterable[LayoutBlob]) -> list[dict[str, Any]]:
    return [{"digest": blob.digest, "size": blob.size} for blob in blobs]
