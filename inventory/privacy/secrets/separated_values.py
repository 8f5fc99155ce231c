"""Secrets in configuration and data whose name is on another line, or in another field, than the value.

Each search begins at a line with a name that promises a secret, and reads few lines from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.value_search import BLOCK, CONTINUED, NEAR, Found, following_lines, held

_FIELDS = 256
_OBJECT = 2048

_FIELD = re.compile(
    rb"""(?<![\w.])["']?(?:name|key|property|propertyName|param|parameter|variable|option|setting|field|id)["']?\s*(?:=>|[:=])\s*
    ["']?(?P<name>[\w./-]{2,120})["']?""",
    re.VERBOSE | re.IGNORECASE,
)
_VALUE = re.compile(
    rb"""(?<![\w.])["']?(?:value|val|default|defaultValue|stringValue|content|data|string)["']?\s*(?:=>|[:=])\s*
    (?:"(?P<double>(?:[^"\\]|\\.)*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s,"'{}\[\]]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_ELEMENT_NAME = re.compile(rb"<(?:[\w.-]{1,60}[-:])?(?:name|key|id)>\s*(?P<name>[\w.-]{2,120})\s*</", re.IGNORECASE)
_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,60}[-:])?(?:value|string|data|val|text)\b[^<>]{0,80}>(?P<value>[^<>]+)<", re.IGNORECASE
)
_CELLS = re.compile(
    rb"<(?:td|th|dt|arg|argument|item|string)\b[^<>]{0,80}>\s*+(?P<name>[\w-]{2,30}(?: [\w-]{1,20}){0,2})\s*+:?\s*+"
    rb"</(?:td|th|dt|arg|argument|item|string)>\s*+<(?:td|dd|arg|argument|item|string)\b[^<>]{0,80}>(?P<value>[^<>]+)<"
)
"""A name and its value in two cells of a table."""
_OPENED = re.compile(rb"^\s*+<(?P<name>[\w.:-]{1,80}+)(?P<attributes>(?:\s[^<>]*+)?)>\s*+$")
_GIVEN = re.compile(rb"\b(?:name|key|id)=[\"'](?P<name>[\w.:-]{1,120})[\"']")
_ALONE = re.compile(
    rb"^(?P<indent>\s*+)(?:-\s++)?[\"']?(?P<name>\w[\w. -]{1,79}?)[\"']?\s*+(?P<sep>=>|[:=])\s*+[(\[]?\s*+(?:\#.*)?$"
)
_SCALAR = re.compile(
    rb"^(?P<indent>\s++)(?:\"(?P<double>[^\"]+)\",?\s*+|'(?P<single>[^']+)',?\s*+|(?P<bare>[^\s\"'\#:{}\[\]<-][^:]*+))$"
)
_ITEM = re.compile(rb"^\s*+-\s++[\"']?(?P<bare>[^\s\"':{][^\"':]*+)[\"']?\s*+$")
_LITERAL = re.compile(rb"^\s*[bru]?(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)')[\s,;)\]]*$")
_CONTINUED = re.compile(rb"(?:^|\s)(?P<name>-{1,2}[A-Za-z][\w.-]*|[\w.-]+=)\s*\\$")
_SECRET_TAIL = re.compile(rb"^\s*(?:export\s+)?(?P<name>[\w.-]{2,80})\s*[=:]\s*\S")
_MAP = re.compile(
    rb"(?<![\w-])(?P<name>[\w-]{0,60}?(?:passwords|tokens|secrets|credentials|secureJsonData|secure_json_data|secureSettings|[_-]oauth|[_-]basic|[_-]token|bearer))[\"']?\s*+(?P<sep>=>|[:=])?\s*+\{",
    re.IGNORECASE,
)
_MEMBER = re.compile(
    rb"[\"']?(?P<member>[\w.@:-]{1,80}(?<!:))[\"']?\s*(?:=>|[:=])\s*(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)')"
)
_BESIDE = re.compile(
    rb"(?:^|[_.-])(?:user(?:name)?|login|name|type|kind|id|url|uri|host|port|path|file|mode|provider|realm|email|region)$",
    re.IGNORECASE,
)
_BASE64_PAIR = re.compile(rb"[A-Za-z0-9+/]{20,}={0,2} [A-Za-z0-9+/]{20,}={0,2}")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LIST = re.compile(
    rb"(?<![\w-])(?P<name>[\w-]{0,60}?(?:passwords|tokens|secrets|api_?keys))[\"']?\s*+(?:=>|[:=])\s*+\[", re.IGNORECASE
)
_PASSWORDS = re.compile(rb"(?<![\w-])\"(?P<name>password)\"\s*+:\s*+\[(?=\s*+\")")
_ONE = re.compile(
    rb"(?<![\w-])(?P<name>[\w-]{2,60})[\"']?\]?\s*+(?:=>|[:=])\s*+(?:array\s*+\(|\[)\s*+"
    rb"(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)')\s*+[)\]]"
)
"""A list of one text."""
_FOLDED = re.compile(rb"(?P<name>[\w;-]{2,60})::\s?\S")
_FOLD = re.compile(rb" (?P<bare>\S++)\s*+$")
"""A continuation line of a value in LDIF."""
_TEXT_OF = re.compile(rb"(?P<name>[\w.-]{2,60})[\"'\]]{0,2}\s*=\s*<<[<~-]?\s?[\"']?(?P<end>\w{1,40})[\"']?;?\s*$")
_LINE = re.compile(rb"\s*+(?P<bare>\S.*)")
_TEXT = re.compile(rb"\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)'")
_DECLARATION = 8
_TABLES = (b"passwords", b"secrets", b"tokens", b"securejsondata", b"securesettings")
_DOCUMENT = 4096
_DECLARED = re.compile(rb"(?<![\w.-])(?P<name>[\w.-]{2,80}+)[\"']?\s*+[:=]?\s*+\{")
_GIVEN_VALUE = re.compile(rb"(?<![\w.])[\"']?(?:value|default)[\"']?\s*+[:=]\s*+[\"'](?P<double>[^\"']+)[\"']")
_GENERATED = re.compile(rb"[\"']random_password[\"']")
_RESULT = re.compile(rb"[\"']result[\"']\s*:\s*\"(?P<double>[^\"]+)\"")
_MANIFEST = re.compile(rb"^\s*\"?kind\"?:\s*\"?Secret\"?\s*+(?:,\s*+)?$")
_DATA = re.compile(rb"^(?P<indent>\s*+)\"?(?:data|stringData)\"?:\s*+\{?\s*+$")
_DATUM = re.compile(
    rb"^\s+\"?[\w.-]{1,120}\"?:\s+(?:\"(?P<double>[^\"]+)\",?|'(?P<single>[^']+)'|(?P<bare>[^\s\"'|>{][^\s\"']*))\s*$"
)
_SECTION = re.compile(
    rb"^\s*\[(?:users|admins|passwords?|credentials|accounts|logins|basic_?auth|auth_?users)\]\s*$", re.I
)
_ENTRY = re.compile(
    rb"^\s*(?P<name>[\w.@-]{1,64})\s*[=:]\s*(?P<bare>[^\s,;#]+(?:[ \t]+[^\s,;#=]+)*)(?:\s*+,[\w, .*\t-]*+)?\s*+$"
)
_SHARE = frozenset(
    b"path comment browseable browsable writable writeable public guest mode type format file plugin".split()
)


class _Start(NamedTuple):
    """The line ``start:end`` of a text, at which searches begin; ``lowered`` is the line in lower case."""

    content: bytes
    start: int
    end: int
    line: bytes
    lowered: bytes

    def below(self, most: int) -> Iterator[tuple[int, bytes]]:
        """The starts of the next lines, and the lines themselves."""
        return following_lines(self.content, self.end + 1, most)

    def onward(self, most: int) -> Iterator[tuple[int, bytes]]:
        """The same, beginning with this line."""
        return following_lines(self.content, self.start, most)


def find(content: bytes, start: int, end: int) -> Found:
    """The secrets in the lines around ``start:end`` that follow from a name in that line."""
    line = content[start:end]
    at = _Start(content, start, end, line, line.lower())
    for search in _SEARCHES:
        yield from search(at)


def _fields(at: _Start) -> Found:
    """``name: db_password`` and ``value: secret``, in one object."""
    for match in islice(_FIELD.finditer(at.line), _FIELDS):
        if (promised := _promised(match["name"])) is not NameStrength.NONE:
            yield from _value_of(at.content, at.start, at.end, match, promised)


def _element_below_its_name(at: _Start) -> Found:
    """``<name>db_password</name>`` and ``<value>secret</value>``."""
    if b"<" not in at.line or (named := _ELEMENT_NAME.search(at.line)) is None:
        return
    if (promised := _promised(named["name"])) is NameStrength.NONE:
        return
    for begin, following in at.onward(NEAR):
        first = named.end() if begin == at.start else 0
        if (value := _ELEMENT.search(following, first)) is not None:
            yield from held(begin, value, named["name"], promised, "XML element")
            return
        if begin != at.start and _ELEMENT_NAME.search(following):
            return


def _cells(at: _Start) -> Found:
    """``<td>Password</td><td>secret</td>``."""
    for cell in islice(_CELLS.finditer(at.line), _FIELDS) if b"</" in at.line else ():
        if secret_names.is_secret(b"_".join(cell["name"].split())):
            yield from held(at.start, cell, cell["name"], NameStrength.STRONG, "XML element")


def _element_within_its_name(at: _Start) -> Found:
    """``<property name="db_password">`` with ``<value>secret</value>`` below."""
    opened = _OPENED.match(at.line)
    given = (_GIVEN.search(opened["attributes"]) or opened)["name"] if opened else b""
    if not secret_names.is_secret(given.rsplit(b":", 1)[-1]):
        return
    for begin, following in at.below(2):
        if (value := _ELEMENT.search(following)) is not None:
            yield from held(begin, value, given, NameStrength.STRONG, "XML element")
            return


def _value_below_its_name(at: _Start) -> Found:
    """``password:`` with the value in the next line."""
    if (alone := _ALONE.match(at.line)) is not None:
        yield from _below(at.content, at.end + 1, alone)


def _continued(at: _Start) -> Found:
    """A value behind a backslash at the end of the line."""
    continued = _CONTINUED.search(at.line) if at.line.endswith(b"\\") else None
    if continued and secret_names.is_secret(continued["name"].rstrip(b"=")):
        for begin, following in at.below(1):
            if word := re.match(rb"\s*[\"']?(?P<bare>[^\s\"'\\-][^\s\"']*)", following):
                yield from held(begin, word, continued["name"], NameStrength.STRONG, CONTINUED)
    elif (tail := _cut_value(at.line)) is not None:
        for begin, following in at.below(4):
            if word := re.match(rb"\s*+(?P<bare>[^\\]++)", following):
                yield from held(begin, word, tail, NameStrength.STRONG, CONTINUED)
            if not following.endswith(b"\\"):
                return


def _lists(at: _Start) -> Found:
    """``password => ["secret"]``, ``tokens: ["a", "b"]``."""
    if b"[" in at.line or b"array" in at.line:
        for alone in islice(_ONE.finditer(at.line), _FIELDS):
            promised = secret_names.strength(alone["name"])
            if promised is not NameStrength.NONE and values.looks_chosen(alone["double"] or alone["single"]):
                yield from held(at.start, alone, alone["name"], promised, "value of " + alone["name"].decode())
    if b"[" in at.line:
        for pattern in (_PASSWORDS, _LIST):
            for listed in islice(pattern.finditer(at.line), _FIELDS):
                yield from _listed(at.line, at.start, listed)


def _tables(at: _Start) -> Found:
    """``secrets = { a = "x" }``."""
    for table in islice(_MAP.finditer(at.line), _FIELDS) if b"{" in at.line else ():
        yield from _members(at.content, at.start, table)


def _generated(at: _Start) -> Found:
    """The result of Terraform's random_password."""
    if b"random_password" not in at.line or not _GENERATED.search(at.line):
        return
    for begin, following in at.onward(BLOCK):
        if (value := _RESULT.search(following, max(0, begin))) is not None:
            yield from held(begin, value, b"password", NameStrength.STRONG, "generated password")
            return


def _manifests(at: _Start) -> Found:
    """``kind: Secret``."""
    if _MANIFEST.match(at.line):
        yield from _manifest(at.content, at.start)


def _blocks(at: _Start) -> Found:
    """``variable "db_password" {``."""
    for block in islice(_DECLARED.finditer(at.line), _FIELDS) if b"{" in at.line else ():
        if (promised := _promised(block["name"])) is not NameStrength.NONE:
            yield from _declared(at.content, at.start, block, promised)


def _sections(at: _Start) -> Found:
    """``[users]``."""
    if _SECTION.match(at.line):
        yield from _entries(at.content, at.end + 1)


def _folded(at: _Start) -> Found:
    """``userPassword:: c2Vj`` of LDIF, folded."""
    folded = _FOLDED.match(at.line) if b"::" in at.line else None
    if folded is None or not secret_names.is_secret(folded["name"]):
        return
    for begin, following in at.below(BLOCK):
        if (more := _FOLD.match(following)) is None:
            return
        yield from held(begin, more, b"password", NameStrength.STRONG, CONTINUED)


def _text_blocks(at: _Start) -> Found:
    """``password = <<END``."""
    text = _TEXT_OF.search(at.line) if b"<<" in at.line else None
    if text is None or not secret_names.is_secret(text["name"]):
        return
    for begin, following in at.below(4):
        if following.strip().startswith(text["end"]):
            return
        if (word := _LINE.fullmatch(following)) is not None:
            yield from held(begin, word, text["name"], NameStrength.STRONG, CONTINUED)


_SEARCHES = (
    _fields,
    _element_below_its_name,
    _cells,
    _element_within_its_name,
    _value_below_its_name,
    _continued,
    _lists,
    _tables,
    _generated,
    _manifests,
    _blocks,
    _sections,
    _folded,
    _text_blocks,
)


def _cut_value(line: bytes) -> bytes | None:
    """The name of a secret whose value continues in the next line, as in a file of properties."""
    if not line.endswith(b"\\") or line.endswith((b"\\\\", b" \\")):
        return None
    tail = _SECRET_TAIL.match(line)
    return tail["name"] if tail and secret_names.is_secret(tail["name"]) else None


def _promised(name: bytes) -> NameStrength:
    name = name.rsplit(b"/", 1)[-1]
    promised = secret_names.strength(name)
    return promised if promised in (NameStrength.STRONG, NameStrength.KEY, NameStrength.DOUBT) else NameStrength.NONE


def _value_of(content: bytes, start: int, end: int, field: re.Match[bytes], promised: NameStrength) -> Found:
    """The field with the value: behind the one with the name, or else before it."""
    name = field["name"].rsplit(b"/", 1)[-1]
    least, at = max(start, start + field.start() - _OBJECT), start + field.start()
    tagged = content.rfind(b"<", least, at) > content.rfind(b">", least, at)
    for at, following in following_lines(content, start, NEAR):
        begin = field.end() if at == start else 0
        if at != start and _FIELD.search(following):
            break
        stop = following.find(b"}", begin, begin + _OBJECT)
        if tagged and (closing := following.find(b">", begin, begin + _OBJECT)) >= 0 and not 0 <= stop < closing:
            stop = closing  # what follows is of another element
        if (value := _VALUE.search(following, begin, begin + _OBJECT if stop < 0 else stop)) is not None:
            yield from held(at, value, name, promised, "value of " + name.decode("ascii", "replace"))
            return
        if stop >= 0 or (at != start and not following.strip()):
            break
    line = content[start:end]
    first = max(0, field.start() - _OBJECT)
    first = max(first, line.rfind(b"{", first, field.start()), line.rfind(b"}", first, field.start()))
    if (value := _VALUE.search(line, first, field.start())) is not None:
        yield from held(start, value, name, promised, "value of " + name.decode("ascii", "replace"))
        return
    before = content.rfind(b"\n", 0, max(start - 1, 0)) + 1
    previous = content[before : max(start - 1, 0)]
    alone = before < start and b"{" not in line and not _FIELD.search(previous)
    if alone and previous.rstrip().endswith(b",") and (value := _VALUE.search(previous)) is not None:
        yield from held(before, value, name, promised, "value of " + name.decode("ascii", "replace"))


def _below(content: bytes, at: int, alone: re.Match[bytes]) -> Found:
    """The value in the next line: of YAML deeper than the name, of a program as a literal."""
    name = alone["name"].strip().replace(b" ", b"_")
    promised = _promised(name)
    if promised is NameStrength.NONE and not name.lower().endswith(_TABLES):
        return
    kind = "value of " + name.decode("ascii", "replace")
    for count, (begin, line) in enumerate(following_lines(content, at, BLOCK)):
        if count == 0 and (literal := _LITERAL.match(line)) is not None:
            yield from held(begin, literal, name, promised, kind)
            return
        if alone["sep"] != b":" or len(line) - len(line.lstrip()) < len(alone["indent"]):
            return
        if count == 0 and (scalar := _SCALAR.match(line)) and len(scalar["indent"]) > len(alone["indent"]):
            yield from held(begin, scalar, name, promised, kind)
            return
        if name.lower().endswith(_TABLES) and (datum := _DATUM.match(line)) is not None:
            member = line.split(b":", 1)[0].strip(b"\"' \t")
            value = datum["double"] or datum["single"] or datum["bare"]
            beside = _BESIDE.search(member) or values.is_path(value) or values.is_label(value)
            if b"pass" in name.lower() or (not beside and values.looks_chosen(value)):
                yield from held(begin, datum, name, NameStrength.STRONG, "value in a table of secrets")
            continue
        item = _ITEM.match(line)
        if item is None or not name.lower().endswith((b"passwords", b"passwds")):
            return
        yield from held(begin, item, name, promised, kind)


def _declared(content: bytes, start: int, block: re.Match[bytes], promised: NameStrength) -> Found:
    """The value in a block that is named after the secret: ``variable "db_password" { default = "x" }``."""
    for at, line in following_lines(content, start, _DECLARATION):
        begin = block.end() if at == start else 0
        closing = line.find(b"}", begin, begin + _OBJECT)
        if (value := _GIVEN_VALUE.search(line, begin, begin + _OBJECT if closing < 0 else closing)) is not None:
            yield from held(at, value, block["name"], promised, "value of " + block["name"].decode("ascii", "replace"))
            return
        if closing >= 0:
            return


def _manifest(content: bytes, start: int) -> Found:
    """The data of a Kubernetes Secret, before or after its kind."""
    begin = content.rfind(b"\n---", max(0, start - _DOCUMENT), start) + 1 or max(0, start - _DOCUMENT)
    begin = content.rfind(b"\n", 0, begin) + 1 if begin else 0
    inside: int | None = None
    for at, line in following_lines(content, begin, 2 * BLOCK):
        if at > start and line.startswith(b"---"):
            return
        indent = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and indent <= inside:
            inside = None
        if opened := _DATA.match(line):
            inside = len(opened["indent"])
        elif inside is not None and (entry := _DATUM.match(line)) is not None:
            yield from held(at, entry, b"secret", NameStrength.STRONG, "data of a Secret")


def _members(content: bytes, start: int, opened: re.Match[bytes]) -> Found:
    """The members of a table of secrets, up to its end."""
    passwords = b"pass" in opened["name"].lower() and opened["sep"] is not None and opened["sep"] is not None
    for at, line in following_lines(content, start, BLOCK):
        begin = opened.end() if at == start else 0
        closing = line.find(b"}", begin)
        for member in _MEMBER.finditer(line, begin, len(line) if closing < 0 else closing):
            value = member["double"] or member["single"]
            if passwords or _in_table(member["member"], value):
                yield from held(at, member, opened["name"], NameStrength.STRONG, "value in a table of secrets")
        if closing >= 0:
            return


def _listed(line: bytes, start: int, opened: re.Match[bytes]) -> Found:
    """The members of a list of secrets on one line."""
    closing = line.find(b"]", opened.end(), opened.end() + _OBJECT)
    for literal in _TEXT.finditer(
        line, opened.end(), closing if closing >= 0 else min(len(line), opened.end() + _OBJECT)
    ):
        value = literal["double"] or literal["single"]
        if b"pass" in opened["name"].lower() or (len(value) >= 8 and _in_table(b"", value)):
            yield from held(start, literal, opened["name"], NameStrength.STRONG, "value in a table of secrets")


def _in_table(name: bytes, value: bytes) -> bool:
    """Whether a member of a table of secrets is one: facts about the secret (its user, its kind) do not count."""
    if values.looks_random(value) or _UUID.fullmatch(value):
        return True
    if _BESIDE.search(name) or value.startswith(b"#"):
        return False
    return (values.looks_chosen(value) and re.search(rb"[0-9]", value) is not None) or _BASE64_PAIR.fullmatch(
        value
    ) is not None


def _entries(content: bytes, at: int) -> Found:
    """Lines ``user = password[, role]`` of a section that lists users."""
    for begin, line in following_lines(content, at, BLOCK):
        if line.lstrip().startswith(b"["):
            return
        entry = _ENTRY.match(line)
        if entry is None or entry["name"].lower() in _SHARE or values.is_path(entry["bare"]):
            continue
        yield from held(begin, entry, b"password", NameStrength.STRONG, "password of a login")
