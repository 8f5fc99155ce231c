"""A line joined with its continuation lines: a name in the first may have its value in the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

_MOST_LINES = 8
_LONGEST = 4096
"""Bytes of one line, with all its continuation lines."""
_FOLDED = 60
"""Bytes of the shortest line that a writer of LDIF folds."""
_COMMENT = re.compile(rb"\s*(?:#|$)")
# Directives of nginx with a value, up to the end of a line that ends none.
_OF_NGINX = re.compile(
    rb"\s*+(?:set|(?:fastcgi|uwsgi|scgi)_param|(?:proxy|grpc)_set_header|add_header|more_set_(?:input_)?headers"
    rb"|passenger_env_var|proxy_set_body|secure_link_\w{1,20}|set_by_\w{1,20})\s++[^;{}#]*+(?:#.*)?$"
)
_LDIF = re.compile(rb"[A-Za-z][\w;-]{0,80}::?\s\S")
_LDIF_NAME = re.compile(rb"[A-Za-z][\w;-]{0,80}+$")
_FOLD = re.compile(rb" [^\s:=\#-][^\s:=\#]*+")
_FOLDED_NAME = re.compile(rb"(?m)^[A-Za-z][\w;-]{0,80}+(?=(?:\r?\n [\w;-]{1,80}+){0,6}\r?\n [\w;-]{0,80}::?\s\S)")
_TAG = re.compile(rb"<[^<>]*+$")
_QUOTED = re.compile(rb"\s*+[\"']\S")


class ContinuedLine(NamedTuple):
    """``text`` is made of pieces: where each begins in it, its length, and where its line and it begin outside."""

    text: bytes
    pieces: tuple[tuple[int, int, int, int], ...]


def folded_names(content: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the lines that LDIF folds within a name."""
    if b"\n " in content and b": " in content:
        for match in _FOLDED_NAME.finditer(content):
            yield match.start(), content.index(b"\n", match.start())


def joined(content: bytes, start: int, end: int) -> ContinuedLine | None:
    """The line ``start:end`` with what follows it; None where it ends by itself."""
    if end >= len(content) or end - start > _LONGEST:
        return None
    text = bytearray()
    pieces: list[tuple[int, int, int, int]] = []
    for begin, piece_begin, piece, between in _pieces(content, start, end):
        text += between
        pieces.append((len(text), len(piece), begin, piece_begin))
        text += piece
        if len(text) > _LONGEST:
            break
    return ContinuedLine(bytes(text), tuple(pieces)) if len(pieces) > 1 else None


def _pieces(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The start of the line, the start of the piece, the piece, and the text before it in the joined line."""
    line = content[start:end].rstrip(b"\r")
    if line.endswith(b"\\"):
        yield start, start, line[:-1], b""
        for begin, after in _after(content, end):
            goes_on = after.endswith(b"\\")
            yield begin, begin, after[:-1] if goes_on else after, b""
            if not goes_on and after.strip():
                return
    elif _OF_NGINX.match(line):
        yield start, start, line.partition(b"#")[0], b""
        for begin, after in _after(content, end):
            if not _COMMENT.match(after):
                yield begin, begin, after, b" "
                if after.rstrip().endswith((b";", b"{", b"}")):
                    return
    elif _TAG.search(line):
        yield start, start, line, b""
        for begin, after in _after(content, end):
            yield begin, begin, after, b" "
            if b">" in after:
                return
    elif line.rstrip().endswith(b"="):
        for begin, after in _after(content, end):
            if _QUOTED.match(after):
                yield start, start, line, b""
                yield begin, begin, after, b" "
            return
    elif _LDIF_NAME.match(line) or (_LDIF.match(line) and _folds(content, line, end)):
        yield start, start, line, b""
        for begin, after in _after(content, end):
            if not after.startswith(b" ") or not after[1:2].strip():
                return
            yield begin, begin + 1, after[1:], b""


def _folds(content: bytes, line: bytes, end: int) -> bool:
    """Whether the text after a line of LDIF is the rest of its value, and not a line of another format."""
    if len(line) >= _FOLDED or b":: " in line:
        return True
    return any(_FOLD.fullmatch(after) for _, after in islice(_after(content, end), 1))


def _after(content: bytes, end: int) -> Iterator[tuple[int, bytes]]:
    at = end + 1
    for _ in range(_MOST_LINES):
        if at >= len(content):
            return
        stop = content.find(b"\n", at)
        stop = len(content) if stop < 0 else stop
        line = content[at:stop]
        if line.startswith(b"\x1e") or len(line) > _LONGEST:
            return
        yield at, line.rstrip(b"\r")
        at = stop + 1
