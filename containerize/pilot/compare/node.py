"""The tree form of any answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from containerize.pilot.compare.tokens import shape


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A piece of an answer: an element, a text, a value, a line.

    ``label`` says what it is (``div``, ``#text``, ``[]``), ``key`` which one among its siblings where it has a name
    (an element's id, a JSON key). ``digest`` is equal for equal trees, ``shape`` for trees that differ in noise alone.
    """

    label: str
    key: str = ""
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[TreeNode, ...] = ()
    digest: bytes = field(init=False, repr=False)
    shape: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        exact = [self.label, self.key, self.text, *(part for pair in self.attributes for part in pair)]
        loose = [self.label, shape(self.key), shape(self.text)]
        loose += [part for name, value in self.attributes for part in (name, shape(value))]
        object.__setattr__(self, "digest", _hash(exact, [child.digest for child in self.children]))
        object.__setattr__(self, "shape", _hash(loose, [child.shape for child in self.children]))

    @property
    def kind(self) -> tuple[str, str]:
        """The kind of node that it can be paired with."""
        return self.label, self.key

    def leaves(self) -> int:
        """The number of values in the tree."""
        own = len(self.attributes) + bool(self.text)
        return own + sum(child.leaves() for child in self.children)

    def words(self, limit: int = 80) -> str:
        """It in words for people: its text, or what it is."""
        text = " ".join(self._texts(limit))
        if len(text) > limit:
            text = text[:limit] + "…"
        name = self.label if self.label.startswith("#") else f"<{self.label}>"
        return f"{name} {text!r}" if text else name

    def _texts(self, limit: int) -> list[str]:
        found = [self.text] if self.text else []
        for child in self.children:
            if sum(map(len, found)) > limit:
                break
            found += child._texts(limit)
        return found


def _hash(parts: list[str], children: list[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    for child in children:
        digest.update(child)
    return digest.digest()
