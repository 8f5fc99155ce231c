"""A content store on top of another one that is only read, for dry runs."""

from __future__ import annotations

from pathlib import Path

from containerize.content_store import ContentStore


class OverlayStore(ContentStore):
    """New blobs go below ``root``, those of ``below`` are found where they are."""

    def __init__(self, root: Path, below: ContentStore) -> None:
        super().__init__(root)
        self._below = below

    def locate(self, digest: str) -> str:
        """The path of the blob with this digest, present or not."""
        own = super().locate(digest)
        if not Path(own).exists() and digest in self._below:
            return self._below.locate(digest)
        return own
