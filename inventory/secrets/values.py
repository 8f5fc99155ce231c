"""What stands where a secret would: a secret, or a switch, a reference, a path, a form label."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter

TOKEN = re.compile(rb"<redacted(?::[0-9a-f]{8}(?:[0-9a-f]{8})?)?>")
"""What :class:`inventory.redaction.Redactor` puts in place of a secret; in recordings made before with 8 digits."""

_SWITCHES = frozenset(
    b"yes no true false on off null none nil undef undefined 0 1 required optional disabled enabled prompt ask".split()
)
# A whole value of this form is looked up elsewhere; the secret is not here.
_REFERENCE = re.compile(
    rb"""(?:
        \$[A-Za-z_]\w*                       # $NAME
      | \$\{[A-Za-z_][\w.]{0,120}\}         # ${NAME}, not ${NAME:-default}
      | \$\([^()]{1,120}\)                   # $(command)
      | %\([^()\s]{1,80}\)[sd]?              # %(name)s
      | \$\{(?:if|lookup|extract|expand|env|readfile|run)[\s{].{0,400}  # exim
      | \$[\d@*]                             # $1
      | %[sdn]                               # printf
      | %[A-Za-z_]\w*%                       # %NAME%
      | \{\{[^{}]{0,120}\}\}                 # {{ template }}
      | \#\{[^{}]{0,120}\}                   # #{expression}
      | \{[A-Za-z_]\w*\}                     # {name}
      | @[A-Za-z_]\w*@                       # @NAME@ of a template
      | (?:process\.env|os\.environ|os\.getenv|getenv|System\.getenv|ENV|env)[.\[(][^\s,|]{1,120}
      | !(?:vault|secret|reference|Ref|Sub)\s.{0,120}
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(rb"x{3,}|X{3,}|\*{3,}|:?\*{3,}|\.{3,}|-+|\?+|<[^<>]*>|\[[^\[\]]*\]")
_LABEL = re.compile(
    rb"""(?:(?:user|new|old|current|confirm|repeat|your|enter|db|login)[_.-]?)?
    (?:password|passwd|passwort|passphrase|pwd|token|secret)
    (?:[_.-]?(?:confirmation|confirm|field|hash|input|again|reset|repeat))?:?""",
    re.VERBOSE | re.IGNORECASE,
)
_EXAMPLE = re.compile(rb"x{3,}|foobared|foo(?:bar)?|bar|dummy|test|todo|true\|false", re.IGNORECASE)
_EXAMPLE_WORD = re.compile(
    rb"your|example|here|secret|unique phrase|change.?me|change.?this|place.?holder|pass(?:word|wd|phrase)?",
    re.IGNORECASE,
)
_PATH = re.compile(rb"^(?:</?|file:|pass:|hash:|sdbm:|texthash:)?(?:\$\{?\w+\}?/|/|\./|\.\./|~/|[A-Za-z]:\\)[^\s]*$")
_FILE_NAME = re.compile(
    rb"^(?:[A-Z_]{2,}/)?[\w.-]+\.(?:key|pem|crt|cer|jks|p12|pfx|der|txt|conf|cfg|json|ya?ml|xml|properties|jceks)$"
)
NSSWITCH = re.compile(
    rb"^\s*(?:(?:files|compat|nis|nisplus|db|ldap|systemd|sss|winbind|extrausers|hesiod|altfiles|cache"
    rb"|mymachines|unix|\[[^\]]{1,60}\])\s*)+(?:#.*)?$"
)


def is_token(value: bytes) -> bool:
    """Whether ``value`` is what redaction left: a token, or several."""
    return TOKEN.fullmatch(value) is not None or (b"<redacted" in value and not TOKEN.sub(b"", value).strip())


def is_switch(value: bytes) -> bool:
    """Whether ``value`` is a word that no one uses as a secret because the setting gives it a meaning."""
    return value.lower() in _SWITCHES


def is_reference(value: bytes) -> bool:
    """Whether the whole value names where the secret comes from."""
    return value[:1] in b"$%{#@peosgSE!" and _REFERENCE.fullmatch(value) is not None


def is_path(value: bytes) -> bool:
    """Whether ``value`` looks like the place of a file."""
    return _PATH.match(value) is not None or _FILE_NAME.match(value) is not None


def is_blank(value: bytes) -> bool:
    """Whether ``value`` only shows where a secret would stand: ``xxx``, ``***``, ``<password>``."""
    return _BLANK.fullmatch(value) is not None


def is_label(value: bytes) -> bool:
    """Whether a program means the name of a field, not a secret: ``password``, ``new_password``."""
    return _LABEL.fullmatch(value) is not None


def is_example(value: bytes) -> bool:
    """Whether documentation would write this where a reader is to put a secret: ``your_password``, ``changeme``."""
    return is_blank(value) or bool(_EXAMPLE.fullmatch(value) or _EXAMPLE_WORD.search(value))


def entropy(value: bytes) -> float:
    """Shannon entropy in bits per byte."""
    if not value:
        return 0.0
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def looks_random(value: bytes) -> bool:
    """Whether ``value`` was made by a machine: long, without spaces, of mixed classes, spread evenly."""
    if not 16 <= len(value) <= 512 or re.search(rb"\s", value) or is_path(value) or re.search(rb"://|\$[({]", value):
        return False
    if re.search(rb"[0-9]", value) is None:
        return False
    if all(piece.isalpha() or piece.isdigit() or not piece for piece in re.split(rb"[-._:,+]", value)):
        return False  # words and numbers: LGPL-2.1-or-later
    classes = sum(re.search(c, value) is not None for c in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9]"))
    return classes >= 2 and entropy(value) >= 3.0


def is_basic_credential(value: bytes) -> bool:
    """Whether ``value`` is base64 of ``user:password``, as in HTTP basic authentication and registry logins."""
    if not 6 <= len(value) <= 1024:
        return False
    try:
        plain = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return re.fullmatch(rb"[\x20-\x39\x3b-\x7e]+:[\x20-\x7e]+", plain) is not None
