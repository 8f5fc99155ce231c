"""Secrets in the statements of web servers and proxies: ``DIRECTIVE NAME VALUE``, comparisons with what a client sent,
and tables of such values. Statements may share a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.triggers import Near

_LONGEST = 4096
_MOST_LINES = 10_000

_SETTERS = frozenset(
    b"""set setenv presetenv define passengerenvvar passenger_env_var fcgidinitialenv fastcgi_param uwsgi_param
    scgi_param proxy_set_header grpc_set_header add_header add_trailer php_value php_admin_value perlsetvar perlsetenv
    perladdvar header requestheader http-request http-response http-after-response http-check proxyfcgisetenvif js_var
    header_up header_down header_replace request_header_add reply_header_add""".split()
)
"""Directives that set something, by its name, to what follows."""
_ACTIONS = frozenset(
    b"always onsuccess early set add append merge setifempty edit edit* set-header add-header replace-header".split()
)
"""Words between such a directive and the name."""
_EDITS = (b"edit", b"edit*", b"replace-header")
"""For these, a pattern separates the name from the value."""
_COMPARED = frozenset(b"rewritecond setenvif setenvifnocase secrule".split())
_OPERATOR = re.compile(rb"[!=~*]{1,3}|-?(?:eq|ne)")
_FLAG = re.compile(rb"-[A-Za-z]{1,3}|--")
_JOINS = frozenset(b"if unless or and || all".split())
# A word of a statement; a blank after a backslash is part of it.
_WORD = re.compile(
    rb"""\s*+(?P<word>[{};]|"(?:[^"\\]|\\.)*+(?:"|\\?$)[^\s;{}]*+|'(?:[^'\\]|\\.)*+(?:'|\\?$)[^\s;{}]*+"""
    rb"""|(?:[$%]\{[^\s{}]{0,200}\}|[^\s;{}\\]|\\.|\\)++)"""
)
_NAME = re.compile(rb"[(!]*+[\"']?[$%]?\{?(?:[\w-]++:)*+(?P<name>[\w.-]++)\}?[\"']?")
_FETCH = re.compile(
    rb"(?:[\w.]{1,20}\.)?(?:f?hdr\w{0,10}|cook\w{0,10}|url_?param|urlp|set-var(?:-fmt)?)\((?P<name>[\w.-]{1,80})[,)]"
)
_TEXT = re.compile(rb"\bstr\((?P<text>[^()]{1,400})\)")
_SCHEME = re.compile(rb"(?:basic|bearer|token|digest|apikey)(?:(?:\\?\s|\\s[+*]?)+|$)", re.IGNORECASE)
_OF_MODSECURITY = re.compile(rb"!?@\w{1,30}\s++")
_CLASS = re.compile(rb"\\[A-Za-z]|\[[^\]]{0,200}+\]|\{\d{0,4},?\d{0,4}\}")
_ALONE = re.compile(
    rb"\s*+[A-Za-z][\w-]{1,40}\s++(?P<name>[\w.-]{1,80})\s++(?P<quote>[\"']?)(?P<value>[^\s\"';{}]{4,200})(?P=quote)\s*+;?\s*+$"
)
_CHECK = re.compile(
    rb"(?:AUTH|PASS|LOGIN)(?:\\?\s)++(?P<secret>[^\"\\\s]++(?:\\?\s(?!comment\b)[^\"\\\s]++){0,3}+)", re.IGNORECASE
)
_BINARY = re.compile(rb"\s*+tcp-check\s++send-binary\s++(?P<secret>[0-9A-Fa-f]{8,2000})")
_TABLE = re.compile(
    rb"\s*+(?:map|geo)\s++(?P<source>\"[^\"]{1,200}\"|[^\s{}\"]{1,200})(?:\s++(?P<target>\$\w{1,80}))?\s*+\{"
)
_VARIABLE = re.compile(rb"\$\{?(?P<name>\w++)")
_NO_KEY = frozenset([b"default", b"hostnames", b"volatile", b"include"])

