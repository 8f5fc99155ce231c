"""The printable stretches of a binary, in ASCII and in UTF-16, and the keys that lie in it as DER."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, Secret, Strings

_ASCII = re.compile(rb"[\t\n\r\x20-\x7e]{6,}")
_WIDE = re.compile(rb"(?:[\t\n\r\x20-\x7e]\x00){6,}")
_UTF8 = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")

# PKCS #8 of RSA and of a named curve: SEQUENCE, version 0, the algorithm, OCTET STRING, SEQUENCE.
_KEY = re.compile(
    rb"\x30(?:\x82..|\x81.|.)\x02\x01\x00\x30(?:"
    rb"\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04\x82..\x30\x82"
    rb"|.\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06.{6,12}\x04[\x20-\x80].?\x30[\x20-\x80].?\x02\x01\x01\x04)",
    re.DOTALL,
)


def strings(content: bytes) -> bytes:
    """One line, or several where the stretch has some, for each."""
    found = _ASCII.findall(content)
    if b"\0" in content:
        found += [wide[::2] for wide in _WIDE.findall(content)]
    return b"\n".join(found)


def read(content: bytes, _budget: Budget) -> Iterator[Part]:
    """All of them as one text."""
    if _KEY.search(content):
        yield Secret("private key")
    yield Strings(strings(content))


def mostly_text(content: bytes) -> bool:
    """Whether a file with NULs in it is a text all the same: few other bytes are not printable."""
    sample = content[: 1 << 16]
    return sum(map(len, _UTF8.findall(sample))) >= 0.95 * len(sample)


CARRIER = Carrier("binary", lambda content, _path: b"\0" in content, read, whole=False)
