"""The names of settings, variables and options that promise a secret.

A name is cut into words at punctuation and at changes of case, so that ``dbPassword``, ``DB_PASSWORD`` and
``db.password`` are the same, and ``PasswordAuthentication``, ``password_file`` or ``proxy_pass`` do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from inventory.privacy.secrets.word_search import WordSearch


class NameStrength(Enum):
    """The strength of a name. STRONG: the value is a secret whatever it looks like. KEY: it is, unless it is a path or
    shorter than eight bytes (``access_key``, ``private_key``). DOUBT: it is if it looks chosen by a person
    (``show_password``, ``password_server``). WEAK: only if it looks random (``key``, ``salt``).
    """

    NONE = 0
    WEAK = 1
    DOUBT = 2
    KEY = 3
    STRONG = 4


_WORDS = re.compile(rb"[A-Z]{1,256}(?![a-z])|[A-Z]?[a-z]+|\d+")

_STRONG = frozenset(
    b"""password passwords passe passwd passwds passphrase passcode pass pwd pw psk secret secrets token cred creds
    credential credentials passwort kennwort motdepasse mdp contrasena senha wachtwoord losenord salasana haslo heslo
    parola jelszo sifre geheim geheimnis pasword passwrd passw requirepass masterauth rootpw bindpw rocommunity
    rwcommunity authtok""".split()
)
_STRONG_ENDINGS = (
    b"password", b"passwords", b"passwd", b"passphrase", b"secret", b"passwort", b"kennwort", b"authtok",
    b"psk", b"pwd", b"accesstoken", b"authtoken", b"apitoken", b"bottoken", b"usertoken", b"admintoken", b"roottoken",
    b"logintoken", b"jointoken", b"bearertoken", b"oauthtoken", b"refreshtoken", b"sessiontoken", b"securitytoken",
    b"cftoken", b"credentials",
)  # fmt: skip
_NO_PASS = frozenset(
    b"bypass compass encompass trespass overpass underpass surpass keepass multipass sshpass askpass".split()
)
_STRONG_JOINED = frozenset(
    prefix + ending
    for prefix in b"db my sql mysql user admin root smtp mail ftp ssh auth store key http ldap bind pg login".split()
    for ending in (b"pass", b"pwd", b"pw")
)
_KEY_FIRST = frozenset(
    b"""private secret access api preshared shared encryption encrypt encrypted crypt cipher signing sign master auth
    account license licence jwt app wep security session cookie hmac aes des hash storage subscription product
    activation consumer client deploy webhook pre cron update
    tsig omapi rndc remote control radius tacacs wpa wifi""".split()
)
_KEY_JOINED = frozenset(b"apikey privatekey secretkey accesskey presharedkey accountkey sharedkey masterkey".split())
_WEAK = frozenset(
    b"key keys salt auth cookie sig signature hash seed nonce session sid pin community encrypt pepper".split()
)

# After the secret word these make the name speak *about* the secret: a file that holds it, a rule for it, a switch.
_ABOUT = frozenset(
    b"""file files filename path paths dir directory location url uri urls endpoint authentication policy policies
    encryption reqd err recover uid gid gecos shell nag store strategy grant lookup short long weak missing mismatch
    must length len min max size count age expire expires expired expiry expiration ttl timeout lifetime days
    history prompt field fields column label placeholder hint type types enabled required enable disable allow reset
    change changed forgot forgotten validator validators validation hasher hashers encoder algorithm alg name names
    id ids header headers param params parameter regex pattern rule rules strength complexity quality database
    backend backends provider providers plugin plugins service scheme schemes format mode class module modules
    dialog ask askpass echo verify attempts tries retries lock interval duration refresh rotation env environment
    var variable ref reference command cmd program script exec helper source limit authenticator version schema
    bytes bits chars special upper lower digits warn warning inactive message title error errors invalid
    description user maps map sync chat fields checker check generator manager input form page view link button
    equal level reuse ring rings through time magic event events option options combination stream parser
    if order sender cannot attribute""".split()
)
# The same words may be a part of the purpose of the secret: the value decides.
_OF_WHAT = frozenset(b"server servers in text service database user env environment".split())
# Before the secret word: perhaps a switch, not a value (``--no-password``, ``ask_pass``, ``max_password``).
_SWITCH = frozenset(
    b"""no not ask prompt skip disable enable allow require permit min max validate forgot show hide is has use encrypt
    condition assert update existing need check try generate lost retrieve send resend""".split()
)
# Names of settings that name another place, unless the value looks otherwise.
_PASS_ON = frozenset(b"proxy_pass fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass".split())
# Names that are spelled like secrets and are known not to be.
_NOT_SECRET = frozenset(
    b"""oldpwd proxypass proxypassmatch proxypassreverse sslpassphrasedialog loadcredential conditioncredential
    assertcredential loadcredentialencrypted importcredential passenvironment ssh_auth_sock xauthority keyboard
    keymap token_bucket passprompt passdb keystore truststore keystoretype public_key pubkey nopasswd
    pin-sha256""".split()
)

SECRET_WORDS = tuple(
    b"""pass pwd pw secret token cred auth psk community wort contrasena pasword mdp senha wachtwoord losenord salasana
    haslo heslo parola jelszo sifre geheim""".split()
)
"""One of these, in lower case, is in every name that is secret."""
PROMISING_WORDS = (*SECRET_WORDS, *b"key cookie salt sig hash seed nonce session sid pin encrypt pepper".split())
"""One of these, in lower case, is in every name that promises anything."""

_PROMISING = WordSearch(PROMISING_WORDS)
_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_REST = re.compile(rb"[\w.-]*+")
_LOOK_BACK = 64


def end(text: bytes, at: int) -> int:
    """The end of the name that has a byte at ``at``."""
    rest = _REST.match(text, at)
    return rest.end() if rest else at


def start(text: bytes, at: int, least: int = 0) -> int:
    """The start of the name that has a byte at ``at``, not before ``least``."""
    width = _LOOK_BACK
    while True:
        first = max(least, at - width)
        begin = first + len(text[first:at].rstrip(_BYTES))
        if begin > first or first == least:
            return begin
        width *= 4


def promising(line: bytes) -> Iterator[int]:
    """The starts of names that may promise something, in order, each once."""
    known = 0
    for _, at, _ in _PROMISING.hits(line.lower()):
        if at >= known:
            known = end(line, at)
            yield start(line, at)


def words(name: bytes) -> list[bytes]:
    """The lower-case words of a name: ``b"DB_userPassword2"`` gives db, user, password, 2."""
    return [word.lower() for word in _WORDS.findall(name)]


def _is_strong(word: bytes) -> bool:
    if word.startswith(b"nopass"):
        return False
    return (
        word in _STRONG
        or word in _STRONG_JOINED
        or word.endswith(_STRONG_ENDINGS)
        or word.endswith((b"secretread", b"secretwrite", b"secretword", b"secretcode"))
        or (word.endswith((b"pass", b"pw")) and 4 < len(word) < 20 and word not in _NO_PASS)
    )


def _is_key(word: bytes) -> bool:
    """Whether a word is one with what makes it a key: ``apikey``, ``passwordsaltmain``."""
    return word in _KEY_JOINED or (word.endswith(b"key") and word[:-3] in _KEY_FIRST) or b"passwordsalt" in word


def _is_about(word: bytes) -> bool:
    return word in _ABOUT or (word.endswith(b"s") and word[:-1] in _ABOUT)


@lru_cache(maxsize=16384)
def strength(name: bytes) -> NameStrength:
    """The strength of the promise of ``name`` about its value."""
    bare = name.lstrip(b"-/$@%").rstrip(b"[]")
    lowered = bare.lower()
    if len(bare) > 256 or lowered.lstrip(b"_") in _NOT_SECRET:
        return NameStrength.NONE
    parts = words(bare)
    found = NameStrength.NONE
    at = -1
    for index, word in enumerate(parts):
        if _is_strong(word) or (word == b"auth" and lowered.endswith(b"rediscli_auth")):
            found, at = NameStrength.STRONG, index
        elif word == b"id" and found is NameStrength.STRONG and lowered.endswith(b"secret_id"):
            at = index  # Vault's secret_id is itself the secret
        elif _is_key(word) or (word in (b"key", b"keys") and index and parts[index - 1] in _KEY_FIRST):
            if found is not NameStrength.STRONG:
                found = NameStrength.KEY
            at = index
        elif word == b"hash" and len(parts) > 1:
            pass  # of files, commits, contents
        elif word == b"salt" or ((word in _WEAK or word.endswith(b"salt")) and found is NameStrength.NONE):
            found, at = NameStrength.WEAK, index
        elif word in (b"phrase", b"word") and index and parts[index - 1] == b"pass":
            found, at = NameStrength.STRONG, index
    if found is NameStrength.WEAK and lowered.endswith(b"key_base64"):
        return NameStrength.KEY
    if found is NameStrength.NONE:
        return found
    if any(_is_about(word) for word in parts[at + 1 :]) or b"public" in parts or b"pub" in parts:
        return NameStrength.NONE
    if found is not NameStrength.STRONG:
        return found
    first = next(index for index, word in enumerate(parts) if _is_strong(word) or word in (b"auth", b"pass"))
    doubtful = (first and parts[first - 1] in _SWITCH) or lowered in _PASS_ON
    return NameStrength.DOUBT if doubtful or any(word in _OF_WHAT for word in parts[at + 1 :]) else found


def is_secret(name: bytes) -> bool:
    """Whether the value of ``name`` is a secret whatever it looks like."""
    return strength(name) is NameStrength.STRONG
