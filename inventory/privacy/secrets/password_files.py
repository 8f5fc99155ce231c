"""Files that hold logins and nothing else: known by their names, their secrets by the place in the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from inventory.privacy.secrets import values
from inventory.privacy.secrets.spans import Span

KIND = "line of a password file"

# Names that say so of whatever product; what follows them is a suffix, or nothing.
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
    """How the lines of the file ``path`` are read; "" where its name says nothing."""
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


def _spans(kind: str, number: int, line: bytes, total: int) -> Iterator[Span]:
    if kind == "whole" or (kind == "logins" and total == 1 and not _LOGIN_LINE.match(line)):
        yield _trimmed(line, 0, len(line))
    elif kind == "every second line" or (
        kind == "logins" and total == 2 and len(line.split()) == 1 and b":" not in line
    ):
        if number % 2:
            yield _trimmed(line, 0, len(line))
    elif kind == "sixth line":
        if number == 5:
            yield _trimmed(line, 0, len(line))
    elif kind in ("second word", "third word", "last word"):
        found = list(_MANY.finditer(line))
        place = {"second word": 1, "third word": 2, "last word": len(found) - 1}[kind]
        if 0 < place < len(found):
            yield _trimmed(line, *found[place].span())
        elif len(found) == 1 and place == 1 and b":" in line:
            yield _trimmed(line, line.find(b":") + 1, len(line))
    elif kind == "alone":
        if total == 1 and _ALONE.fullmatch(line.strip()) and values.looks_random(line.strip()):
            yield _trimmed(line, 0, len(line))
    elif kind == "mail login":
        if entry := re.match(rb"\s*\S+\s+[^\s:]+:(?P<secret>\S+)\s*$", line):
            yield _trimmed(line, *entry.span("secret"))
    elif kind in ("key", "assigned"):
        word = rb"\bkey" if kind == "key" else rb"^\s*\w+"
        if entry := re.search(word + rb"\s*=\s*[\"']?(?:s:)?(?P<secret>[^\s\"']+)", line):
            yield _trimmed(line, *entry.span("secret"))
    elif kind in ("last field", "second field"):
        begin = line.rfind(b":") + 1 if kind == "last field" else line.find(b":") + 1
        if begin:
            yield _trimmed(line, begin, len(line))
    elif kind == "chosen":
        entry = re.match(rb"\s*[\"']?[\w.-]{1,120}[\"']?:\s+(?P<secret>\S+)\s*$", line)
        if entry and values.looks_chosen(entry["secret"].strip(b"\"'")):
            yield _trimmed(line, *entry.span("secret"))
    elif kind == "all but the first":
        for each in list(_MANY.finditer(line))[1:]:
            yield _trimmed(line, *each.span())
    elif kind == "fourth field":
        if entry := re.match(rb"(?:[^|]{0,120}\|){3}(?P<secret>[^|]+)\|", line):
            yield _trimmed(line, *entry.span("secret"))
    elif kind == "user and roles":
        if entry := re.match(rb"\s*[\w.@-]{1,80}\s*[:=]\s*(?P<secret>[^\s,]+)", line):
            yield _trimmed(line, *entry.span("secret"))
    elif kind == "per cent":
        if entry := re.search(rb"\s[\w.\\-]{1,64}%(?P<secret>\S.*?)(?:\s{2,}\S+\s*|\s*)$", line):
            yield _trimmed(line, *entry.span("secret"))
    elif login := _SLASHED.match(line) or _LOGIN_LINE.match(line):
        yield _trimmed(line, *login.span("secret"))


def _trimmed(line: bytes, start: int, end: int) -> Span:
    piece = line[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if end - start > 1 and line[start : start + 1] in (b'"', b"'") and line[end - 1 : end] == line[start : start + 1]:
        start, end = start + 1, end - 1
    return Span(start, end, KIND, True)
