"""Checksums that packages record for their files: hexadecimal, distinguished by length.

dpkg and rpm before 4.6 keep md5, apk sha1, rpm since 4.6 sha256 (sha512 where a distribution says so). An rpm database
may hold several kinds: packages keep what they were built with.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hashlib import _Hash

Algorithm = Literal["md5", "sha1", "sha256", "sha512"]

LENGTHS: dict[Algorithm, int] = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hexadecimal digits of each."""

_BY_LENGTH: dict[int, Algorithm] = {length: algorithm for algorithm, length in LENGTHS.items()}
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


def algorithm_of(checksum: str) -> Algorithm | None:
    """The algorithm of a checksum; None for one that no host can compute."""
    algorithm = _BY_LENGTH.get(len(checksum))
    return algorithm if algorithm is not None and _HEX.fullmatch(checksum) else None


def hasher(checksum: str) -> _Hash:
    """A fresh hash object of the same algorithm. Raises ValueError for what is not a checksum."""
    algorithm = algorithm_of(checksum)
    if algorithm is None:
        raise ValueError("not a checksum of a known length")
    return hashlib.new(algorithm, usedforsecurity=False)


def fits(content: bytes, checksum: str) -> bool:
    """Whether ``content`` has this checksum; False for what is not a checksum."""
    if algorithm_of(checksum) is None:
        return False
    hashed = hasher(checksum)
    hashed.update(content)
    return hashed.hexdigest() == checksum