_PROMISE = rb"(?:pass|pwd|pw|secret|token|cred|auth|psk|key|mdp|geheim|wort)"
TRIGGERS: tuple[bytes | Near, ...] = (
    *(
        Near((name,), re.compile(re.escape(name) + rb"\s[^;\n]{0,200}?" + _PROMISE))
        for name in sorted(_SETTERS - {b"header"} | {b"rewritecond", b"setenvif", b"setenvifnocase", b"secrule"})
    ),
    Near((b"header ",), re.compile(rb"header [^;\n]{0,200}?" + _PROMISE)),
    Near((b"hdr", b"cook", b"url", b"set-var"), re.compile(rb"[\w-]{3,14}\([\w.-]{0,80}" + _PROMISE)),
    Near((b"if (", b"if("), re.compile(rb"if ?\(\s?\$[\w]{0,60}" + _PROMISE)),
    Near(secret_names.SECRET_WORDS, re.compile(rb"[\w.-]{1,60}+\s++[\"']?[^\s\"';{}]{4,200}[\"']?\s*+;?\s*+$")),
    b"tcp-check",
)
TABLE_TRIGGERS: tuple[bytes | Near, ...] = (
    Near((b"map ", b"geo ", b"map\t"), re.compile(rb"\w{3}\s++[^\n{]{0,300}" + _PROMISE)),
)


