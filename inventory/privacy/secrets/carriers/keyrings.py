"""Keyrings of programs in their own binary forms: GnuPG, OpenSSH, Java's BKS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, Secret

# GnuPG's private-keys-v1.d: a canonical S-expression, or since 2.3 headers with one behind ``Key:``. A key marked
# "shadowed" is on a card and not here.
_AGENT = re.compile(
    rb"\A(?:(?:[A-Z][A-Za-z-]{1,40}: [^\n]*\n(?: [^\n]*\n)*)*Key: )?\((?:11:|21:)?(?:protected-)?private-key"
)
_OPENSSH = b"openssh-key-v1\x00"
_SECRET_KEY = 5
"""The packet type of a secret key, RFC 9580, section 5."""


def _begins_secret_ring(content: bytes) -> bool:
    """A packet of a secret key, old or new form, of a version and an algorithm that exist."""
    if len(content) < 20 or not content[0] & 0x80:
        return False
    if content[0] & 0x40:
        if content[0] & 0x3F != _SECRET_KEY:
            return False
        body = 2 if content[1] < 192 else 3 if content[1] < 224 else 6
    else:
        if content[0] >> 2 & 0x0F != _SECRET_KEY or content[0] & 3 == 3:
            return False
        body = 2 + (0, 1, 3)[content[0] & 3]
    version = content[body]
    algorithm = content[body + 5 + (2 if version == 3 else 0)]
    return version in (3, 4, 6) and algorithm in (1, 2, 3, 16, 17, 18, 19, 20, 22, 25, 26, 27, 28)


def recognises(content: bytes, _path: str) -> bool:
    """By its beginning."""
    return bool(content.startswith(_OPENSSH) or _AGENT.match(content[:8192]) or _begins_secret_ring(content))


def read(_content: bytes, _budget: Budget) -> Iterator[Part]:
    """It is secret as a whole."""
    yield Secret("private key")


CARRIER = Carrier("keyring", recognises, read, whole=False)
