"""Reading a text line by line for secrets, with what spans lines: key blocks, YAML blocks, XML elements."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from inventory.secrets import assignments, options, private_keys, shapes, values
from inventory.secrets.names import is_secret
from inventory.secrets.spans import Span

Rule = Callable[[bytes], Iterator[Span]]
Trigger = bytes | re.Pattern[bytes]


def _words(text: str) -> tuple[Trigger, ...]:
    return tuple(text.encode().split())


_NAMES = _words(
    "pass pwd pw secret token cred key auth cookie psk salt community sig hash seed nonce session sid pin wort"
)
RULES: tuple[tuple[Rule, tuple[Trigger, ...]], ...] = (
    (assignments.find, _NAMES),
    (options.in_line, options.TRIGGERS),
    (shapes.urls, (b"://", b"jdbc:oracle")),
    (shapes.headers, _words("authorization bearer -api-key -token cookie")),
    (shapes.sql, (b"identified",)),
    (private_keys.words, private_keys.WORD_TRIGGERS),
    (
        shapes.tokens,
        (
            re.compile(rb"gh[pousr]_"),
            *_words("akia asia github_pat glpat- xox eyj aiza _live_ _test_ sg. hvs. hvb. dop_v1_ npm_ pypi-"),
            b"hooks.slack.com",
        ),
    ),
    (
        shapes.hashes,
        (
            re.compile(rb"\*[0-9a-f]{40}"),
            *_words(
                "$1$ $apr1$ $5$ $6$ $2 $y$ $gy$ $7$ $argon2 $p$ $h$ $s$ {ss {sh {sm {md5} {crypt} {pbk {blf {plain}"
            ),
            *_words("scram-sha pbkdf2 crypt md5"),
        ),
    ),
    (
        shapes.dialects,
        (
            re.compile(rb":(?:\d{1,5}|\*):"),
            *_words("password stats auth login sqlconnect psk pass: com2sec"),
            b"user ",
            b" using",
        ),
    ),
    (shapes.elements, (re.compile(rb"<[\w.:-]*(?:pass|pw|secret|token|cred)"), *_words("name= key= property="))),
)
"""What is looked for, each rule with what must occur in the line, in lower case, for it to be tried."""

_OPENERS: tuple[Trigger, ...] = (b"begin ", b"private-", b"pass", b"pw", b"secret", b"token", b"cred")
_OPENS = 1 << len(RULES)


def _bits() -> dict[Trigger, int]:
    """The rules of each trigger, as bits."""
    bits: dict[Trigger, int] = {}
    for bit, (_, triggers) in enumerate(RULES):
        for trigger in triggers:
            bits[trigger] = bits.get(trigger, 0) | 1 << bit
    for trigger in _OPENERS:
        bits[trigger] = bits.get(trigger, 0) | _OPENS
    return bits


_LITERALS = tuple((trigger, mask) for trigger, mask in _bits().items() if isinstance(trigger, bytes))
_PATTERNS = tuple((trigger, mask) for trigger, mask in _bits().items() if not isinstance(trigger, bytes))

_END = re.compile(rb"-{4,5}\s?END [A-Za-z0-9 ]{1,60}-{4,5}")
# A line of a key block: base64 or hexadecimal, perhaps indented, quoted or commented; or a header of it.
_BODY = re.compile(rb"""^[\s\#;"'*|>-]*(?P<body>[A-Za-z0-9+/=]{1,200}|=[A-Za-z0-9+/]{4})[\s"',;+)\\n]*$""")
_BODY_HEADER = re.compile(rb"^[\s#;\"']*(?:Proc-Type|DEK-Info|Comment|Version|Subject|X-[\w-]+|Hash|Charset):|^\s*$")
_PUTTY = re.compile(rb"^Private-Lines:\s*(\d{1,4})\s*$")
_PUTTY_MAC = re.compile(rb"^Private-(?:MAC|Hash):\s*(?P<secret>\S+)")
_YAML_BLOCK = re.compile(rb"^(?P<indent>\s*(?:-\s+)?)[\"']?(?P<name>[\w.-]+)[\"']?\s*:\s*[|>][+-]?\d?\s*(?:#.*)?$")
_XML_OPEN = re.compile(rb"^\s*<(?P<name>[\w.:-]{1,80})[^<>]*>\s*$")
_XML_CLOSE = re.compile(rb"<(?!redacted:)")
_NAMED = re.compile(rb"""\b(?:[nN]ame|[kK]ey|property)\s*=\s*["'](?P<name>[\w.:-]{1,120})["']""")


def scan(content: bytes) -> Iterator[tuple[int, list[Span]]]:
    """The lines of a text that show secrets, by index from 0, with their spans (unordered, perhaps overlapping)."""
    lines = content.split(b"\n")
    marks = _marks(content, lines)
    blocks = _Blocks()
    for index, line in enumerate(lines):
        marked = marks.get(index, 0)
        if not (marked or blocks.open):
            continue
        found = blocks.read(line, opens=bool(marked & _OPENS))
        if found is None:
            found = _apply(line, marked)
        if found:
            yield index, found


def scan_line(line: bytes) -> list[Span]:
    """The secrets that a line shows by itself, unordered, perhaps overlapping."""
    return _apply(line, _marks(line, [line]).get(0, 0))


def _apply(line: bytes, marked: int) -> list[Span]:
    found: list[Span] = []
    for bit, (rule, _) in enumerate(RULES):
        if marked & 1 << bit:
            found.extend(rule(line))
    return found


def _marks(content: bytes, lines: list[bytes]) -> dict[int, int]:
    """Which rules to try on which line, as bits. Searching the whole text for each trigger is many times faster than
    asking each line about each.
    """
    lowered = content.lower()
    first: list[tuple[Trigger, int, int]] = [
        (trigger, mask, lowered.find(trigger)) for trigger, mask in _LITERALS if trigger in lowered
    ]
    first += [
        (trigger, mask, match.start()) for trigger, mask in _PATTERNS if (match := trigger.search(lowered)) is not None
    ]
    marks: dict[int, int] = {}
    if not first:
        return marks
    ends = list(accumulate(len(line) + 1 for line in lines))
    for trigger, mask, at in first:
        while at >= 0:
            index = bisect_right(ends, at)
            marks[index] = marks.get(index, 0) | mask
            at = _search(trigger, lowered, ends[index])
    return marks


def _search(trigger: Trigger, lowered: bytes, start: int) -> int:
    if isinstance(trigger, bytes):
        return lowered.find(trigger, start)
    match = trigger.search(lowered, start)
    return match.start() if match else -1


class _Blocks:
    """Follows secrets that go over several lines: key blocks, keys below a heading, YAML blocks, XML elements."""

    def __init__(self) -> None:
        self._key_block = False
        self._key_lines = 0
        self._yaml_indent: int | None = None
        self._xml_lines = 0

    @property
    def open(self) -> bool:
        """Whether the next line may belong to a block."""
        return self._key_block or self._key_lines > 0 or self._yaml_indent is not None or self._xml_lines > 0

    def read(self, line: bytes, *, opens: bool) -> list[Span] | None:
        """The secrets of the next line when it belongs to a block; None when the rules for single lines apply."""
        found = self._inside(line) if self.open else None
        return self._opened(line) if found is None and opens else found

    def _inside(self, line: bytes) -> list[Span] | None:
        if self._key_block:
            block = self._key_line(line)
            if self._key_block or block is not None:
                return block
        if self._key_lines:
            self._key_lines -= 1
            return _whole(0, len(line), line, private_keys.KIND)
        if self._yaml_indent is not None:
            indent = len(line) - len(line.lstrip(b" \t"))
            if not line.strip() or indent > self._yaml_indent:
                return _whole(indent, len(line), line, "value in a YAML block")
            self._yaml_indent = None
        if self._xml_lines:
            return self._xml_line(line)
        return None

    def _key_line(self, line: bytes) -> list[Span] | None:
        if end := _END.search(line):
            self._key_block = False
            last = _BODY.match(line[: end.start()])
            return _whole(*last.span("body"), line, private_keys.KIND) if last else []
        if _BODY_HEADER.match(line) or values.TOKEN.search(line):
            return []
        if body := _BODY.match(line):
            return _whole(*body.span("body"), line, private_keys.KIND)
        self._key_block = False  # cut off, or only the first line was quoted
        return None

    def _xml_line(self, line: bytes) -> list[Span]:
        self._xml_lines -= 1
        closing = _XML_CLOSE.search(line)
        if closing is None:
            return _whole(0, len(line), line, "XML element")
        self._xml_lines = 0
        return [*_whole(0, closing.start(), line, "XML element"), *scan_line(line)]

    def _opened(self, line: bytes) -> list[Span] | None:
        """The secrets of a line that opens a block; None when it opens none, or has more to look at."""
        if b"BEGIN" in line and (begin := private_keys.BEGIN.search(line)):
            end = _END.search(line, begin.end())
            if end:
                return [*scan_line(line[: begin.start()]), *_whole(begin.end(), end.start(), line, private_keys.KIND)]
            rest = line[begin.end() :].strip(b"\r\n\\n\"' \t")
            self._key_block = True
            return _whole(begin.end(), len(line), line, private_keys.KIND) if len(rest) > 20 else []
        if line.startswith(b"Private-"):
            if lines := _PUTTY.match(line):
                self._key_lines = int(lines[1])
                return []
            if mac := _PUTTY_MAC.match(line):
                return _whole(*mac.span("secret"), line, private_keys.KIND)
        if line.startswith(b"untrusted") and private_keys.NEXT_LINE.match(line):
            self._key_lines = 1
            return []
        if (b"|" in line or b">" in line) and (yaml := _YAML_BLOCK.match(line)) and is_secret(yaml["name"]):
            self._yaml_indent = len(yaml["indent"].replace(b"-", b" "))
            return []
        if line.rstrip().endswith(b">") and (opened := _XML_OPEN.match(line)):
            named = _NAMED.search(opened.group())
            if is_secret(opened["name"].rsplit(b":", 1)[-1]) or (named and is_secret(named["name"])):
                self._xml_lines = 0 if opened.group().rstrip().endswith(b"/>") else 3
        return None


def _whole(start: int, end: int, line: bytes, kind: str) -> list[Span]:
    """The trimmed stretch as one secret; nothing when it is empty or a token already."""
    piece = line[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return [] if not piece or values.is_token(piece) else [Span(start, start + len(piece), kind, True)]
