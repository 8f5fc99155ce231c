"""A content store upon another one, which is only read: for looking at what would be, without keeping anything."""

from __future__ import annotations

from pathlib import Path

from containerize.content_store import ContentStore


class OverlayStore(ContentStore):
    """New blobs go below ``root``, those of ``below`` are found where they are."""

    def __init__(self, root: Path, below: ContentStore) -> None:
        super().__init__(root)
        self._below = below

    def locate(self, digest: str) -> str:
        """Where the blob with this digest is, or would be."""
        own = super().locate(digest)
        if not Path(own).exists() and digest in self._below:
            return self._below.locate(digest)
        return own
