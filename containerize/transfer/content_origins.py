"""The hosts that contributed each content, so that no host obtains files of another by naming a hash.

The content store is shared by all hosts: what one sent is not asked of the next. But a sha256 is not a secret, and a
compromised host could report that of another host's file as its own, and receive that file in its image. So what is in
no package is recorded with the hosts that sent it, and another host has to prove that it has the same
(:mod:`containerize.transfer.content_proof`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from containerize.content_store import writing
from inventory.store.workspace import safe_name


class Origins:
    """The record of one host: a file with a digest (sha256, hex) a line, below ``origins`` of the content store."""

    def __init__(self, content: Path, host: str) -> None:
        self._folder = content / "origins"
        self._file = self._folder / safe_name(host)
        self._own: set[str] | None = None
        self._others: set[str] | None = None

    def foreign(self, digest: str) -> bool:
        """Whether other hosts brought this content, and this one never sent it nor proved that it has it."""
        if self._own is None or self._others is None:
            self._own = _digests(self._file)
            self._others = set()
            for file in self._folder.glob("*"):
                if file != self._file:
                    self._others |= _digests(file)
        return digest in self._others and digest not in self._own

    def add(self, digests: Iterable[str]) -> None:
        """Record that this host has them. Raises WorkspaceError."""
        own = self._own if self._own is not None else _digests(self._file)
        new = sorted(set(digests) - own)
        if not new:
            return
        with writing(self._file):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._file.open("a", encoding="ascii") as file:
                self._file.chmod(0o600)
                file.writelines(f"{digest}\n" for digest in new)
        own.update(new)


def _digests(file: Path) -> set[str]:
    """The digests of a record. A line that a killed run left half written is not one."""
    try:
        return {line for line in file.read_text(encoding="ascii").split("\n") if len(line) == 64}
    except FileNotFoundError:
        return set()
