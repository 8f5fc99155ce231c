"""A bill of materials as a referrer of an image: a separate manifest with a ``subject``.

https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage. A registry that
knows referrers answers with ``OCI-Subject``; for one that does not, the specification has a tag made of the digest,
with an index of all referrers, which the pushing side maintains.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from containerize.registry.client import RegistryClient
from containerize.registry.errors import RegistryError
from containerize.runtimes.image_layout import LayoutBlob

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
CYCLONEDX = "application/vnd.cyclonedx+json"

_EMPTY = b"{}"


def attach(client: RegistryClient, subject: LayoutBlob, sbom: Path) -> str:
    """Push a bill of materials that refers to ``subject``; gives the digest of its manifest. What is there already is
    not sent. Raises RegistryError.
    """
    content = sbom.read_bytes()
    layer, empty = _descriptor(CYCLONEDX, content), _descriptor(EMPTY, _EMPTY)
    layer["annotations"] = {"org.opencontainers.image.title": sbom.name}
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": CYCLONEDX,
        "config": empty,
        "layers": [layer],
        "subject": {"mediaType": subject.media_type, "digest": subject.digest, "size": subject.size},
    }
    manifest = _json(document)
    described = _descriptor(MANIFEST, manifest)
    digest = str(described["digest"])
    tag = subject.digest.replace(":", "-")
    if client.manifest_digest(digest, MANIFEST) == digest:
        known = True
    else:
        known = False
        for row, data in ((layer, content), (empty, _EMPTY)):
            if not client.has_blob(row["digest"]):
                client.put_bytes(data, row["digest"])
        headers = client.put_manifest(manifest, MANIFEST, digest)
        if headers.get("OCI-Subject") == subject.digest:
            return digest
    rows = _listed(client.manifest(tag, INDEX))
    if known and (not rows or any(row.get("digest") == digest for row in rows)):
        return digest
    described["artifactType"] = CYCLONEDX
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*_others(rows, digest), described]}
    client.put_manifest(_json(index), INDEX, tag)
    return digest


def _others(rows: list[dict[str, Any]], digest: str) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("digest") != digest]


def _listed(index: bytes) -> list[dict[str, Any]]:
    """The referrers that an index lists, as others wrote them. An index that cannot be read is not written over."""
    if not index:
        return []
    try:
        rows = json.loads(index)["manifests"]
    except (ValueError, KeyError, TypeError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RegistryError("the registry's list of what refers to the image cannot be read")
    return rows


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
