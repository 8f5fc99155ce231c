"""Which names (of settings, variables, options) stand before a secret.

A name is cut into words at punctuation and at changes of case, so that ``dbPassword``, ``DB_PASSWORD`` and
``db.password`` are one case, and ``PasswordAuthentication``, ``password_file`` or ``proxy_pass`` are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from inventory.secrets.search import WordSearch


class Strength(Enum):
    """How much a name promises. STRONG: the value is a secret whatever it looks like. KEY: it is, unless it is a path
    or shorter than eight bytes (``access_key``, ``private_key``). WEAK: only if it looks random (``key``, ``salt``).
    """

    NONE = 0
    WEAK = 1
    KEY = 2
    STRONG = 3


_WORDS = re.compile(rb"[A-Z]{1,256}(?![a-z])|[A-Z]?[a-z]+|\d+")

_STRONG = frozenset(
    b"""password passwords passwd passwds passphrase passcode pass pwd pw psk secret secrets token cred creds
    credential credentials passwort kennwort motdepasse contrasena requirepass masterauth rootpw bindpw rocommunity
    rwcommunity""".split()
)
_STRONG_ENDINGS = (b"password", b"passwd", b"passphrase", b"secret", b"passwort", b"accesstoken", b"authtoken")
_STRONG_JOINED = frozenset(
    prefix + ending
    for prefix in b"db my sql mysql user admin root smtp mail ftp ssh auth store key http ldap bind pg login".split()
    for ending in (b"pass", b"pwd", b"pw")
)
_KEY_FIRST = frozenset(
    b"private secret access api preshared shared encryption signing master auth account license jwt app".split()
)
_KEY_JOINED = frozenset(b"apikey privatekey secretkey accesskey presharedkey accountkey sharedkey masterkey".split())
_WEAK = frozenset(b"key keys salt auth cookie sig signature hash seed nonce session sid pin community".split())

# After the secret word these make the name speak *about* the secret: a file that holds it, a rule for it, a switch.
_ABOUT = frozenset(
    b"""file files filename path paths dir directory location url uri urls endpoint authentication policy policies
    length len min max size count age expire expires expired expiry expiration ttl timeout lifetime days history prompt
    field fields column label placeholder hint type types enabled required enable disable allow reset change changed
    forgot forgotten validator validators validation hasher hashers encoder algorithm alg name names id ids header
    headers param params parameter regex pattern rule rules strength complexity quality database backend backends
    provider providers plugin plugins service scheme schemes format mode class module modules dialog ask askpass echo
    verify attempts tries retries lock interval duration refresh rotation env environment var variable ref reference
    command cmd program script exec helper source limit authenticator version schema bytes bits chars special upper
    lower
    digits warn warning inactive message text title error errors invalid description user maps map sync chat fields
    checker check generator manager input form page view link button equal level server servers reuse in ring rings
    through time magic event events option options combination""".split()
)
# Before the secret word: a switch, not a value (``--no-password``, ``ask_pass``, ``max_password``).
_SWITCH = frozenset(b"no ask prompt skip disable enable allow require permit min max proxy fastcgi uwsgi scgi".split())
_SWITCH |= frozenset(b"grpc memcached validate forgot show hide is has use encrypt condition assert update".split())
# Names that are spelled like secrets and are known not to be.
_NOT_SECRET = frozenset(
    b"""pwd oldpwd proxypass proxypassmatch proxypassreverse sslpassphrasedialog loadcredential
    loadcredentialencrypted importcredential passenvironment ssh_auth_sock xauthority accesskey keyboard keymap
    token_bucket passprompt passdb keystore truststore keystoretype public_key pubkey nopasswd""".split()
)

SECRET_WORDS = tuple(b"pass pwd pw secret token cred auth psk community wort contrasena".split())
"""One of these, in lower case, is in every name that is secret."""
PROMISING_WORDS = (*SECRET_WORDS, *b"key cookie salt sig hash seed nonce session sid pin".split())
"""One of these, in lower case, is in every name that promises anything."""

_PROMISING = WordSearch(PROMISING_WORDS)
_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_REST = re.compile(rb"[\w.-]*+")
_LOOK_BACK = 64


def end(text: bytes, at: int) -> int:
    """Where the name ends that has a byte at ``at``."""
    rest = _REST.match(text, at)
    return rest.end() if rest else at


def start(text: bytes, at: int, least: int = 0) -> int:
    """Where the name begins that has a byte at ``at``, not before ``least``."""
    width = _LOOK_BACK
    while True:
        first = max(least, at - width)
        begin = first + len(text[first:at].rstrip(_BYTES))
        if begin > first or first == least:
            return begin
        width *= 4


def promising(line: bytes) -> Iterator[int]:
    """Where names begin that may promise something, in order, each once."""
    known = 0
    for _, at, _ in _PROMISING.hits(line.lower()):
        if at >= known:
            known = end(line, at)
            yield start(line, at)


def words(name: bytes) -> list[bytes]:
    """The lower-case words of a name: ``b"DB_userPassword2"`` gives db, user, password, 2."""
    return [word.lower() for word in _WORDS.findall(name)]


def _is_strong(word: bytes) -> bool:
    return word in _STRONG or word in _STRONG_JOINED or word.endswith(_STRONG_ENDINGS)


@lru_cache(maxsize=16384)
def strength(name: bytes) -> Strength:
    """What ``name`` promises of its value."""
    bare = name.lstrip(b"-/$@%").rstrip(b"[]")
    lowered = bare.lower()
    if len(bare) > 256 or lowered.lstrip(b"_") in _NOT_SECRET:
        return Strength.NONE
    parts = words(bare)
    found = Strength.NONE
    at = -1
    for index, word in enumerate(parts):
        if _is_strong(word) or (word == b"auth" and lowered.endswith(b"rediscli_auth")):
            found, at = Strength.STRONG, index
        elif word == b"id" and found is Strength.STRONG and lowered.endswith(b"secret_id"):
            at = index  # Vault's secret_id is itself the secret
        elif word in _KEY_JOINED or (word in (b"key", b"keys") and index and parts[index - 1] in _KEY_FIRST):
            if found is not Strength.STRONG:
                found = Strength.KEY
            at = index
        elif word in _WEAK and found is Strength.NONE:
            found, at = Strength.WEAK, index
        elif word in (b"phrase", b"word") and index and parts[index - 1] == b"pass":
            found, at = Strength.STRONG, index
    if found is Strength.NONE:
        return found
    if any(word in _ABOUT for word in parts[at + 1 :]):
        return Strength.NONE
    first = next(index for index, word in enumerate(parts) if _is_strong(word) or word in _WEAK or word in _KEY_JOINED)
    before = parts[first - 1] if first else b""
    if before in _SWITCH and found is Strength.STRONG:
        return Strength.NONE
    if b"public" in parts or b"pub" in parts:
        return Strength.NONE
    return found


def is_secret(name: bytes) -> bool:
    """Whether the value of ``name`` is a secret whatever it looks like."""
    return strength(name) is Strength.STRONG
