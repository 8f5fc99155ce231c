"""Reading a text line by line for secrets, with what spans lines: key blocks, YAML blocks, XML elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from inventory.privacy.secrets import (
    assignments,
    call_arguments,
    command_options,
    command_tools,
    continued_lines,
    dialogue_secrets,
    guarded_positions,
    line_positions,
    password_files,
    private_keys,
    separated_values,
    server_directives,
    shapes,
    value_lists,
    values,
)
from inventory.privacy.secrets.secret_names import PROMISING_WORDS, SECRET_WORDS, is_secret
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.triggers import Near, Trigger, TriggerSearch

SEPARATOR = b"\x1e"
"""A line of this alone ends whatever the text before it seemed to begin."""

Rule = Callable[[bytes], Iterator[Span]]


def _words(text: str) -> tuple[bytes, ...]:
    return tuple(text.encode().split())


_SECRET_TAG = re.compile(rb"<[\w.:-]*(?:pass|pw|secret|token|cred|community|psk|phrase|wort|senha|geheim)")
RULES: tuple[tuple[Rule, tuple[bytes | Near, ...]], ...] = (
    (assignments.find, PROMISING_WORDS),
    (command_options.in_line, (*command_options.TRIGGERS, Near(command_options.LOGIN_STARTS, command_options.LOGIN))),
    (shapes.urls, (b"://", b"jdbc:oracle")),
    (shapes.headers, _words("authorization bearer -api-key -token cookie")),
    (shapes.sql, (b"identified",)),
    (private_keys.words, private_keys.WORD_TRIGGERS),
    (
        shapes.tokens,
        (
            *_words("ghp_ gho_ ghu_ ghs_ ghr_"),
            *_words("akia asia github_pat glpat- xox eyj aiza _live_ _test_ sg. hvs. hvb. hvr. _v1_ npm_ pypi-"),
            *_words(
                "gsk_ hf_ r8_ xai- pplx- key- xkeysib- whsec_ glrt- gldt- glcbt- gloas- glsoat- glptt- glft- glimt-"
            ),
            *_words("glagent- dckr_ xapp- shpat_ shpss_ shpca_ shppa_ sq0 atatt3 atbb figd_ lin_api_ glsa_ glc_ sntry"),
            *_words(
                "tskey- dapi pmak- nrak- rubygems_ pul- dp.pt. dp.st. dp.ct. dp.sa. akc oy2 gocspx- ya29. v2.local."
            ),
            *_words(
                "ntn_ nfp_ fo1_ ops_eyj discord bot akcp ltai akid secret_ -us sqa_ sqp_ squ_ sbp_ dt0 cfpat- pscale_"
            ),
            *_words(
                "rnd_ pnu_ bkua_ tfp_ shippo_ -sandbox- -development- -production- sgp_ phx_ flwseck .atlasv1. 1//0"
            ),
            *_words("apa91b v1.0- aqaaancmnd8 jdj5jd jdjhjd jdjijd"),
            Near((b"pat",), re.compile(rb"pat[a-z0-9]{14}\.[0-9a-f]{64}")),
            Near((b"q~",), re.compile(rb"(?<=[0-9])q~[a-z0-9_~.-]{31}")),
            Near((b"sk",), re.compile(rb"sk[0-9a-f]{32}")),
            Near((b"re_",), re.compile(rb"re_[a-z0-9]{8}_[a-z0-9]{24}")),
            Near((b"sk-",), re.compile(rb"(?<![a-z0-9])sk-[a-z0-9]")),
            Near((b"s.",), re.compile(rb"(?<![\w.])s\.[a-z0-9]{24}")),
            Near((b":aa",), re.compile(rb"(?<=\d):aa[\w-]{32}")),
            b"hooks.slack.com",
        ),
    ),
    (
        shapes.hashes,
        (
            Near(tuple(b"*%x" % digit for digit in range(16)), re.compile(rb"\*[0-9a-f]{40}")),
            *_words(
                "$1$ $apr1$ $5$ $6$ $2 $y$ $gy$ $7$ $argon2 $p$ $h$ $s$ {ss {sh {sm {md5} {crypt} {pbk {blf {plain}"
            ),
            *_words("scram-sha pbkdf2 crypt md5 {xor} {aes {des} {cipher} {rc2} {3des} enc( {aqaaab scrypt: argon2"),
            *_words("sha-1, sha-256, sha-512,"),
            *_words("$sha1$ $ml$ $8$ $9$ 0x0100 0x0200"),
        ),
    ),
    *line_positions.rules(),
    (server_directives.find, server_directives.TRIGGERS),
    *guarded_positions.rules(),
    (shapes.elements, _words("name= key= property= key> salt> hash>")),
)
"""The rules, each with the words (in lower case) that must occur in the line for it to be tried."""

WideRule = Callable[[bytes, int, int], Iterator[tuple[int, Span]]]


def _goes_on(content: bytes, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """The secrets of a line and its continuation lines, read as one."""
    one = continued_lines.joined(content, start, end)
    for span in scan_line(one.text) if one else ():
        for at, size, line, begin in one.pieces[1:] if one else ():
            low, high = max(span.start, at), min(span.end, at + size)
            if low < high:
                offset = begin - line - at
                yield from (
                    (line, each)
                    for each in _whole(low + offset, high + offset, content[line : begin + size], span.kind)
                )


_PROMISING_LINES: tuple[bytes | Near, ...] = (
    *SECRET_WORDS,
    Near((b"open ",), re.compile(rb"open\s++[\w.-]++\s*+$")),
    Near((b"<<",), re.compile(rb"<<-?\s*+[\"']?[a-z_]")),
    *_words("ssid key assword chpasswd ftp users admins [accounts] [logins] securejson securesett oauth bearer"),
)

WIDE_RULES: tuple[tuple[WideRule, tuple[bytes | Near, ...]], ...] = (
    (call_arguments.find, call_arguments.TRIGGERS),
    (separated_values.find, _PROMISING_LINES),
    (dialogue_secrets.find, _PROMISING_LINES),
    (value_lists.find, value_lists.TRIGGERS),
    (server_directives.tables, server_directives.TABLE_TRIGGERS),
    (_goes_on, (*PROMISING_WORDS, *_words("authorization bearer"))),
)
"""The same for secrets that begin in a line and may continue in others: the rule gets the text, and the place of the
line in it.
"""

_KEY_OPENERS = (Near((b"begin ",), re.compile(rb"(?:(?<=-)|(?<=-\s))begin ")), b"private-")
_BLOCK_OPENERS = _words("pass pw secret token cred")

_BITS = {rule: 1 << bit for bit, (rule, _) in enumerate(RULES)}
_WIDE_BITS = {rule: 1 << len(RULES) + 5 + bit for bit, (rule, _) in enumerate(WIDE_RULES)}
_WIDE = sum(_WIDE_BITS.values())
_ASSIGNMENTS, _OPTIONS, _URLS, _ELEMENTS = (
    _BITS[rule] for rule in (assignments.find, command_options.in_line, shapes.urls, shapes.elements)
)
# Bits behind those of the rules: what the line may open, and what else is in it.
_OPENS_KEY, _OPENS_BLOCK, _SECRET_NAME, _OPTION, _PROGRAM = (1 << len(RULES) + bit for bit in range(5))
_OPENS = _OPENS_KEY | _OPENS_BLOCK
_TRIED = (1 << len(RULES)) - 1
_WORTH_A_LOOK = _TRIED | _OPENS | _SECRET_NAME | _WIDE


def _triggers() -> Iterator[Trigger]:
    # Of settings not the word decides, but what is around it.
    wanted: list[tuple[int, Iterable[bytes | Near]]] = [(0, PROMISING_WORDS)]
    wanted += [(_BITS[rule], triggers) for rule, triggers in RULES if rule is not assignments.find]
    wanted += [(_WIDE_BITS[rule], triggers) for rule, triggers in WIDE_RULES]
    wanted += [(_OPENS_KEY, _KEY_OPENERS), (_OPENS_BLOCK, _BLOCK_OPENERS), (_SECRET_NAME, SECRET_WORDS)]
    wanted += [(_OPTION, (Near((b"setcookie",), re.compile(rb"(?<=-)setcookie")), b"<<<"))]
    wanted += [
        (
            _OPTION,
            (
                Near(command_options.LOGIN_STARTS, command_options.LOGIN),
                Near((b"-key",), re.compile(rb"(?<=[a-z])-keys?[\s\"']")),
            ),
        )
    ]
    wanted += [
        (_PROGRAM, (Near((name,), re.compile(rb"(?<![\w.-])" + re.escape(name) + rb"(?![\w-])")),))
        for name in command_tools.TOOLS
    ]
    found: dict[bytes, tuple[int, tuple[tuple[int, re.Pattern[bytes]], ...]]] = {}
    for bit, triggers in wanted:
        for trigger in triggers:
            for text in trigger.starts if isinstance(trigger, Near) else (trigger,):
                rules, checks = found.get(text, (0, ()))
                if isinstance(trigger, Near):
                    checks = (*checks, (bit, trigger.pattern))
                else:
                    rules |= bit
                found[text] = (rules, checks)
    for text, (rules, checks) in found.items():
        yield Trigger(text, rules, checks, text in PROMISING_WORDS)


_SEARCH = TriggerSearch(_triggers(), assignment=_ASSIGNMENTS, option=_OPTION)

_COMMENT = re.compile(rb"\s*(?:#|;|//|/?\*|<!--|--|rem\b|dnl\b)", re.IGNORECASE)
_END = re.compile(rb"-{4,5}\s?END [A-Za-z0-9 ]{1,60}-{4,5}")
# A line of a key block: base64 or hexadecimal, perhaps indented, quoted or commented; or a header of it.
_BODY = re.compile(rb"""^[\s\#;"'*|>-]*(?P<body>[A-Za-z0-9+/=]{1,200}|=[A-Za-z0-9+/]{4})[\s"',;+)\\n]*$""")
_BODY_HEADER = re.compile(rb"^[\s#;\"']*(?:Proc-Type|DEK-Info|Comment|Version|Subject|X-[\w-]+|Hash|Charset):|^\s*$")
_PUTTY = re.compile(rb"^Private-Lines:\s*(\d{1,4})\s*$")
_PUTTY_MAC = re.compile(rb"^Private-(?:MAC|Hash):\s*(?P<secret>\S+)")
_YAML_BLOCK = re.compile(rb"^(?P<indent>\s*(?:-\s+)?)[\"']?(?P<name>[\w.-]+)[\"']?\s*:\s*[|>][+-]?\d?\s*(?:#.*)?$")
_XML_OPEN = re.compile(rb"^\s*<(?P<name>[\w.:-]{1,80})[^<>]*>\s*$")
_XML_CLOSE = re.compile(rb"<(?!redacted[:>])")
_NAMED = re.compile(rb"""\b(?:[nN]ame|[kK]ey|property)\s*=\s*["'](?P<name>[\w.:-]{1,120})["']""")


def scan(content: bytes, path: str = "") -> Iterator[tuple[int, list[Span]]]:
    """The lines of a text that show secrets, by index from 0, in order, with their spans (unordered, perhaps
    overlapping). ``path`` is the file's, where it is one.
    """
    found: dict[int, list[Span]] = {}
    for index, span in password_files.find(content, path) if path else ():
        found.setdefault(index, []).append(span)
    for index, span in value_lists.table(content):
        found.setdefault(index, []).append(span)
    for start, end in continued_lines.folded_names(content):
        for place, span in _goes_on(content, start, end):
            found.setdefault(content.count(b"\n", 0, place), []).append(span)
    marks = list(_marked(content))
    if not marks:
        yield from sorted(found.items())
        return
    blocks = _SecretBlocks()
    at = index = 0  # of the next line that was not read
    for start, end, marked in marks:
        while blocks.open and at < start:
            line, at = _line(content, at)
            if spans := blocks.read(line, opens=False):
                found.setdefault(index, []).extend(spans)
            index += 1
        index += content.count(b"\n", at, start)
        line, at = content[start:end], end + 1
        inside = blocks.read(line, opens=bool(marked & _OPENS))
        if inside is None:
            inside = _apply(line, marked)
            for place, span in _wide(content, start, end, marked):
                where = index + (content.count(b"\n", start, place) if place >= start else -1)
                found.setdefault(where, []).append(span)
        if inside:
            found.setdefault(index, []).extend(inside)
        index += 1
    while blocks.open and at <= len(content):
        line, at = _line(content, at)
        if spans := blocks.read(line, opens=False):
            found.setdefault(index, []).extend(spans)
        index += 1
    yield from sorted(found.items())


def _wide(content: bytes, start: int, end: int, marked: int) -> Iterator[tuple[int, Span]]:
    for rule, bit in _WIDE_BITS.items():
        if marked & bit:
            yield from rule(content, start, end)


def scan_lines(content: bytes) -> Iterator[tuple[int, list[Span]]]:
    """The lines that show secrets, each read by itself, by index from 0."""
    at = index = 0
    for start, end, marked in _marked(content):
        index += content.count(b"\n", at, start)
        at = start
        line = content[start:end]
        found = _SecretBlocks().read(line, opens=bool(marked & _OPENS)) or _apply(line, marked)
        found += [span for _, span in _wide(line, 0, len(line), marked)]
        if found:
            yield index, found


def scan_line(line: bytes) -> list[Span]:
    """The secrets that a line shows by itself, unordered, perhaps overlapping."""
    return [
        span
        for _, _, marked in _marked(line)
        for span in (*_apply(line, marked), *(span for _, span in _wide(line, 0, len(line), marked)))
    ]


def _line(content: bytes, at: int) -> tuple[bytes, int]:
    """The line that begins at ``at``, and where the next begins."""
    end = content.find(b"\n", at)
    return (content[at:], len(content) + 1) if end < 0 else (content[at:end], end + 1)


def lines_to_read(content: bytes) -> int:
    """The number of lines of a text that have a word of a secret, which is the cost of scanning it."""
    return sum(1 for _ in _marked(content))


def _apply(line: bytes, marked: int) -> list[Span]:
    found = [span for rule in _rules(marked & _TRIED) for span in rule(line)]
    if found and _COMMENT.match(line):
        found = [span for span in found if not values.is_placeholder(line[span.start : span.end].strip())]
    return found


@lru_cache(maxsize=4096)
def _rules(marked: int) -> tuple[Rule, ...]:
    return tuple(rule for bit, (rule, _) in enumerate(RULES) if marked & 1 << bit)


def _marked(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Start and end of each line that is to be read, with the rules to try on it, as bits."""
    lowered = content.lower()
    for start, end, rules in _SEARCH.lines(content, lowered):
        if rules & _WORTH_A_LOOK and (needed := _needed(rules, lowered, start, end)):
            yield start, end, needed


def _needed(marked: int, lowered: bytes, start: int, end: int) -> int:
    """The rules that can find something in a line. Each condition is one that the rule itself makes."""
    if marked & _OPTION:
        marked |= _OPTIONS
    if marked & _OPTIONS and not marked & (_OPTION | _PROGRAM) and lowered.find(b"|", start, end) < 0:
        marked &= ~_OPTIONS
    if marked & _URLS and lowered.find(b"@", start, end) < 0:
        marked &= ~_URLS
    if lowered.find(b"<", start, end) < 0:
        marked &= ~_ELEMENTS
    elif not marked & _ELEMENTS and _SECRET_TAG.search(lowered, start, end):
        marked |= _ELEMENTS
    if (
        marked & _OPENS_BLOCK
        and lowered.find(b">", start, end) < 0
        and lowered.find(b"|", start, end) < 0
        and not lowered.startswith(b"untrusted", start, end)
    ):
        marked &= ~_OPENS_BLOCK
    return marked & (_TRIED | _OPENS | _WIDE)


class _SecretBlocks:
    """Follows secrets that go over several lines: key blocks, keys below a heading, YAML blocks, XML elements."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
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
        if line == SEPARATOR:
            self._reset()
        found = self._inside(line) if self.open else None
        return self._opened(line) if found is None and opens else found

    def _inside(self, line: bytes) -> list[Span] | None:
        if self._key_block:
            block = self._key_line(line)
            if self._key_block or block is not None:
                return block
        if self._key_lines:
            self._key_lines -= 1
            if body := _BODY.match(line):
                return _whole(*body.span("body"), line, private_keys.KIND)
            self._key_lines = 0  # a number of lines proves nothing: the author of the file chose it
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
        """The secrets of a line that opens a block; None when it opens none, or needs more rules."""
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
