"""The scanner reads only the lines that triggers point at; it must find what reading every line finds."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.privacy.secrets import command_tools, scanner, shapes, values
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.triggers import Near
from inventory.privacy.secrets.word_search import PIECE, WordSearch

_SECRET_TAG = re.compile(rb"<[\w.:-]*(?:pass|pw|secret|token|cred)")
_WORDS = sorted(
    {
        text
        for _, triggers in scanner.RULES
        for trigger in triggers
        for text in (trigger.starts if isinstance(trigger, Near) else (trigger,))
    }
)
_SYNTAX = rb"""= : := => == != ' " ` \ ( ) , ; & | < > </ /> @ :// / # - -- . _ ${ } [ ] ? * 0 22 :5432: export set
    setenv define( setProperty( put( password: |- <password> <property value=" echo printf chpasswd connect to using
    login
    machine identified by Authorization: Basic Xy9kQ2mPz7Lw4Rt8 0123456789abcdef0123456789abcdef01234567
    <redacted:0123abcd> token= db_password= DB_PASS= dbPassword access_key -setcookie --password -P http://u:p@h/
    curl -u a:b mysql -psecret
    -----BEGIN PRIVATE KEY----- -----END Private-Lines: untrusted comment: secret""".split()
_FRAGMENTS = st.sampled_from([*_WORDS, *(word.upper() for word in _WORDS), *command_tools.TOOLS, *_SYNTAX])
_GAPS = st.sampled_from(
    [b"", b"", b"", b" ", b" ", b"\n", b"\t", b"=", b": ", b'"', b"-----BEGIN RSA PRIVATE KEY-----\n"]
)


@st.composite
def _texts(draw: st.DrawFn) -> bytes:
    pieces = draw(st.lists(st.tuples(_FRAGMENTS | st.binary(max_size=6), _GAPS), max_size=40))
    return b"".join(piece + gap for piece, gap in pieces)


def _every_rule(line: bytes) -> list[Span]:
    """What the rules find in a line, each asked whenever one of its triggers is anywhere in it."""
    lowered = line.lower()
    found: list[Span] = []
    for rule, triggers in scanner.RULES:
        if _triggered(lowered, triggers) or (rule is shapes.elements and _SECRET_TAG.search(lowered)):
            found.extend(rule(line))
    if scanner._COMMENT.match(line):
        return [span for span in found if not values.is_placeholder(line[span.start : span.end].strip())]
    return found


def _triggered(lowered: bytes, triggers: tuple[bytes | Near, ...]) -> bool:
    return any(
        trigger.pattern.search(lowered) if isinstance(trigger, Near) else trigger in lowered for trigger in triggers
    )


def _every_line(content: bytes) -> Iterator[tuple[int, list[Span]]]:
    blocks = scanner._SecretBlocks()
    lines: dict[int, list[Span]] = {}
    start = 0
    for index, line in enumerate(content.split(b"\n")):
        found = blocks.read(line, opens=True)
        if found is None:
            found = _every_rule(line)
            for rule, triggers in scanner.WIDE_RULES:
                if _triggered(line.lower(), triggers):
                    for at, span in rule(content, start, start + len(line)):
                        lines.setdefault(content.count(b"\n", 0, at), []).append(span)
        if found:
            lines.setdefault(index, []).extend(found)
        start += len(line) + 1
    for index, found in sorted(lines.items()):
        yield index, sorted(found)


def _scanned(content: bytes) -> list[tuple[int, list[Span]]]:
    return [(index, sorted(found)) for index, found in scanner.scan(content)]


@given(_texts())
def test_no_line_is_passed_over_in_which_reading_every_line_finds_something(content: bytes) -> None:
    assert _scanned(content) == list(_every_line(content))


@pytest.mark.parametrize(
    "name", ["netrc.py", "configparser.py", "imaplib.py", "urllib/request.py", "smtplib.py", "ssl.py"]
)
def test_real_programs_show_the_same(name: str) -> None:
    content = (Path(sysconfig.get_path("stdlib")) / name).read_bytes()
    content += b"\nsmtp_password = 'Hunter2Horse'\n"
    found = _scanned(content)
    assert found == list(_every_line(content))
    assert found[-1][0] == content.count(b"\n") - 1


@pytest.mark.parametrize(
    "name", [b"pass", b"password", b"masterauth", b"rocommunity", b"contrasena", b"kennwort", b"apikey"]
)
def test_every_secret_name_points_at_its_line(name: bytes) -> None:
    assert scanner.scan_line(b"  " + name + b" = Xy9kQ2mPz7Lw4Rt8")


@given(st.lists(st.sampled_from([b"a", b"ab", b"aba", b"key", b"\n", b" "]), max_size=30), st.integers(-8, 8))
def test_words_are_found_across_the_borders_of_pieces(pieces: list[bytes], shift: int) -> None:
    words = (b"ab", b"aba", b"ba", b"key")
    text = b"x" * (PIECE + shift - 20) + b"".join(pieces) + b"key"
    plain = sorted((number, at) for number, word in enumerate(words) for at in _places(text, word))
    assert sorted((number, at) for number, at, _ in WordSearch(words).hits(text)) == plain


def _places(text: bytes, word: bytes) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)
