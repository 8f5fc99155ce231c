"""Files that hold logins and nothing else: known by their names, their secrets by the place in the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from inventory.privacy.secrets import values
from inventory.privacy.secrets.spans import Span

KIND = "line of a password file"

# Names of password files of any product; a suffix may follow them, or nothing.
_NAMED = re.compile(
    r"""/(?:[\w.-]{0,80}[._-])?(?:pass(?:word|wd|phrase|wort|woerter|wörter)?s?|pw|psk|secrets?|credentials?|creds|kennwort(?:e|er)?
    |zugang(?:sdaten)?|zugaenge|logins?|auth(?:info|keys|-user-pass|file)?|userpass|user-pass|user_pass|userlist|pwfile|pwd
    |token|apikey|api[_-]key|cookie|vault[_-]?pass|amandapass|passdb|virtual[_-]?users|vusers|ftpusers[_-]?db
    |htpasswds?|users?[_-]?pw)
    (?:[._-](?:txt|list|lst|dat|file|key|secret|password|passwd|db|map|old|bak|orig|local|prod|dev|test|live|admin
    |root|mail|smtp|ldap|mysql|web))?$
    |\.(?:password|passwd|passphrase|pass|pw|pwd|secret|secrets|token|cookie|psk|credentials?|creds|auth)$
    |/(?:passwords?|passwd|credentials)\.conf$|/pin\.txt$
    |/\.?(?:vault_pass|vault-pass|vaultpass|passphrase|pgpass|cvspass|vnc_passwd|erlang\.cookie)[\w.-]{0,80}$""",
    re.VERBOSE | re.IGNORECASE,
)
_BY_PATH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"/mysql/master\.info$|/master\.info$", "sixth line"),
        (r"/(?:chap|pap|srp)-secrets$", "third word"),
        (r"/secrets\.ya?ml$", "chosen"),
        (r"/smtproutes$|/esmtpauthclient$", "third word"),
        (r"/ossec/etc/client\.keys$|/wazuh[\w.-]{0,20}/client\.keys$", "last word"),
        (r"/dcc/ids$", "all but the first"),
        (r"/vpopmail\.mysql$", "fourth field"),
        (r"/rapi/users$", "second word"),
        (r"/psk\.txt$|/racoon/[\w.-]{0,60}psk", "second word"),
        (r"/davfs2/secrets$|/uucp/call$", "last word"),
        (
            r"/(?:raddb|freeradius)/(?:[\d.]+/)?clients$|/pam_radius\w{0,40}\.conf$|/radius(?:client)?\w{0,40}/servers?$",
            "second word",
        ),
        (
            r"/(?:postfix|exim4?|sendmail)/(?:[\w.-]{1,60}/)?[\w.-]{0,60}(?:sasl|relay|passw|auth)[\w.-]{0,60}$(?<!\.cf)(?<!\.conf)(?<!passwd\.client)",
            "mail login",
        ),
        (r"/passwd\.(?:client|nntp)$", "last field"),
        (r"/\.?[\w-]{1,40}\.shadow$", "whole"),
        (r"/hostapd[\w.-]{0,40}/[\w.-]{0,40}eap_user[\w.-]{0,40}$", "third word"),
        (r"/(?:open)?vpn/(?:[\w.-]{1,60}/)?[\w.-]{1,60}\.(?:txt|up|auth|login|cred)$", "logins"),
        (r"/tac_plus[\w.-]{0,40}$", "key"),
        (r"/keys-[\w.-]{1,60}$", "assigned"),
        (
            r"/[\w.-]{1,80}\.key$|/(?!pub)[\w.-]{0,60}(?<!pub)(?<!public)[._-]?(?:private[_-]?key|privkey|secret[_-]?key)$",
            "alone",
        ),
        (r"/(?:jmxremote|management)\.password$", "second word"),
        (r"/(?:[\w.-]{0,60}realm[\w.-]{0,60}|(?:application-|mgmt-)?users|login)\.properties$", "user and roles"),
        (
            r"/varnish/secret$|/\.erlang\.cookie$|/mongo\w{0,40}[./-]key(?:file)?$|/keyfile$|/\.google_authenticator$"
            r"|/\.accesshash$|/(?:corosync|pacemaker)/authkey(?:\.txt)?$",
            "whole",
        ),
        (r"/vsftpd[\w.-]{0,60}/[\w.-]{0,60}(?:user|login|virt|passw)[\w.-]{0,60}(?:\.txt)?$", "every second line"),
        (r"/amandapass$", "per cent"),
        (r"/userlist\.txt$", "second word"),
        (r"/(?:rsyncd?|svnserve)\.(?:secrets|passwd)$", "second field"),
        (r"/lighttpd[\w./-]{0,120}\.(?:user|pass|htpasswd)$", "second field"),
    )
)
_ELSEWHERE = re.compile(
    r"/(?:usr/(?:share|lib|include|src|s?bin|libexec)|lib|etc/(?:pam\.d|init\.d|logrotate\.d|default|cron\.\w+|apparmor\.d"
    r"|bash_completion\.d|systemd|selinux|sudoers\.d|xdg|firewalld|security|alternatives)|var/lib/(?:dpkg|dbconfig)|proc|sys)/"
    r"|/(?:doc|docs|man|locale|completions|site-packages|dist-packages|node_modules)/|^/etc/(?:passwd|group|shadow|gshadow)-?$"
)
_MOST = 16 * 1024
_MOST_LINES = 200

_COMMENT = re.compile(rb"\s*(?:#|;|--)")
_ALONE = re.compile(rb"[A-Za-z0-9+/_=-]{16,200}")
_WORD = rb"(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)"
_LOGIN_LINE = re.compile(rb"^\s*(?P<user>[^\s:=]{1,120})(?:\s*[:=]\s*|\s+)(?P<secret>" + _WORD + rb")\s*$")
_SLASHED = re.compile(rb"^.{1,120}?\s/\s+(?P<secret>\S+)\s*$")
_MANY = re.compile(_WORD)


@lru_cache(maxsize=16384)
def form(path: str) -> str:
    """The form of the lines of the file ``path``; "" where its name does not show it."""
    rooted = path if path.startswith("/") else "/" + path
    for pattern, lines in _BY_PATH:
        if pattern.search(rooted):
            return lines
    if _ELSEWHERE.search(rooted):
        return ""
    return "logins" if _NAMED.search(rooted) else ""


def find(content: bytes, path: str) -> Iterator[tuple[int, Span]]:
    """The secrets of a file that holds logins alone: line from 0, and the span in it."""
    kind = form(path)
    if not kind or len(content) > _MOST or content.count(b"\n") > _MOST_LINES:
        return
    structured = content.startswith((b"#!", b"<?", b"-----", b"{", b"<"))
    if structured or (kind == "logins" and content.startswith(b"[")) or b"\0" in content:
        return
    lines = content.split(b"\n")
    told = [(at, line) for at, line in enumerate(lines) if line.strip() and not _COMMENT.match(line)]
    if kind == "logins" and not _are_logins([line for _, line in told]):
        return
    for number, (at, line) in enumerate(told):
        if values.TOKEN.search(line):
            continue  # done
        for span in _spans(kind, number, line, len(told)):
            value = line[span.start : span.end]
            if not (
                values.is_token(value) or values.is_reference(value) or values.is_switch(value) or not value.strip()
            ):
                yield at, span


def _are_logins(lines: list[bytes]) -> bool:
    """Whether all lines are a word, a user and a word, or two lines a user and a secret."""
    if not lines or any(line.rstrip().endswith((b"{", b"}")) for line in lines):
        return False
    if len(lines) <= 2:
        return all(
            len(line.split()) <= 6 and not re.search(rb"[{}<>|]|=>|(?:^|\s)/\w+/|\b\w+\(", line) for line in lines
        )
    fitting = sum(bool(_LOGIN_LINE.match(line) or _SLASHED.match(line)) for line in lines)
    return 2 * fitting >= len(lines)


class _LoginLine(NamedTuple):
    """One line of a password file, which has ``total`` lines of content; ``number`` counts them from 0."""

    text: bytes
    number: int
    total: int

    @property
    def stripped(self) -> bytes:
        """The line without blanks around it."""
        return self.text.strip()


_Place = Callable[[_LoginLine], Iterable[tuple[int, int]]]
"""Start and end of each secret in a line."""


def _spans(kind: str, number: int, line: bytes, total: int) -> Iterator[Span]:
    for start, end in _PLACES[_form_of_line(kind, line, total)](_LoginLine(line, number, total)):
        yield _trimmed(line, start, end)


def _form_of_line(kind: str, line: bytes, total: int) -> str:
    """A file of logins with one or two lines may hold the password alone."""
    if kind != "logins":
        return kind
    if total == 1 and not _LOGIN_LINE.match(line):
        return "whole"
    return "every second line" if total == 2 and len(line.split()) == 1 and b":" not in line else kind


def _whole(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [(0, len(line.text))]


def _every_second(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return _whole(line) if line.number % 2 else ()


def _sixth(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return _whole(line) if line.number == 5 else ()


def _alone(line: _LoginLine) -> Iterable[tuple[int, int]]:
    fits = line.total == 1 and _ALONE.fullmatch(line.stripped) and values.looks_random(line.stripped)
    return _whole(line) if fits else ()


def _second_word(line: _LoginLine) -> Iterable[tuple[int, int]]:
    words = list(_MANY.finditer(line.text))
    if len(words) > 1:
        return [words[1].span()]
    return [(line.text.find(b":") + 1, len(line.text))] if len(words) == 1 and b":" in line.text else ()


def _third_word(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [each.span() for each in list(_MANY.finditer(line.text))[2:3]]


def _last_word(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [each.span() for each in list(_MANY.finditer(line.text))[1:][-1:]]


def _all_but_the_first(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [each.span() for each in list(_MANY.finditer(line.text))[1:]]


def _last_field(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [(begin, len(line.text))] if (begin := line.text.rfind(b":") + 1) else ()


def _second_field(line: _LoginLine) -> Iterable[tuple[int, int]]:
    return [(begin, len(line.text))] if (begin := line.text.find(b":") + 1) else ()


def _chosen(line: _LoginLine) -> Iterable[tuple[int, int]]:
    entry = _CHOSEN.match(line.text)
    return [entry.span("secret")] if entry and values.looks_chosen(entry["secret"].strip(b"\"'")) else ()


def _login(line: _LoginLine) -> Iterable[tuple[int, int]]:
    login = _SLASHED.match(line.text) or _LOGIN_LINE.match(line.text)
    return [login.span("secret")] if login else ()


def _found_by(pattern: re.Pattern[bytes]) -> _Place:
    """The place of a pattern's group ``secret``."""

    def place(line: _LoginLine) -> Iterable[tuple[int, int]]:
        entry = pattern.search(line.text)
        return [entry.span("secret")] if entry else ()

    return place


