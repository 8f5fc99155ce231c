"""Passwords that a script hands to a program in the lines after the one that names it: logins, prompts, documents."""

from __future__ import annotations

import re

from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.value_search import BLOCK, NEAR, Found, following_lines, held

_LOGIN_KIND = "password of a login"
_DOCUMENT_OF = re.compile(
    rb"(?<![\w/.-])(?:/[\w/]{1,40}/)?(?:passwd|smbpasswd|kinit|cryptsetup|vncpasswd|saslpasswd2?|pdbedit|ldappasswd|su|sudo\s++-S)"
    rb"(?:\s[^<|;&]{0,200})?<<-?\s*+[\"']?(?P<end>\w{1,40})"
)
"""Programs that read a password from the lines below."""
_COMMANDS = frozenset(b"binary bin ascii passive prompt bye quit ls dir pwd hash".split())
_WAITING = (b"expect", b"read_until", b"waitfor", b"wait_for")
_HOST = re.compile(rb"open\s++[\w.-]++\s*+")
_WORD = re.compile(rb"(?P<bare>\S{2,80})\s*+")
_WIRELESS = re.compile(
    rb"\s*+(?:key|apsk|psk)\s*+=\s*+(?:\"(?P<double>[^\"]{5,64})\"|'(?P<single>[^']{5,64})'|(?P<bare>[^\s\"']{5,64}))\s*+$",
    re.IGNORECASE,
)
_LOGIN = re.compile(rb"^\s*(?:-\s+)?(?!list:|expire:|users:)[\w.-]{1,40}:(?!\s)(?P<bare>[^\s:]\S*)\s*$")
_SENT = re.compile(
    rb"\bsend(?:_user)?\s++(?:-[\w-]{1,20}+\s++){0,4}+(?:\"(?P<double>[^\"]+?)(?:\\[rn]){0,2}\"|(?P<bare>[^\s\"';]{3,80}?)\\r)|\b(?:send(?:line)?|write)\s*\(\s*b?[\"'](?P<single>[^\"']+?)(?:\\[rn]){0,2}[\"']"
)
_FTP = re.compile(
    rb"^\s*(?:quote\s+)?(?:user\s+[^\s;]+\s+|pass\s+|password\s+|quote\s+pass\s+)(?P<bare>[^\s;]+)\s*$", re.IGNORECASE
)


def find(content: bytes, start: int, end: int) -> Found:
    """The secrets in the lines around ``start:end`` that follow from the program or prompt in that line."""
    line = content[start:end]
    lowered = line.lower()
    if b"chpasswd" in lowered:
        yield from _logins(content, end + 1)
    if b"assword" in line and any(word in lowered for word in _WAITING):
        yield from _typed(content, start)
    if _HOST.fullmatch(lowered):
        yield from _ftp_login(content, end + 1)
    if b"<<" in line and (document := _DOCUMENT_OF.search(line)) is not None:
        yield from _document(content, end + 1, document["end"])
    if b"ssid" in lowered:
        yield from _matching(content, end + 1, _WIRELESS)
    if b"ftp" in lowered:
        yield from _matching(content, end + 1, _FTP)
    if line.strip() == b"password":
        yield from _counted(content, end + 1)


def _typed(content: bytes, start: int) -> Found:
    """The text that a script sends after it waited for a prompt."""
    for at, following in following_lines(content, start, NEAR):
        if (sent := _SENT.search(following)) is not None:
            yield from held(at, sent, b"password", NameStrength.STRONG, "password that is typed")
            return


def _document(content: bytes, start: int, end: bytes) -> Found:
    """The words of a here-document, up to the line ``end``."""
    for at, following in following_lines(content, start, 4):
        if following.strip() == end:
            return
        if (word := _WORD.fullmatch(following)) is not None:
            yield from held(at, word, b"password", NameStrength.STRONG, "value piped to a command")


def _matching(content: bytes, start: int, pattern: re.Pattern[bytes]) -> Found:
    """The next lines that match."""
    for at, following in following_lines(content, start, 8):
        if (word := pattern.match(following)) is not None:
            yield from held(at, word, b"password", NameStrength.STRONG, _LOGIN_KIND)


def _counted(content: bytes, start: int) -> Found:
    """The password in the files of Subversion and Mercurial: ``K 8``, ``password``, ``V 12``, the value."""
    lines = list(following_lines(content, start, 2))
    if len(lines) == 2 and re.fullmatch(rb"V \d{1,4}", lines[0][1].strip()):
        at, value = lines[1]
        if word := re.match(rb"(?P<bare>.+)", value):
            yield from held(at, word, b"password", NameStrength.STRONG, _LOGIN_KIND)


def _logins(content: bytes, at: int) -> Found:
    """Lines ``user:password`` below a line with chpasswd."""
    for begin, line in following_lines(content, at, BLOCK):
        if (login := _LOGIN.match(line)) is not None:
            yield from held(begin, login, b"password", NameStrength.STRONG, _LOGIN_KIND)
        elif line.strip() and not re.match(rb"\s*(?:list|expire|users)\s*:|\s*#", line):
            return


def _ftp_login(content: bytes, at: int) -> Found:
    """User and password alone in the two lines below ``open HOST``, as ``ftp`` reads them from its input."""
    lines = list(following_lines(content, at, 3))
    pair = [_WORD.fullmatch(line) for _, line in lines[:2]]
    if len(lines) == 3 and all(pair) and pair[1] is not None and pair[1]["bare"].lower() not in _COMMANDS:
        yield from held(lines[1][0], pair[1], b"password", NameStrength.STRONG, _LOGIN_KIND)
