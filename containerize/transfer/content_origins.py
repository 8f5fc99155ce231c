"""The hosts that contributed each content, so that no host obtains files of another by naming a hash.

The content store is shared by all hosts: what one sent is not asked of the next. But a sha256 is not a secret, and a
compromised host could report that of another host's file as its own, and receive that file in its image. So what is in
no package is recorded with the hosts that sent it, and another host has to prove that it has the same
(:mod:`containerize.transfer.content_proof`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from containerize.content_store import writing
from inventory.store.workspace import safe_name


class Origins:
    """The record of one host: a file with a digest (sha256, hex) a line, below ``origins`` of the content store.

    Builds of other hosts may add to theirs meanwhile.
    """

    def __init__(self, content: Path, host: str) -> None:
        self._folder = content / "origins"
        self._file = self._folder / safe_name(host)
        self._records: dict[Path, tuple[int, set[str]]] = {}
        self._added = False

    def foreign(self, digests: Iterable[str]) -> frozenset[str]:
        """Those contents that other hosts brought, and this one never sent nor proved that it has them."""
        others: set[str] = set()
        wanted = frozenset(digests)
        if wanted:
            for file in self._folder.glob("*"):
                if file != self._file:
                    others |= wanted & self._read(file)
        return frozenset(others - self._read(self._file)) if others else frozenset()

    def _read(self, file: Path) -> set[str]:
        """The digests of a record, read again when it has grown. A half line of a killed run is not one."""
        try:
            size = file.stat().st_size
            known = self._records.get(file)
            if known is None or known[0] != size:
                lines = file.read_text(encoding="ascii").split("\n")
                known = self._records[file] = size, {line for line in lines if len(line) == 64}
        except FileNotFoundError:
            return set()
        return known[1]

    def add(self, digests: Iterable[str]) -> None:
        """Record that this host has them. Raises WorkspaceError."""
        own = self._read(self._file)
        new = sorted(set(digests) - own)
        if not new:
            return
        # A killed run may have left half a line.
        text = "".join(f"{digest}\n" for digest in ("", *new) if digest or not self._added)
        with writing(self._file):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # In one piece: another build of this host adds to the same record.
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, text.encode("ascii"))
                size = os.fstat(handle).st_size
            finally:
                os.close(handle)
        self._added = True
        if size == self._records.get(self._file, (0, own))[0] + len(text):
            own.update(new)
            self._records[self._file] = size, own