def find(line: bytes) -> Iterator[Span]:
    """The secrets in the statements of a line."""
    line = line[:_LONGEST]
    if (alone := _ALONE.match(line)) is not None:
        promised = secret_names.strength(alone["name"])
        named = promised in (NameStrength.STRONG, NameStrength.KEY) and len(secret_names.words(alone["name"])) > 1
        value = alone["value"]
        chosen = re.search(rb"[0-9]", value) is not None and values.looks_chosen(value)
        chosen = chosen and not _same(alone["name"], value)
        if named and chosen and holds(alone["name"], promised, value):
            yield Span(*alone.span("value"), _kind(alone["name"]), bool(alone["quote"]))
    for statement in _statements(line, 0, len(line)):
        yield from _set(line, statement)
        yield from _compared(line, statement)
    if b"tcp-check" in line:
        for sent in _CHECK.finditer(line):
            yield Span(*sent.span("secret"), "password of a login", True)
        binary = _BINARY.match(line)
        if binary and _CHECK.search(bytes.fromhex(binary["secret"][: len(binary["secret"]) // 2 * 2].decode())):
            yield Span(*binary.span("secret"), "password of a login", True)


def tables(content: bytes, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """The secrets of the table that begins in the line ``start:end``: nginx looks up the client's text in it, or finds
    the text to send.
    """
    opened = _TABLE.match(content, start, min(end, start + _LONGEST))
    if opened is None:
        return
    target = opened["target"] or opened["source"]
    by_key = opened["target"] is not None and _has_secret(opened["source"])
    by_value = _has_secret(target)
    if not (by_key or by_value):
        return
    at, stop = opened.end(), end
    for _ in range(_MOST_LINES):
        line = content.rfind(b"\n", 0, at) + 1
        closed = False
        for words in _statements(content, at, min(stop, at + _LONGEST), closes=True):
            texts = [content[first:last] for first, last in words]
            closed = closed or texts == [b"}"]
            if len(words) == 2 and texts[0] != b"include":
                if by_key and texts[0] not in _NO_KEY:
                    yield from ((line, _moved(span, -line)) for span in _pattern(content, *words[0], b"password"))
                if by_value:
                    yield from ((line, _moved(span, -line)) for span in _value(content, *words[1], b"password"))
        at = stop + 1
        if closed or at >= len(content):
            return
        stop = content.find(b"\n", at)
        stop = len(content) if stop < 0 else stop
        if content.find(b"{", at, stop) >= 0:
            return


def _statements(content: bytes, start: int, end: int, *, closes: bool = False) -> Iterator[Sequence[tuple[int, int]]]:
    """The words of each statement, by their places; ``closes``: a closing brace is a statement too."""
    words: list[tuple[int, int]] = []
    while (match := _WORD.match(content, start, end)) is not None:
        text, start = match["word"], match.end()
        if not words and text.startswith(b"#"):
            start = match.start("word") + 1  # a statement that is commented out
        elif text == b"#":
            break
        elif text in (b";", b"{", b"}"):
            if words:
                yield words
            words = []
            if closes and text == b"}":
                yield [match.span("word")]
        else:
            words.append(match.span("word"))
    if words:
        yield words


def _set(line: bytes, words: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """``fastcgi_param DB_PASSWORD x``, ``RequestHeader set Authorization x``, ``http-check send hdr X-Api-Key x``."""
    texts = [line[start:end] for start, end in words]
    directive = texts[0].lower()
    if directive not in _SETTERS:
        return
    places = [at + 1 for at, text in enumerate(texts) if text == b"hdr"]
    if not places:
        at = 2 if directive == b"proxyfcgisetenvif" else 1
        while at < len(texts) and (texts[at].lower() in _ACTIONS or _FLAG.fullmatch(texts[at])):
            at += 1
        places = [at]
    for place in places:
        name = _NAME.fullmatch(texts[place]) if place < len(texts) else None
        if name is None or not _secret(name["name"]):
            continue
        value = place + (2 if texts[place - 1].lower() in _EDITS else 1)
        if value < len(words):
            yield from _value(line, *words[value], name["name"])


def _compared(line: bytes, words: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """``if ($http_x_api_key != x)``, ``RewriteCond %{HTTP:X-Api-Key} !^x$``, ``acl ok hdr(X-Api-Key) x``."""
    texts = [line[start:end] for start, end in words]
    directive = texts[0].lower()
    for at, text in enumerate(texts[:-1]):
        if (fetch := _FETCH.match(text)) is not None and _secret(fetch["name"]):
            for place in _operands(texts, at + 1):
                if text.startswith(b"set-var(") and not _TEXT.search(texts[place]):
                    continue  # what a client sent
                yield from _pattern(line, *words[place], fetch["name"])
            return
        name = _NAME.fullmatch(text)
        if name is None or not _secret(name["name"]):
            continue
        operator = _OPERATOR.fullmatch(texts[at + 1]) is not None
        sent = re.match(rb"\(?\$", text) is not None and operator and at + 2 < len(texts)
        looked_up = (at == 1 and directive in _COMPARED) or (at == 3 and texts[2] == b"req_header")
        if sent or (looked_up and at + 1 + operator < len(texts)):
            yield from _pattern(line, *words[at + 1 + operator], name["name"])
            return


def _operands(texts: Sequence[bytes], at: int) -> Iterator[int]:
    """The words that HAProxy compares with, from the one at ``at`` on."""
    while at < len(texts):
        text = texts[at].lower()
        if text in _JOINS:
            return
        if text in (b"-m", b"-f"):
            at += 1
        elif not _FLAG.fullmatch(text) and not _OPERATOR.fullmatch(text):
            yield at
        at += 1


def _value(line: bytes, start: int, end: int, name: bytes) -> Iterator[Span]:
    """A word that is the value of ``name``."""
    quoted, start, end = _unquoted(line, start, end)
    if (text := _TEXT.search(line, start, end)) is not None:
        start, end = text.span("text")
    elif re.search(rb"[%$][\[{]|\$\w", line[start:end]):
        return
    if (scheme := _SCHEME.match(line, start, end)) is not None:
        start = scheme.end()
    promised = secret_names.strength(name)
    if start < end and holds(name, NameStrength.KEY if promised is NameStrength.NONE else promised, line[start:end]):
        yield Span(start, end, _kind(name), quoted)


def _pattern(line: bytes, start: int, end: int, name: bytes) -> Iterator[Span]:
    """A word, perhaps a pattern, that what a client sent under ``name`` is compared with."""
    _, start, end = _unquoted(line, start, end)
    if (text := _TEXT.search(line, start, end)) is not None:
        start, end = text.span("text")
    if (operator := _OF_MODSECURITY.match(line, start, end)) is not None:
        start = operator.end()
        if not re.search(rb"[0-9]", line[start:end]):
            return
    word = line[start:end]
    core = _CLASS.sub(b"", _SCHEME.sub(b"", word))
    if len(re.findall(rb"[A-Za-z0-9]", core)) < 4 or values.is_path(core) or not holds(name, NameStrength.STRONG, core):
        return
    before = len(word) - len(word.lstrip(b"!=<>~*^("))
    after = len(word) - len(word.rstrip(b"$)"))
    yield Span(start + before, end - after, _kind(name), True)


def _unquoted(line: bytes, start: int, end: int) -> tuple[bool, int, int]:
    while end > start and line[end - 1] == 0x29 and line[start:end].count(b"(") < line[start:end].count(b")"):
        end -= 1
    quoted = end - start >= 2 and line[start] == line[end - 1] and line[start] in b"\"'"
    return quoted, start + quoted, end - quoted


def _secret(name: bytes) -> bool:
    return secret_names.strength(name) in (NameStrength.STRONG, NameStrength.KEY) or name.lower().endswith(
        b"authorization"
    )


def _has_secret(variables: bytes) -> bool:
    return any(_secret(each["name"]) for each in _VARIABLE.finditer(variables))


def _same(name: bytes, value: bytes) -> bool:
    """Whether a value is the name of the setting with another beginning: it is passed on."""
    return value.lower().replace(b"-", b"_").endswith(name.lower().replace(b"-", b"_"))


def _moved(span: Span, by: int) -> Span:
    return span._replace(start=span.start + by, end=span.end + by)


def _kind(name: bytes) -> str:
    return "value of " + name.decode("ascii", "replace").lstrip("-")
