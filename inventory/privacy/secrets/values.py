"""The kinds of values in the place of a secret: a secret, or a switch, a reference, a path, a form label."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter

TOKEN = re.compile(rb"<redacted(?::[0-9a-f]{8}(?:[0-9a-f]{8})?)?>")
"""The token that :class:`inventory.privacy.redaction.Redactor` puts in place of a secret; with 8 digits in old
recordings.
"""

_SWITCHES = frozenset(
    b"yes no true false on off null none nil undef undefined 0 1 required optional disabled enabled prompt ask".split()
)
_CHOICES = frozenset(
    b"""always never auto default on_create md5 sha1 sha256 sha512 crypt plain plaintext cleartext bcrypt hashed scram
    any all basic digest""".split()
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
      | \$[A-Z][A-Z0-9_]{0,60}\$            # $ARG1$ of Nagios
      | %\{[^\s{}]{1,120}\}[es]?             # %{name}, %{name}e of Apache
      | \{\{[^{}]{0,120}\}\}                 # {{ template }}
      | <%=?[^%]{0,120}%>                    # <%= template %>
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
    rb"^(?:[A-Z_]{2,}/)?[\w.-]+\.(?:key|pem|crt|cer|jks|p12|pfx|der|txt|conf|cfg|json|ya?ml|xml|properties|jceks|csr|cnf|mk)$"
)
NSSWITCH = re.compile(
    rb"^\s*(?:(?:files|compat|nis|nisplus|db|ldap|systemd|sss|winbind|extrausers|hesiod|altfiles|cache"
    rb"|mymachines|unix|\[[^\]]{1,60}\])\s*)+(?:#.*)?$"
)


# What a program computes: a call, an element, an attribute that is named after a secret.
_EXPRESSION = re.compile(
    rb"""(?:
        \$?[A-Za-z_][\w.:>$-]{0,80}\(.{0,300}\)\s*
      | (?:\$\w+|[a-z_]\w*(?:\.\w+){0,5})(?:->\w+|::\w+){0,5}(?:\[[^\[\]]{0,80}\]|\{\$?\w+\}){1,4}\s*
      | (?:\$\w+(?:->|::)|@|(?:self|this|cls|args|options|opts|config|conf|cfg|settings|env|params|request|req|ctx|data
        |form|props|state|credentials|user|os|app)\.)\$?[\w.]{1,80}(?:->\w+)?
    );?""",
    re.VERBOSE | re.DOTALL,
)
# What documentation and shipped defaults have where the reader is to put a secret.
_PLACEHOLDER = re.compile(
    rb"""x{3,}|foobared|change[_-]?(?:me|this|it)|<[^<>]{0,60}>|\[[^\[\]]{0,60}\]|\*{3,}|\.{3,}|your[ _-][\w -]{1,40}
    |(?:my|some|the)?[_-]?(?:password|passwd|secret|token|passphrase)(?:here)?|example|dummy""",
    re.VERBOSE | re.IGNORECASE,
)
_TEMPLATE = re.compile(
    rb"<[a-z_ -]{0,40}(?:password|passwd|passphrase|secret|token|your|key|here|pass)[a-z_ -]{0,40}>", re.IGNORECASE
)
_NUMBER = re.compile(rb"[*]|(?:[~^<>=v*-]{1,2} ?)?[0-9][0-9.,:x*]*(?:[smhd]|ms|[kKMG]B?|%)?")
_HOST = re.compile(rb"\[?[\w-]+(?:\.[\w-]+)+\.?\]?(?::\d{1,5})?|[\w.-]+:\d{1,5}|[a-z][a-z0-9+.-]*://.*", re.DOTALL)
_REGULAR = re.compile(rb"\\[SsdwDWb]|\.\*|-\w\w?\][+*]|\[\^|\[\[:|\(\?[:!=P]|\\\.|%[sd]")
# 64 signs of every kind, blanks among them, as WordPress makes its keys.
_SALT = re.compile(rb"(?=(?:[\w ]*[^\w\s]){12})(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[\x20-\x7e]{60,68}")
_SENTENCE = re.compile(rb"(?:\\u[0-9A-Fa-f]{4}|[\x80-\xff]{3}){4}")
"""Characters of a script that has no blanks between words."""
_PLAIN_PATH = re.compile(rb"(?:/[a-z0-9_.@%-]{1,60}){2,}/?")


def is_expression(value: bytes) -> bool:
    """Whether a program computes the value: ``getpass("x")``, ``$_POST["x"]``, ``self.password``."""
    return len(value) <= 400 and _EXPRESSION.fullmatch(value) is not None


def is_placeholder(value: bytes) -> bool:
    """Whether the value only marks the place of a secret."""
    return len(value) <= 80 and _PLACEHOLDER.fullmatch(value) is not None


def is_template(value: bytes) -> bool:
    """Whether the value in brackets asks the reader to replace it."""
    return len(value) <= 80 and _TEMPLATE.fullmatch(value) is not None


def is_plain_path(value: bytes) -> bool:
    """Whether the value is the path of a file: several lower-case names behind slashes."""
    return len(value) <= 400 and _PLAIN_PATH.fullmatch(value) is not None


def is_number(value: bytes) -> bool:
    """Whether the value is a number, a time, a size or a version."""
    return _NUMBER.fullmatch(value) is not None


def is_regular(value: bytes) -> bool:
    """Whether the value is a regular expression or a format."""
    return _REGULAR.search(value) is not None


def looks_chosen(value: bytes) -> bool:
    """Whether the value looks chosen by a person as a secret: one word, not a number, place, choice or plain word."""
    return (
        4 <= len(value) <= 200
        and not value.isspace()
        and len(value.split()) == 1
        and _SENTENCE.search(value) is None
        and value.lower() not in _CHOICES
        and not (is_switch(value) or is_path(value) or is_expression(value) or is_label(value) or is_placeholder(value))
        and _NUMBER.fullmatch(value) is None
        and _HOST.fullmatch(value) is None
        and not value.startswith((b"unix:", b"file:"))
        and (re.search(rb"[A-Z0-9]", value) is not None or re.search(rb"[^A-Za-z0-9_.-]", value) is not None)
    )


def is_token(value: bytes) -> bool:
    """Whether ``value`` is one or several tokens of redaction."""
    return TOKEN.fullmatch(value) is not None or (b"<redacted" in value and not TOKEN.sub(b"", value).strip())


def is_switch(value: bytes) -> bool:
    """Whether ``value`` is a word that is not used as a secret because the setting gives it a meaning."""
    return value.lower() in _SWITCHES


def is_reference(value: bytes) -> bool:
    """Whether the whole value names the source of the secret."""
    return value[:1] in b"$%{#@peosgSE!<" and _REFERENCE.fullmatch(value) is not None


def is_path(value: bytes) -> bool:
    """Whether ``value`` looks like the place of a file."""
    return _PATH.match(value) is not None or _FILE_NAME.match(value) is not None


def are_file_names(value: bytes) -> bool:
    """Whether each word of a value is the name of a file with one of the usual endings."""
    return all(_FILE_NAME.match(word) for word in value.split())


def is_blank(value: bytes) -> bool:
    """Whether ``value`` only marks the place of a secret: ``xxx``, ``***``, ``<password>``."""
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
    if _SALT.fullmatch(value):
        return True
    if not 16 <= len(value) <= 512 or re.search(rb"\s", value) or is_path(value) or re.search(rb"://|\$[({]", value):
        return False
    if re.search(rb"[0-9]", value) is None or re.fullmatch(rb"[A-Za-z]+[0-9]{0,2}", value):
        return False  # a name in a program may end with a digit
    pieces = [piece for piece in re.split(rb"[-._:,+]", value) if not piece.isalpha() and not piece.isdigit() and piece]
    if not pieces or (len(pieces) == 1 and re.fullmatch(rb"[A-Za-z]+[0-9]{1,2}|[0-9]{1,2}[A-Za-z]", pieces[0])):
        return False  # words and numbers: LGPL-2.1-or-later, break-before-h1
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
