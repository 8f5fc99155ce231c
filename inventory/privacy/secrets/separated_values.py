"""Secrets whose name is on another line, or in another field, than the value.

Each search begins at a line with a name that promises a secret, and reads few lines from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.spans import Span

Found = Iterator[tuple[int, Span]]
"""Where a line begins, and a span in it."""

_NEAR = 3
_BLOCK = 40
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
_DOCUMENT_OF = re.compile(
    rb"(?<![\w/.-])(?:/[\w/]{1,40}/)?(?:passwd|smbpasswd|kinit|cryptsetup|vncpasswd|saslpasswd2?|pdbedit|ldappasswd|su|sudo\s++-S)"
    rb"(?:\s[^<|;&]{0,200})?<<-?\s*+[\"']?(?P<end>\w{1,40})"
)
"""Programs that read a password from the lines below."""
_FOLDED = re.compile(rb"(?P<name>[\w;-]{2,60})::\s?\S")
_FOLD = re.compile(rb" (?P<bare>\S++)\s*+$")
"""How LDIF goes on with a value."""
_TEXT_OF = re.compile(rb"(?P<name>[\w.-]{2,60})[\"'\]]{0,2}\s*=\s*<<[<~-]?\s?[\"']?(?P<end>\w{1,40})[\"']?;?\s*$")
_LINE = re.compile(rb"\s*+(?P<bare>\S.*)")
_COMMANDS = frozenset(b"binary bin ascii passive prompt bye quit ls dir pwd hash".split())
_WAITING = (b"expect", b"read_until", b"waitfor", b"wait_for")
_HOST = re.compile(rb"open\s++[\w.-]++\s*+")
_WORD = re.compile(rb"(?P<bare>\S{2,80})\s*+")
_WIRELESS = re.compile(
    rb"\s*+(?:key|apsk|psk)\s*+=\s*+(?:\"(?P<double>[^\"]{5,64})\"|'(?P<single>[^']{5,64})'|(?P<bare>[^\s\"']{5,64}))\s*+$",
    re.IGNORECASE,
)
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
_LOGIN = re.compile(rb"^\s*(?:-\s+)?(?!list:|expire:|users:)[\w.-]{1,40}:(?!\s)(?P<bare>[^\s:]\S*)\s*$")
_SENT = re.compile(
    rb"\bsend(?:_user)?\s++(?:-[\w-]{1,20}+\s++){0,4}+(?:\"(?P<double>[^\"]+?)(?:\\[rn]){0,2}\"|(?P<bare>[^\s\"';]{3,80}?)\\r)|\b(?:send(?:line)?|write)\s*\(\s*b?[\"'](?P<single>[^\"']+?)(?:\\[rn]){0,2}[\"']"
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
_FTP = re.compile(
    rb"^\s*(?:quote\s+)?(?:user\s+[^\s;]+\s+|pass\s+|password\s+|quote\s+pass\s+)(?P<bare>[^\s;]+)\s*$", re.IGNORECASE
)


def find(content: bytes, start: int, end: int) -> Found:
    """What is secret in the lines around ``start:end`` because of a name in that line."""
    line = content[start:end]
    for match in islice(_FIELD.finditer(line), _FIELDS):
        if (promised := _promised(match["name"])) is not NameStrength.NONE:
            yield from _value_of(content, start, end, match, promised)
    if (
        b"<" in line
        and (named := _ELEMENT_NAME.search(line))
        and (promised := _promised(named["name"])) is not NameStrength.NONE
    ):
        for at, following in _following(content, start, _NEAR):
            begin = named.end() if at == start else 0
            if (value := _ELEMENT.search(following, begin)) is not None:
                yield from _held(at, value, named["name"], promised, "XML element")
                break
            if at != start and _ELEMENT_NAME.search(following):
                break
    for cell in islice(_CELLS.finditer(line), _FIELDS) if b"</" in line else ():
        if secret_names.is_secret(b"_".join(cell["name"].split())):
            yield from _held(start, cell, cell["name"], NameStrength.STRONG, "XML element")
    opened = _OPENED.match(line)
    given = (_GIVEN.search(opened["attributes"]) or opened)["name"] if opened else b""
    if secret_names.is_secret(given.rsplit(b":", 1)[-1]):
        for at, following in _following(content, end + 1, 2):
            if (value := _ELEMENT.search(following)) is not None:
                yield from _held(at, value, given, NameStrength.STRONG, "XML element")
                break
    if (alone := _ALONE.match(line)) is not None:
        yield from _below(content, end + 1, alone)
    if (
        line.endswith(b"\\")
        and (continued := _CONTINUED.search(line))
        and secret_names.is_secret(continued["name"].rstrip(b"="))
    ):
        for at, following in _following(content, end + 1, 1):
            if word := re.match(rb"\s*[\"']?(?P<bare>[^\s\"'\\-][^\s\"']*)", following):
                yield from _held(at, word, continued["name"], NameStrength.STRONG, "value of a continued line")
    elif (tail := _cut_value(line)) is not None:
        for at, following in _following(content, end + 1, 4):
            if word := re.match(rb"\s*+(?P<bare>[^\\]++)", following):
                yield from _held(at, word, tail, NameStrength.STRONG, "value of a continued line")
            if not following.endswith(b"\\"):
                break
    for alone in islice(_ONE.finditer(line), _FIELDS) if b"[" in line or b"array" in line else ():
        promised = secret_names.strength(alone["name"])
        if promised is not NameStrength.NONE and values.looks_chosen(alone["double"] or alone["single"]):
            yield from _held(start, alone, alone["name"], promised, "value of " + alone["name"].decode())
    for listed in islice(_PASSWORDS.finditer(line), _FIELDS) if b"[" in line else ():
        yield from _listed(line, start, listed)
    for listed in islice(_LIST.finditer(line), _FIELDS) if b"[" in line else ():
        yield from _listed(line, start, listed)
    for table in islice(_MAP.finditer(line), _FIELDS) if b"{" in line else ():
        yield from _members(content, start, table)
    if b"random_password" in line and _GENERATED.search(line):
        for at, following in _following(content, start, _BLOCK):
            if (value := _RESULT.search(following, max(0, at))) is not None:
                yield from _held(at, value, b"password", NameStrength.STRONG, "generated password")
                break
    if _MANIFEST.match(line):
        yield from _manifest(content, start)
    for block in islice(_DECLARED.finditer(line), _FIELDS) if b"{" in line else ():
        if (promised := _promised(block["name"])) is not NameStrength.NONE:
            yield from _declared(content, start, block, promised)
    if _SECTION.match(line):
        yield from _entries(content, end + 1)
    lowered = line.lower()
    if b"chpasswd" in lowered:
        yield from _logins(content, end + 1)
    if b"assword" in line and any(word in lowered for word in _WAITING):
        for at, following in _following(content, start, _NEAR):
            if (sent := _SENT.search(following)) is not None:
                yield from _held(at, sent, b"password", NameStrength.STRONG, "password that is typed")
                break
    if _HOST.fullmatch(lowered):
        yield from _ftp_login(content, end + 1)
    if b"::" in line and (folded := _FOLDED.match(line)) is not None and secret_names.is_secret(folded["name"]):
        for at, following in _following(content, end + 1, _BLOCK):
            if (more := _FOLD.match(following)) is None:
                break
            yield from _held(at, more, b"password", NameStrength.STRONG, "value of a continued line")
    if b"<<" in line and (text := _TEXT_OF.search(line)) is not None and secret_names.is_secret(text["name"]):
        for at, following in _following(content, end + 1, 4):
            if following.strip().startswith(text["end"]):
                break
            if (word := _LINE.fullmatch(following)) is not None:
                yield from _held(at, word, text["name"], NameStrength.STRONG, "value of a continued line")
    if b"<<" in line and (document := _DOCUMENT_OF.search(line)) is not None:
        for at, following in _following(content, end + 1, 4):
            if following.strip() == document["end"]:
                break
            if (word := _WORD.fullmatch(following)) is not None:
                yield from _held(at, word, b"password", NameStrength.STRONG, "value piped to a command")
    if b"ssid" in lowered:
        for at, following in _following(content, end + 1, 8):
            if (key := _WIRELESS.match(following)) is not None:
                yield from _held(at, key, b"password", NameStrength.STRONG, "password of a login")
    if b"ftp" in lowered:
        for at, following in _following(content, end + 1, 8):
            if (word := _FTP.match(following)) is not None:
                yield from _held(at, word, b"password", NameStrength.STRONG, "password of a login")
    if line.strip() == b"password":  # of Subversion and Mercurial: K 8, password, V 12, the value
        lines = list(_following(content, end + 1, 2))
        if len(lines) == 2 and re.fullmatch(rb"V \d{1,4}", lines[0][1].strip()):
            at, value_line = lines[1]
            if word := re.match(rb"(?P<bare>.+)", value_line):
                yield from _held(at, word, b"password", NameStrength.STRONG, "password of a login")


def _cut_value(line: bytes) -> bytes | None:
    """The name of a secret whose value goes on in the next line, as in a file of properties."""
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
    for at, following in _following(content, start, _NEAR):
        begin = field.end() if at == start else 0
        if at != start and _FIELD.search(following):
            break
        stop = following.find(b"}", begin, begin + _OBJECT)
        if tagged and (closing := following.find(b">", begin, begin + _OBJECT)) >= 0 and not 0 <= stop < closing:
            stop = closing  # what follows is of another element
        if (value := _VALUE.search(following, begin, begin + _OBJECT if stop < 0 else stop)) is not None:
            yield from _held(at, value, name, promised, "value of " + name.decode("ascii", "replace"))
            return
        if stop >= 0 or (at != start and not following.strip()):
            break
    line = content[start:end]
    first = max(0, field.start() - _OBJECT)
    first = max(first, line.rfind(b"{", first, field.start()), line.rfind(b"}", first, field.start()))
    if (value := _VALUE.search(line, first, field.start())) is not None:
        yield from _held(start, value, name, promised, "value of " + name.decode("ascii", "replace"))
        return
    before = content.rfind(b"\n", 0, max(start - 1, 0)) + 1
    previous = content[before : max(start - 1, 0)]
    alone = before < start and b"{" not in line and not _FIELD.search(previous)
    if alone and previous.rstrip().endswith(b",") and (value := _VALUE.search(previous)) is not None:
        yield from _held(before, value, name, promised, "value of " + name.decode("ascii", "replace"))


def _below(content: bytes, at: int, alone: re.Match[bytes]) -> Found:
    """The value in the next line: of YAML deeper than the name, of a program as a literal."""
    name = alone["name"].strip().replace(b" ", b"_")
    promised = _promised(name)
    if promised is NameStrength.NONE and not name.lower().endswith(_TABLES):
        return
    kind = "value of " + name.decode("ascii", "replace")
    for count, (begin, line) in enumerate(_following(content, at, _BLOCK)):
        if count == 0 and (literal := _LITERAL.match(line)) is not None:
            yield from _held(begin, literal, name, promised, kind)
            return
        if alone["sep"] != b":" or len(line) - len(line.lstrip()) < len(alone["indent"]):
            return
        if count == 0 and (scalar := _SCALAR.match(line)) and len(scalar["indent"]) > len(alone["indent"]):
            yield from _held(begin, scalar, name, promised, kind)
            return
        if name.lower().endswith(_TABLES) and (datum := _DATUM.match(line)) is not None:
            member = line.split(b":", 1)[0].strip(b"\"' \t")
            value = datum["double"] or datum["single"] or datum["bare"]
            beside = _BESIDE.search(member) or values.is_path(value) or values.is_label(value)
            if b"pass" in name.lower() or (not beside and values.looks_chosen(value)):
                yield from _held(begin, datum, name, NameStrength.STRONG, "value in a table of secrets")
            continue
        item = _ITEM.match(line)
        if item is None or not name.lower().endswith((b"passwords", b"passwds")):
            return
        yield from _held(begin, item, name, promised, kind)


def _declared(content: bytes, start: int, block: re.Match[bytes], promised: NameStrength) -> Found:
    """The value in a block that is named after the secret: ``variable "db_password" { default = "x" }``."""
    for at, line in _following(content, start, _DECLARATION):
        begin = block.end() if at == start else 0
        closing = line.find(b"}", begin, begin + _OBJECT)
        if (value := _GIVEN_VALUE.search(line, begin, begin + _OBJECT if closing < 0 else closing)) is not None:
            yield from _held(at, value, block["name"], promised, "value of " + block["name"].decode("ascii", "replace"))
            return
        if closing >= 0:
            return


def _manifest(content: bytes, start: int) -> Found:
    """The data of a Secret of Kubernetes, which stand before or after its kind."""
    begin = content.rfind(b"\n---", max(0, start - _DOCUMENT), start) + 1 or max(0, start - _DOCUMENT)
    begin = content.rfind(b"\n", 0, begin) + 1 if begin else 0
    inside: int | None = None
    for at, line in _following(content, begin, 2 * _BLOCK):
        if at > start and line.startswith(b"---"):
            return
        indent = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and indent <= inside:
            inside = None
        if opened := _DATA.match(line):
            inside = len(opened["indent"])
        elif inside is not None and (entry := _DATUM.match(line)) is not None:
            yield from _held(at, entry, b"secret", NameStrength.STRONG, "data of a Secret")


def _members(content: bytes, start: int, opened: re.Match[bytes]) -> Found:
    """The members of a table of secrets, up to its end."""
    passwords = b"pass" in opened["name"].lower() and opened["sep"] is not None and opened["sep"] is not None
    for at, line in _following(content, start, _BLOCK):
        begin = opened.end() if at == start else 0
        closing = line.find(b"}", begin)
        for member in _MEMBER.finditer(line, begin, len(line) if closing < 0 else closing):
            value = member["double"] or member["single"]
            if passwords or _in_table(member["member"], value):
                yield from _held(at, member, opened["name"], NameStrength.STRONG, "value in a table of secrets")
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
            yield from _held(start, literal, opened["name"], NameStrength.STRONG, "value in a table of secrets")


def _in_table(name: bytes, value: bytes) -> bool:
    """Whether a member of a table of secrets is one: what is said about the secret (its user, its kind) is none."""
    if values.looks_random(value) or _UUID.fullmatch(value):
        return True
    if _BESIDE.search(name) or value.startswith(b"#"):
        return False
    return (values.looks_chosen(value) and re.search(rb"[0-9]", value) is not None) or _BASE64_PAIR.fullmatch(
        value
    ) is not None


def _entries(content: bytes, at: int) -> Found:
    """Lines ``user = password[, role]`` of a section that lists users."""
    for begin, line in _following(content, at, _BLOCK):
        if line.lstrip().startswith(b"["):
            return
        entry = _ENTRY.match(line)
        if entry is None or entry["name"].lower() in _SHARE or values.is_path(entry["bare"]):
            continue
        yield from _held(begin, entry, b"password", NameStrength.STRONG, "password of a login")


def _logins(content: bytes, at: int) -> Found:
    """Lines ``user:password`` below a line with chpasswd."""
    for begin, line in _following(content, at, _BLOCK):
        if (login := _LOGIN.match(line)) is not None:
            yield from _held(begin, login, b"password", NameStrength.STRONG, "password of a login")
        elif line.strip() and not re.match(rb"\s*(?:list|expire|users)\s*:|\s*#", line):
            return


def _ftp_login(content: bytes, at: int) -> Found:
    """User and password alone in the two lines below ``open HOST``, as ``ftp`` reads them from its input."""
    lines = list(_following(content, at, 3))
    pair = [_WORD.fullmatch(line) for _, line in lines[:2]]
    if len(lines) == 3 and all(pair) and pair[1] is not None and pair[1]["bare"].lower() not in _COMMANDS:
        yield from _held(lines[1][0], pair[1], b"password", NameStrength.STRONG, "password of a login")


def _held(at: int, match: re.Match[bytes], name: bytes, promised: NameStrength, kind: str) -> Found:
    for group in ("value", "double", "single", "bare"):
        if (value := match.groupdict().get(group)) is not None:
            if holds(name, promised, value, literal=group != "bare"):
                first, last = match.span(group)
                first += len(value) - len(value.lstrip())
                last -= len(value) - len(value.rstrip(b", \t\r" if group == "bare" else None))
                yield at, Span(first, last, kind, group != "bare" or not kind.startswith("value of "))
            return


def _following(content: bytes, at: int, most: int) -> Iterator[tuple[int, bytes]]:
    """Where the next lines begin, and they themselves."""
    for _ in range(most):
        if at >= len(content):
            return
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        yield at, content[at : min(end, at + 4096)]
        at = end + 1
