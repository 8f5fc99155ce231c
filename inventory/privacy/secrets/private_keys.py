"""The shapes in which private keys are written to files: one table for scans, redaction and images alike.

Encrypted keys count too: their passphrase is often a word. What is encrypted as a whole and no key (a PGP message, an
Ansible vault, an age file) does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from inventory.privacy.secrets.spans import Span

KIND = "private key"


class Extent(Enum):
    """The part of a file that belongs to the key, beginning with the line that shows its shape."""

    BLOCK = "all to the line that ends the block"
    NEXT_LINE = "the line below"
    WORD = "the group ``secret`` of the shape"
    FILE = "the whole file, which begins so"


class Shape(NamedTuple):
    """One form of private keys."""

    extent: Extent
    pattern: bytes
    """Regular expression; of a BLOCK the text between ``-----BEGIN`` and ``-----``."""
    asked: str = ""
    """The same for the ``grep -iE`` of a scan, which has no ``\\w`` and no groups that do not count; empty where the
    file is binary, or another row asks for it."""


SHAPES: tuple[Shape, ...] = (
    # OpenSSL's names (ENCRYPTED, RSA, EC, DSA, TSS2 …), OpenSSH, GnuPG, cosign: RFC 7468 and RFC 9580, 6.2.
    Shape(Extent.BLOCK, rb"(?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?", "private key( block)?-----"),
    # Keys of --secret, --tls-auth, --tls-crypt, --tls-crypt-v2 and --auth-gen-token-secret.
    Shape(Extent.BLOCK, rb"OpenVPN [A-Za-z0-9 -]{1,40}[kK]ey(?: V\d)?", "openvpn [a-z0-9 -]*key( v[0-9])?-----"),
    # RFC 4716 as ssh.com's programs write it, with four dashes.
    Shape(Extent.BLOCK, rb"SSH2 ENCRYPTED PRIVATE KEY", "ssh2 encrypted private key ----"),
    # signify and minisign: a comment, then the key.
    Shape(Extent.NEXT_LINE, rb"^untrusted comment: .{0,200}\bsecret key\s*$", "^untrusted comment: .*secret key"),
    Shape(Extent.WORD, rb"\b(?P<secret>AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Za-z]{40,4000})", "age-secret-key-(pq-)?1"),
    # dnssec-keygen's *.private; the public parts (Modulus, PublicExponent) are in the *.key next to it.
    Shape(
        Extent.WORD,
        rb"^(?:PrivateExponent|Prime[12]|Exponent[12]|Coefficient|Private_value\(x\)): (?P<secret>\S+)",
        "^private-key-format:",
    ),
    Shape(Extent.FILE, rb"PuTTY-User-Key-File-", "^putty-user-key-file-"),
    Shape(Extent.FILE, rb"Private-key-format: v"),
    Shape(Extent.FILE, rb"SSH PRIVATE KEY FILE FORMAT 1\.1\n"),  # of SSH 1
    Shape(Extent.FILE, rb"== (?:ed25519v1|type\d)-secret: "),  # of tor
)

ASKED: tuple[str, ...] = tuple(shape.asked for shape in SHAPES if shape.asked)
"""Extended regular expressions without regard to case: the lines that show that a file holds a private key."""

WORD_TRIGGERS = (b"age-secret-key-", b"exponent", b"prime", b"coefficient", b"private_value")
"""Texts of which, in lower case, a line has one when :func:`words` finds something."""


def _either(extent: Extent) -> bytes:
    return b"|".join(shape.pattern for shape in SHAPES if shape.extent is extent)


BEGIN = re.compile(rb"-{4,5}\s?BEGIN (?:" + _either(Extent.BLOCK) + rb")\s?-{4,5}")
"""The line that begins a block."""
_BOUND = re.compile(BEGIN.pattern.replace(b"BEGIN", b"(?:BEGIN|END)", 1))
NEXT_LINE = re.compile(_either(Extent.NEXT_LINE))
"""The line above a key."""
_FILE = re.compile(_either(Extent.FILE))
_WORDS = tuple(re.compile(shape.pattern) for shape in SHAPES if shape.extent is Extent.WORD)


def words(line: bytes) -> Iterator[Span]:
    """Keys that are in one line."""
    for pattern in _WORDS:
        for match in pattern.finditer(line):
            yield Span(*match.span("secret"), KIND, True)


def begins_file(content: bytes) -> bool:
    """Whether a file that begins like this is a private key."""
    return _FILE.match(content) is not None


def shown_by(line: bytes) -> bool:
    """Whether a line alone, other than one that is a part of a key, shows that its file holds a private key."""
    if b"key" not in line.lower():
        return False  # asked of every line, and few have it
    return bool(_BOUND.search(line) or NEXT_LINE.search(line) or _FILE.match(line) or any(words(line)))
