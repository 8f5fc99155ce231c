"""Masked text of hosts and containers for display: without secrets, on one line, shortened."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from inventory.privacy.redaction import Redactor

HIDDEN = "•••"

_SHORTEST = 6
"""Shorter words of a secret file are names and switches more often than secrets; hiding them would hide the answers."""

_WORD = re.compile(r"[^\s\"'=;,:<>()\[\]{}]+")


def _looks_secret(word: str) -> bool:
    """A word that no sentence contains: long, with digits among letters, and no path."""
    return (
        len(word) >= 8
        and any(each.isdigit() for each in word)
        and any(each.isalpha() for each in word)
        and not word.startswith("/")
    )


class Mask:
    """Hides the secrets that this pilot read, and whatever else the inventory's redaction takes for one."""

    def __init__(self) -> None:
        # The tokens are thrown away, so any key will do.
        self._redactor = Redactor(secrets.token_bytes(32))
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return "Mask(…)"

    def learn_file(self, content: bytes) -> None:
        """Remember what is secret in a file: what redaction hides in it; where it finds nothing, what might be one."""
        text = content.decode("utf-8", "replace")
        hidden = self._redactor.text(content).decode("utf-8", "replace")
        words = set(_WORD.findall(text))
        if hidden != text:
            self._learn(words - set(_WORD.findall(hidden)))
        else:
            self._learn(word for word in words if _looks_secret(word))

    def learn_value(self, value: str) -> None:
        """Remember a secret of the environment."""
        self._learn([value])

    def _learn(self, words: Iterable[str]) -> None:
        self._known.update(word for word in words if len(word) >= _SHORTEST)
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Any text, without the secrets."""
        redacted = self._redactor.text(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
        redacted = re.sub(r"<redacted:[0-9a-f]+>", HIDDEN, redacted)
        return self._pattern.sub(HIDDEN, redacted) if self._pattern else redacted

    def line(self, text: str, limit: int = 300) -> str:
        """For a table: one line, control and format characters made visible, cut off."""
        words = " ".join(self.text(text).split())
        shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in words)
        return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"

    def lines(self, content: bytes, limit: int = 20) -> str:
        """The last lines of an output."""
        text = content.decode("utf-8", "replace")
        return "\n".join(self.line(line) for line in text.splitlines()[-limit:] if line.strip())
