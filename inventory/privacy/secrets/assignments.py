"""Secrets that are the value of a named setting: ``password = x`` in its many dialects, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.spans import Span

_SEPARATOR = rb"""(?:\s[aA]s\s\w{1,20}(?=\s?=))?+
    (?:\[["']?[\w.@-]{1,40}["']?\](?=\s?=))?+(?P<close>\\?["'`]?)(?:!(?=:))?+\s*+[\])}]{0,3}+\s*+
    (?P<sep> => | :=(?!=) | [!=]={1,2} | (?:[?+]|\|\||\?\?)?= | ::(?=\s) | :(?![:/]) | :(?=/[^/]) )"""
# A name, then the text between a name and its value. The look-behind keeps the search linear: a long run of name
# characters is tried once, not from each of its bytes.
_ASSIGNMENT = re.compile(rb"(?<![\w.-])(?P<name>[\w.-]++)" + _SEPARATOR + rb"(?P<gap>[ \t]*+)", re.VERBOSE)
# setProperty("password", "x"), define('DB_PASSWORD', 'x')
_CALL = re.compile(
    rb"""\(\s*+(?:["'][\w.]{1,40}+["']\s*+,\s*+)?["'$]?(?P<name>[\w.-]++)["']?\s*+,\s*+(?=[bBuUrR]?["'])""",
)
_CALLED = re.compile(
    rb"""(?:|define|set\w*|put\w*|add\w*|ini_set|option|config|env|getenv|prop\w*|param\w*|replace|export|modparam|str[ln]?cpy|strn?cmp)""",
    re.IGNORECASE,
)
_LONGEST_CALLED = 256
_WORD_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
# Settings whose value follows after white space: "bindpw x", "setenv PASSWORD x", "secret "x";"
_BEFORE_DIRECTIVE = (
    rb"\s*+(?:[\#;]+\s*+)?(?:(?:SetEnv|setenv|fastcgi_param|uwsgi_param|PerlSet(?:Var|Env)|php_(?:admin_)?value|passenger_env_var|env|string|byte|export"
    rb"|\+?seta?|\(?(?:setq|setf|defvar|defparameter|defconst))\s++\$?)?"
)
_DIRECTIVE = re.compile(rb"^" + _BEFORE_DIRECTIVE + rb"(?P<name>[\w.-]++)\s++(?=[^\s=:])", re.VERBOSE | re.IGNORECASE)
_QUOTED_AFTER_WORD = re.compile(
    rb"""(?<![\w.-])(?P<name>(?:[\w.]{1,30}-){0,4}(?:password|passwd|passphrase|secret|psk))\s++(?:\(\s*+)?(?=["'])""",
    re.IGNORECASE,
)
# What one of the above needs around a name, for texts in lower case. From within the name: the rest of it, and whether
# there follows a separator or the comma of a call, or else white space.
_REST = re.compile(
    rb"[\w.-]*+(?: (?=(?P<assigned>" + _SEPARATOR + rb"""| ["']?\s*+,\s*+[bur]?["'] )) | (?=(?P<spaced>\s)) )?""",
    re.VERBOSE,
)
# After white space: a quote behind it, or nothing but the beginning of a directive before the name.
QUOTED = re.compile(rb"""\s++(?:\(\s*+)?["']""")
HEAD = re.compile(_BEFORE_DIRECTIVE, re.VERBOSE | re.IGNORECASE)
_WORDS_BEFORE_QUOTE = (b"password", b"passwd", b"passphrase", b"secret", b"psk")
_TYPE = re.compile(rb"""[A-Za-z_][\w.<>\[\]|? ]{0,60}?=\s*+(?=[bBuUrRfF@]{0,2}["'`])""")
_VERBS = (b"pass", b"passwd", b"pw", b"kpasswd", b"yppasswd", b"chpasswd", b"smbpasswd", b"htpasswd", b"gpasswd")
# The text that may precede the name when the line is nothing but the assignment.
_LINE_HEAD = re.compile(
    rb"""^[\s#;*/!<-]*+(?:(?:export|set|declare|typeset|readonly|local|my|our|var|let|const|env)\s+(?:-\w+\s+)*)?["'`$@%:]?$"""
)
_ACCOUNT = re.compile(rb"[x*!]{0,2}:\d{1,10}:")
_NEXT_ASSIGNMENT = re.compile(rb"\s[\w.-]{1,60}=[^=]")
_STRING_PREFIX = re.compile(rb"""[bBuUrRfFNL@]{1,2}(?=["'`])""")
_OPENING = re.compile(rb"""&(?:quot|apos|\#34|\#39);|\\["']|\"{3}|'{3}|["'`]""")
_INLINE = re.compile(rb"[{;]\s*+(?P<name>[\w-]++)[ \t]++[\"']?(?P<value>[^\s;{}\"'=]+)[\"']?\s*+;")
_SYMBOL = re.compile(rb"""\s*+(?:set|default|option)(?:\s*+\(\s*+|\s++):(?P<name>\w++)\s*+,\s*+(?=["'])""")
_DEFAULT = re.compile(
    rb"""[\w.:>-]{0,60}?(?:get|getenv|env|fetch|environ)\(\s*["'][\w.-]+["']\s*,\s*(?=["'])
    |(?:<%=\s*)?\$?[\w.:>-]{1,80}+(?:[\[(]["']?[\w.-]{1,80}["']?[\])])?\s*(?:\|\||\?\?|\?:|or\b)\s*(?=["'])""",
    re.VERBOSE,
)
_PART = re.compile(
    rb"\b(?:host(?:name)?|dbname|database|user(?:name)?|uid|user id|server|dsn|data source|provider|driver)=",
    re.IGNORECASE,
)
"""Of a connection string."""
_TEXT_BEFORE = 300
_PERL_QUOTE = re.compile(rb"q[qw]?\s?(?P<open>[({\[|!~/])(?=[^\s)}\]|!~/])")
_CLOSING = {b"(": b")", b"{": b"}", b"[": b"]", b"|": b"|", b"!": b"!", b"~": b"~", b"/": b"/"}
_AFTER_QUOTE = re.compile(rb"\s|[,;)\]}]|$")
_SHELL_MORE = re.compile(rb"""(?:\\''|\w)[^\s;,]*""")
_LONGEST_RANDOM = 512
_COMMAND = re.compile(rb"\$\([^()]{0,200}\)(?=\s|$|;)")
# Bytes at which a value without quotes may end, and what must follow for three of them to be its end.
_STOP = re.compile(rb"""[\s"'`<;&,]""")
_SEMICOLON_ENDS = re.compile(rb";(?:\s|$|[\w. ]{1,40}=)")
_AMPERSAND_ENDS = re.compile(rb"&(?:amp;|&|[\w.%-]{1,40}=)")
_COMMA_ENDS = re.compile(rb",(?:\s|$|[\w.-]{1,40}=)")


def around(lowered: bytes, at: int, end: int) -> re.Match[bytes]:
    """The text behind the name that has a byte at ``at``, in a line that ends at ``end``: ``lastgroup`` is "assigned"
    (a separator, or the comma of a call), "spaced" or None. The match ends where the name does.
    """
    rest = _REST.match(lowered, at, end)
    assert rest is not None  # noqa: S101 - it matches the empty text
    return rest


def find(line: bytes) -> Iterator[Span]:
    """Every value of a setting whose name, with what the value looks like, makes it a secret."""
    yield from _assigned(line)
    yield from _set_by_calls(line)
    for match in _INLINE.finditer(line) if b";" in line and b"{" in line else ():
        if secret_names.is_secret(match["name"]) and holds(match["name"], NameStrength.STRONG, match["value"]):
            yield Span(*match.span("value"), "value of " + _shown(match["name"]), True)
    if symbol := _SYMBOL.match(line):
        start, end, literal = _quoted(line, symbol.end())
        if secret_names.is_secret(symbol["name"]) and holds(symbol["name"], NameStrength.STRONG, line[start:end]):
            yield Span(start, end, "value of " + _shown(symbol["name"]), literal)
    if directive := _DIRECTIVE.match(line):
        yield from _directive(line, directive)
    lowered = line.lower()
    for match in _QUOTED_AFTER_WORD.finditer(line) if any(word in lowered for word in _WORDS_BEFORE_QUOTE) else ():
        start, end, literal = _quoted(line, match.end())
        if holds(match["name"], NameStrength.STRONG, line[start:end]):
            yield Span(start, end, "value of " + _shown(match["name"]), literal)


def _assigned(line: bytes) -> Iterator[Span]:
    """``name = value`` in every dialect."""
    at = 0
    for place in secret_names.promising(line):
        match = _ASSIGNMENT.match(line, place) if place >= at else None
        if match is None:
            continue
        at = match.end()
        name = match["name"]
        promised = secret_names.strength(name)
        if promised is NameStrength.NONE:
            continue
        weak = promised is NameStrength.WEAK
        start, end, literal = _value(line, match, at + _LONGEST_RANDOM if weak else len(line))
        if not weak and end - start > _LONGEST_RANDOM:
            # A line made to be slow repeats the name a thousand times, each with the rest of the line as value.
            at = end
        compared = match["sep"] in (b"==", b"===", b"!=", b"!==")
        if _means_something_else(line, match, literal) or (compared and not literal):
            continue
        if holds(name, promised, line[start:end], literal=literal):
            literal = literal or (match["sep"] == b"=" and _in_text(line, match.start()))
            yield Span(start, end, ("comparison with " if compared else "value of ") + _shown(name), literal)
            at = max(at, end)


def _means_something_else(line: bytes, match: re.Match[bytes], literal: bool) -> bool:
    """Whether an assignment is one of the lists and results that look like it."""
    name, start = match["name"], match.start()
    if (
        name == b"pass"
        and match["sep"] == b":"
        and not literal
        and not match["close"]
        and line[:start].strip(b" \t'\"")
    ):
        return True  # "spf = pass:fail"; what openssl means by it is in shapes
    if match["sep"] != b":" or match["gap"]:
        return False
    if _ACCOUNT.match(line, match.end()) or line.endswith(b"/", 0, start):
        return True  # an account of that name, in a list of accounts or groups, or its directory
    return bool(name.endswith(b"PSK")) and line[start - 1 : start] in (b"!", b"+", b":")  # in a list of ciphers


def _set_by_calls(line: bytes) -> Iterator[Span]:
    """``setPassword("secret")``."""
    for match in _CALL.finditer(line):
        promised = secret_names.strength(match["name"])
        if promised is not NameStrength.NONE and _called(line, match.start()):
            start, end, literal = _quoted(line, match.end())
            if holds(match["name"], promised, line[start:end]):
                yield Span(start, end, "value of " + _shown(match["name"]), literal)


def _in_text(line: bytes, at: int) -> bool:
    """Whether what is at ``at`` follows other parts of a connection string, in the same quotes."""
    least = max(0, at - _TEXT_BEFORE)
    opening = max(line.rfind(b'"', least, at), line.rfind(b"'", least, at))
    return opening >= 0 and _PART.search(line, opening, at) is not None


def _called(line: bytes, at: int) -> bool:
    """Whether the word before the parenthesis at ``at`` is one of those that set something."""
    before = line[max(0, at - _LONGEST_CALLED) : at].rstrip()
    return _CALLED.fullmatch(before, len(before.rstrip(_WORD_BYTES))) is not None


def _directive(line: bytes, match: re.Match[bytes]) -> Iterator[Span]:
    name = match["name"]
    promised = secret_names.strength(name)
    if promised is not NameStrength.STRONG and promised is not NameStrength.KEY:
        return
    at = match.end()
    if line[at : at + 1] in (b'"', b"'"):
        start, end, _ = _quoted(line, at)
        rest = line[end + 1 :].strip()
    else:
        pieces = line[at:].split(None, 1)
        start, end = at, at + len(pieces[0])
        rest = pieces[1].strip() if len(pieces) > 1 else b""
        if line[start:end].endswith(b";"):
            end -= 1
    # Three words are a sentence or a PAM rule ("password required pam_unix.so"), two are a setting.
    if rest.startswith((b"#", b";", b"//")) or rest in (b"", b")"):
        value = line[start:end]
        setting = line[:1].isspace() and line.rstrip().endswith(b";")
        if name in _VERBS and (b"/" in value or not (setting or values.looks_chosen(value))):
            return  # "pass in", "passwd root", "kpasswd 464/tcp"
        if promised is NameStrength.KEY and not values.looks_chosen(value):
            return
        if value.lower().replace(b"-", b"_").endswith(name.lower().replace(b"-", b"_")):
            return  # a setting that is passed on under another name
        if holds(name, promised, value) and values.NSSWITCH.match(value) is None:
            yield Span(start, end, "value of " + _shown(name), line[at : at + 1] in (b'"', b"'"))


def _value(line: bytes, match: re.Match[bytes], limit: int) -> tuple[int, int, bool]:
    """The place of the value of an assignment, and whether it is a literal."""
    at = match.end()
    if match["sep"] == b":" and (typed := _TYPE.match(line, at)):
        at = typed.end()
    if prefix := _STRING_PREFIX.match(line, at):
        at = prefix.end()
    before = line[match.start("name") - 1 : match.start("name")] if match.start("name") else b""
    if before in (b'"', b"'") and not match["close"] and line.startswith(before, at):
        return at, at, False  # a text that ends there: "Password: "
    if perl := _PERL_QUOTE.match(line, at):
        closing = line.find(_CLOSING[perl["open"]], perl.end())
        return perl.end(), len(line) if closing < 0 else closing, True
    if _OPENING.match(line, at):
        return _quoted(line, at)
    if given := _DEFAULT.match(line, at):
        return _quoted(line, given.end())
    return _unquoted(line, at, match, min(limit, len(line)))


def _quoted(line: bytes, at: int) -> tuple[int, int, bool]:
    """The inside of the quotes that open at ``at``; to the end of the line when nothing closes them."""
    opened = _OPENING.match(line, at)
    opening = opened.group() if opened else b""
    start = at + len(opening)
    end = line.find(opening, start)
    while end > 0 and len(opening) == 1 and _escaped(line, start, end):
        if opening == b"'" and _AFTER_QUOTE.match(line, end + 1):
            break  # to a shell a backslash inside single quotes is a backslash
        end = line.find(opening, end + 1)
    if end < 0:
        return start, len(line), True
    after = end + len(opening)
    if opening in (b"'", b'"') and (more := _SHELL_MORE.match(line, after)):
        # The shell continues after a quote: 'a'\''b', "abc"def. All of it is hidden, or a quote would be left open.
        return at, more.end(), True
    return start, end, opening != b"`"


def _escaped(line: bytes, start: int, at: int) -> bool:
    """Whether the byte at ``at`` follows an odd number of backslashes."""
    first = at
    while first > start and line[first - 1] == 0x5C:
        first -= 1
    return (at - first) % 2 == 1


def _unquoted(line: bytes, at: int, match: re.Match[bytes], limit: int) -> tuple[int, int, bool]:
    """A value without quotes. Too long is better than too short: what is left over would be part of a secret."""
    if computed := _COMMAND.match(line, at):
        return at, computed.end(), False
    while line.startswith(b"\\ ", at):
        at += 2  # a blank, to HAProxy
    name_at = match.start("name")
    before = line[name_at - 1 : name_at] if name_at else b""
    if before in (b'"', b"'") and not match["close"]:  # "NAME=value with spaces" as one word
        end = line.find(before, at)
        return at, limit if end < 0 else end, match["sep"] == b"=" and not match["gap"]
    name = match["name"]
    spaced = bool(match["gap"]) or line[match.start("sep") - 1 : match.start("sep")] in (b" ", b"\t")
    if name_at < 200 and not name.startswith(b"-") and _LINE_HEAD.match(line[:name_at]):
        shell = not spaced and match["sep"] == b"=" and name.upper() == name
        if not shell and (spaced or not _NEXT_ASSIGNMENT.search(line, at)):
            return at, at + len(line[at:limit].rstrip(b" \t\r;,")), False
    end = at
    in_list = before == b","
    in_query = before in (b"?", b"&", b";")
    while stop := _STOP.search(line, end, limit):
        end = stop.start()
        byte = stop.group()
        if byte == b"<" and (token := values.TOKEN.match(line, end)):
            end = token.end()
        elif (
            (byte == b";" and not _SEMICOLON_ENDS.match(line, end))
            or (byte == b"&" and not in_query and not _AMPERSAND_ENDS.match(line, end))
            or (byte == b"," and not in_list and not _COMMA_ENDS.match(line, end))
        ):
            end += 1
        else:
            break
    else:
        end = limit
    while end > at and line[end - 1] in b")]},;|":
        end -= 1
    return at, end, False


def _shown(name: bytes) -> str:
    return name.decode("ascii", "replace").lstrip("-")


def holds(name: bytes, promised: NameStrength, value: bytes, *, literal: bool = True) -> bool:
    """Whether a value under a name that promises a secret is one. ``literal``: not an expression of a program."""
    bare = value.strip()
    if not bare or values.is_token(bare) or values.is_switch(bare) or values.is_reference(bare):
        return False
    if bare.startswith((b"# ", b"; ")) or values.is_template(bare):
        return False  # empty, with a comment, or to be filled in
    if not literal and values.is_expression(bare):
        return False
    if bare in (b"{", b"[", b"(", b"|", b">", b"|-", b">-", b"\\") or re.match(rb"[{\[]\s*[\"'}\]]", bare):
        return False  # a structure opens
    lowered = name.lower().lstrip(b"-$@%")
    if lowered in (b"passwd", b"shadow") and values.NSSWITCH.match(bare):
        return False
    if lowered in (b"credentials", b"credential", b"application_credentials") or lowered.endswith(b"_credentials"):
        return not values.is_path(bare)
    if lowered == b"pwd":
        return not values.is_path(bare) and not bare.startswith(b"`")  # the working directory, to a shell
    if promised is NameStrength.STRONG:
        return True
    if promised is NameStrength.DOUBT:
        return values.looks_chosen(bare)
    if lowered.endswith(b"auth") and values.is_basic_credential(bare):
        return True
    if promised is NameStrength.KEY:
        first = bare.split(None, 1)[0]
        macro = re.fullmatch(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", first) is not None  # of exim and m4
        long = len(first) >= 8 or (len(first) >= 5 and values.looks_chosen(first)) or values.looks_random(bare)
        return long and not values.is_path(first) and not macro
    if lowered.endswith(b"pin"):
        return re.fullmatch(rb"\d{4,12}", bare) is not None
    if lowered.endswith(b"community"):
        return values.looks_chosen(bare)
    return values.looks_random(bare)
