"""Contents of the store that were examined and hold no secret.

A judgement depends on the content, on the path (a program, documentation, or anything else), and on the version of the
rules; the last is in the name of the file. Keys are hashes of digests, and tell nothing of the content.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from containerize.content_store import writing
from inventory.privacy.secrets.file_examination import VERSION
from inventory.privacy.secrets.policy_version import POLICY

_SIZE = 16
_MOST = 4_000_000


class Examined:
    """The record of one content store. Additions are written by :meth:`save`."""

    def __init__(self, root: Path) -> None:
        self._path = root / f"examined-{POLICY}-{VERSION}"
        self._root = root
        content = b""
        with contextlib.suppress(OSError):
            content = self._path.read_bytes()
        self._known = {content[at : at + _SIZE] for at in range(0, len(content) - _SIZE + 1, _SIZE)}
        self._new: list[bytes] = []

    def knows(self, digest: str, path: str) -> bool:
        """Whether content with this digest holds no secret at such a path."""
        return _key(digest, path) in self._known

    def add(self, digest: str, path: str) -> None:
        """It was examined, and holds none."""
        key = _key(digest, path)
        if key not in self._known:
            self._known.add(key)
            self._new.append(key)

    def save(self) -> None:
        """Write what is new. Records of older rules go."""
        if not self._new:
            return
        with writing(self._path):
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for old in self._root.glob("examined-*"):
                if old != self._path:
                    old.unlink(missing_ok=True)
            whole = len(self._known) > _MOST
            with self._path.open("wb" if whole else "ab") as file:
                self._path.chmod(0o600)
                file.write(b"".join(self._new))
        self._new.clear()


def _key(digest: str, path: str) -> bytes:
    return hashlib.blake2b(f"{digest} {path}".encode("utf-8", "replace"), digest_size=_SIZE).digest()