_CHOSEN = re.compile(rb"\s*[\"']?[\w.-]{1,120}[\"']?:\s+(?P<secret>\S+)\s*$")
_PLACES: dict[str, _Place] = {
    "whole": _whole,
    "every second line": _every_second,
    "sixth line": _sixth,
    "second word": _second_word,
    "third word": _third_word,
    "last word": _last_word,
    "all but the first": _all_but_the_first,
    "alone": _alone,
    "last field": _last_field,
    "second field": _second_field,
    "chosen": _chosen,
    "logins": _login,
    "mail login": _found_by(re.compile(rb"\A\s*\S+\s+[^\s:]+:(?P<secret>\S+)\s*$")),
    "key": _found_by(re.compile(rb"\bkey\s*=\s*[\"']?(?:s:)?(?P<secret>[^\s\"']+)")),
    "assigned": _found_by(re.compile(rb"^\s*\w+\s*=\s*[\"']?(?:s:)?(?P<secret>[^\s\"']+)")),
    "fourth field": _found_by(re.compile(rb"\A(?:[^|]{0,120}\|){3}(?P<secret>[^|]+)\|")),
    "user and roles": _found_by(re.compile(rb"\A\s*[\w.@-]{1,80}\s*[:=]\s*(?P<secret>[^\s,]+)")),
    "per cent": _found_by(re.compile(rb"\s[\w.\\-]{1,64}%(?P<secret>\S.*?)(?:\s{2,}\S+\s*|\s*)$")),
}


def _trimmed(line: bytes, start: int, end: int) -> Span:
    piece = line[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if end - start > 1 and line[start : start + 1] in (b'"', b"'") and line[end - 1 : end] == line[start : start + 1]:
        start, end = start + 1, end - 1
    return Span(start, end, KIND, True)
