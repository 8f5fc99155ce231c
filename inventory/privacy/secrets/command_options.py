"""Secrets among the arguments of commands: ``--password x``, ``mysql -px``, ``curl -u a:b`` and their like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.command_tools import ORACLE, SMB, TOOLS, Tool
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.word_search import WordSearch

# A login in whatever program: a user by one option, the secret by another nearby.
_USERS = frozenset(b"-D -u -U -l -au -xu -user --user --username --login -username -login --uid -usr".split())
_SECRETS = frozenset(b"-p -P -w -W -ap -xp -pw -pwd -pass -passwd -k".split())
_NEAR = 6
_BESIDE = re.compile(rb"[\s\"']-(?:[pPwWk]|[ax]p)|auth|userpass|credentials|--login|\b(?:set|config)\s")
"""A pattern that every command has in which :func:`logins` finds something."""
_ATTACHED = re.compile(rb"-p[^=\s-].{3,}")
_CLUSTER = re.compile(rb"-[A-Za-z]{1,8}[uUP]")
# Options whose value is "user:secret", and words after which a setting and its value follow.
_PAIRED = frozenset(b"--auth -auth --basic-auth --http-auth --proxy-auth --credentials --userpass --login".split())
_SETS = frozenset(b"set --set config".split())
_NO_SECRET = re.compile(
    rb"\d+(?:[:,/-]\d+)*(?:/(?:tcp|udp))?|[\w.-]*:\d+|-.*|tcp|udp|[a-z]+://.*|\d+(?:\.\d+)+|[\d.]+[smhdkKMG]"
)
LOGIN = re.compile(rb"(?<![^\s\"'=])-{1,2}(?:u|l|d|au|xu|user(?:name)?|login|uid|usr|auth)(?=[\s=]|[a-z])")
"""The place of a user of :func:`logins`, in lower case."""
LOGIN_STARTS = tuple(b"-u -l -d -au -xu --u --l --au".split())

TRIGGERS: tuple[bytes, ...] = (
    *b"""pass pwd pw secret token -psk cred setcookie mysql mariadb dumper myloader innotop ldap smb rpcclient winexe
    snmp mongo sqlcmd osql isql tsql ipmitool mosquitto_ docker podman buildah skopeo helm sqlplus expdp impdp
    sqlldr rman 7z curl redis-cli lftp ncftp plink pscp psftp rdesktop xfreerdp swaks ssh-keygen openssl rabbitmqctl
    """.split(),
    *(
        b"net ads",
        b"net rpc",
        b"bcp ",
        b"zip -",
        b"sudo -s",
        b"| su",
        b"|su",
        b"<<<",
        b"stdin",
        b"kinit",
        b"cryptsetup",
        b"vncpasswd",
        b"apikey",
        b"-key",
    ),
    *(name.lower() for name in TOOLS if len(name) > 2),
)
"""Of these (in lower case) a line must have one to hold a command with a secret."""

# A line made to be slow (a megabyte of "curl curl curl") stays cheap.
_MOST_PROGRAMS = 64
_LONGEST_COMMAND = 4096
_MOST_READ = 8192
"""Bytes of one line that are read as words of programs, all in all."""

_PIECE = re.compile(rb"""(?:[^\s"'|;&\\]|\\.)++|"(?:[^"\\]|\\.)*+"|'[^']*+'|["']""")
"""The pieces of a word of a command line."""
_PROGRAM = re.compile(
    rb"(?<![\w.-])(?:" + b"|".join(re.escape(name) for name in sorted(TOOLS, reverse=True)) + rb")(?![\w-])"
)
_PROGRAMS = WordSearch(TOOLS)
_OPTION = re.compile(rb"""(?<![^\s"'\[(,])(?P<name>--?[A-Za-z][\w.-]*+)(?:\s++|["'],\s*+["'])(?=[^\s-])""")
_LFTP = re.compile(rb"(?<!\S)(?:user\s+[^\s;]{1,80}\s+|-u\s?[^\s,;]{1,80},)(?P<secret>[^\s;]+)")
_ORACLE_LOGIN = re.compile(rb"(?:userid=)?[\w$#]{1,60}/(?=[^/@\s]+(?:@|$|\sas\s))")
_HERE = re.compile(
    rb"""\b(?:chpasswd|kinit|smbpasswd|passwd|sudo|su|cryptsetup|openssl|docker|gpg|vncpasswd|openconnect|realm|adcli|pure-pw|\w{0,20}passwd|--[\w-]{0,30}stdin)\b[^<|;&]{0,80}<<<\s*["']?
    (?:[^\s:"'|]{1,64}:)?(?P<secret>[^\s"'|$]+)""",
    re.VERBOSE,
)
_PIPED = re.compile(
    rb"""\b(?:echo|printf|yes)\s++(?:-\w{1,9}+\s++){0,3}+(?:["']?%s(?:\\n)?["']?\s++)?+["']?(?P<user>[^\s:"'|]{0,99}+:)?(?P<value>[^\s"'|;)]++)["']?\s*+(?:;[^|]{0,200}\)\s*+)?\|
    \s*+(?:/[^\s|]{0,99}/)?(?:chpasswd|kinit|vncpasswd|cryptsetup|openconnect|gpg|[^|]{1,120}?--(?:password-)?stdin|(?:sudo\s++-S)|(?:passwd\s++(?:[^\s|]++\s++){0,5}?--stdin)|smbpasswd|passwd\b|su\b)""",
    re.VERBOSE,
)


def in_line(line: bytes) -> Iterator[Span]:
    """Secrets of commands in a line of text (a script, a crontab, a unit, a mount)."""
    line = line.replace(b"\\040", b"    ")  # a blank in a table of mounts
    for match in _OPTION.finditer(line):
        name = match["name"]
        end = _word_end(line, match.end(), len(line))
        if not option_holds(name, _unquote(line[match.end() : end])):
            continue
        yield from _word_span(line, match.end(), end, f"argument of {name.decode()}")
    for match in _PIPED.finditer(line) if b"|" in line else ():
        if not values.is_token(match["value"]) and not values.is_reference(match["value"]):
            yield Span(*match.span("value"), "value piped to a command", True)
    for match in _HERE.finditer(line) if b"<<<" in line else ():
        yield Span(*match.span("secret"), "value piped to a command", True)
    yield from _near_users(line)
    yield from _of_programs(line)


def _near_users(line: bytes) -> Iterator[Span]:
    """Secrets of commands that name a user, whatever the program."""
    known = 0
    for login in LOGIN.finditer(line.lower()):
        if login.start() < known:
            continue
        first = line.rfind(b"\n", 0, login.start()) + 1
        first = max(first, login.start() - 160)
        first = line.find(b" ", first, login.start()) + 1 if first else 0
        if line[login.start() - 1 : login.start()] in (b'"', b"'", b"="):
            first = login.start()  # the options are one quoted word
        for quote in (b'"', b"'"):
            if line.count(quote, first, login.start()) % 2:
                first = line.find(quote, first, login.start()) + 1
        if not _BESIDE.search(line, first, first + 2400):
            known = max(login.end(), first + 2400 - 160)
            continue
        words = list(islice(_words(line, first, first + 2400), 600))
        known = words[-1][1] if words else login.end()
        for index, secret, kind in logins([_unquote(line[start:end]) for start, end in words]):
            start, end = words[index]
            for span in _word_span(line, start + (secret.start or 0), end, kind):
                yield span._replace(literal=False)


def _of_programs(line: bytes) -> Iterator[Span]:
    """Secrets of the programs in TOOLS."""
    left = min(_MOST_READ, 512 + 2 * len(line))
    for program in islice(_programs(line), _MOST_PROGRAMS):
        words = list(_words(line, program.end(), program.end() + min(_LONGEST_COMMAND, left)))
        left -= words[-1][1] - program.end() if words else 0
        bare = [_unquote(line[start:end]) for start, end in words]
        for index, secret, kind in in_words(program.group(), bare):
            start, end = words[index]
            shift = 1 if secret.start and _is_quoted(line[start:end]) else 0
            stop = end if secret.stop is None else start + shift + secret.stop
            yield from _word_span(line, start + shift + secret.start, stop, kind)


def option_holds(name: bytes, value: bytes) -> bool:
    """Whether the word behind an option is a secret because of the option's name."""
    promised = secret_names.strength(name)
    if name == b"--key":
        return len(value) >= 8 and values.looks_chosen(value)
    if name == b"-setcookie" or promised is secret_names.NameStrength.STRONG:
        return not values.is_plain_path(value)
    return promised is not secret_names.NameStrength.NONE and holds(name, promised, value)


def _programs(line: bytes) -> Iterator[re.Match[bytes]]:
    """The names of programs in a line."""
    known = 0
    for _, at, _ in _PROGRAMS.hits(line):
        if at >= known and (program := _PROGRAM.match(line, at)):
            known = program.end()
            yield program


def logins(words: Sequence[bytes]) -> Iterator[tuple[int, slice, str]]:
    """Secrets near an option with a user: ``-u app -p secret``, ``-u app -psecret``."""
    for index, word in enumerate(words):
        given, _, value = word.partition(b"=")
        if given in _PAIRED and (value or index + 1 < len(words)):
            pair = value or words[index + 1]
            colon = pair.find(b":")
            if colon > 0 and b"/" not in pair[:colon] and _may_be_secret(pair[colon + 1 :]):
                shift = len(given) + 1 if value else 0
                yield index if value else index + 1, slice(shift + colon + 1, None), "argument next to a user"
        elif (
            word in _SETS
            and index + 2 < len(words)
            and _may_be_secret(words[index + 2])
            and secret_names.is_secret(words[index + 1].rsplit(b":", 1)[-1])
        ):
            yield index + 2, slice(0, None), "value of a setting"
    users = [
        index
        for index, word in enumerate(words)
        if (word in _USERS and not words[min(index + 1, len(words) - 1)].startswith(b"-")) or _USER_GIVEN.match(word)
    ]
    for user in users:
        for index in range(max(0, user - _NEAR), min(len(words), user + _NEAR)):
            word = words[index]
            if word in _SECRETS and index + 1 < len(words) and index + 1 != user:
                if _may_be_secret(words[index + 1]):
                    yield index + 1, slice(0, None), "argument next to a user"
            elif (
                word.startswith(b"-p")
                and _ATTACHED.fullmatch(word)
                and _may_be_secret(word[2:])
                and not word[1:].islower()
            ):
                yield index, slice(2, None), "argument next to a user"


_USER_GIVEN = re.compile(rb"-{1,2}(?:user(?:name)?|login)=\S")


def _may_be_secret(word: bytes) -> bool:
    return (
        len(word) >= 3
        and _NO_SECRET.fullmatch(word) is None
        and not values.is_path(word)
        and not values.is_plain_path(word)
        and not word.startswith((b"/", b"./", b"~/"))
    )


def in_words(program: bytes, words: Sequence[bytes]) -> Iterator[tuple[int, slice, str]]:
    """Secrets among the arguments of one program: index of the word, the stretch of it, and the form.

    ``words`` are without the program itself.
    """
    tool = TOOLS.get(program)
    if tool is None or (tool.only_with and tool.only_with not in words):
        return
    kind = f"argument of {program.decode()}"
    for index, stretch in _secret_words(program, tool, words):
        yield index, stretch, kind


def _secret_words(program: bytes, tool: Tool, words: Sequence[bytes]) -> Iterator[tuple[int, slice]]:
    if tool is ORACLE:
        yield from _oracle_logins(words)
        return
    if tool.first is not None:
        plain = [index for index, word in enumerate(words) if not word.startswith(b"-")]
        places = (tool.first, 4) if program == b"radtest" else (tool.first,)
        yield from ((plain[place], slice(0, None)) for place in places if place < len(plain))
        return
    if tool.last or (program == b"openssl" and words[:1] == [b"passwd"]):
        if len(words) > 1 and not words[-1].startswith(b"-") and _may_be_secret(words[-1]):
            yield len(words) - 1, slice(0, None)
        return
    if program == b"isql":
        yield from _isql_password(words)
    if program == b"lftp":
        yield from (
            (at, slice(*login.span("secret"))) for at, word in enumerate(words) if (login := _LFTP.search(word))
        )
    if tool is SMB and len(words) > 1 and words[0].startswith((b"//", b"\\\\")) and not words[1].startswith(b"-"):
        yield 1, slice(0, None)
    for index, word in enumerate(words):
        yield from _by_option(tool, words, index, word)


def _oracle_logins(words: Sequence[bytes]) -> Iterator[tuple[int, slice]]:
    """``user/secret@database``."""
    for index, word in enumerate(words):
        if login := _ORACLE_LOGIN.match(word):
            at = word.find(b"@", login.end())
            at = word.find(b" ", login.end()) if at < 0 else at
            yield index, slice(login.end(), at if at >= 0 else None)


def _isql_password(words: Sequence[bytes]) -> Iterator[tuple[int, slice]]:
    """``isql DSN USER PASSWORD``."""
    named = [index for index, word in enumerate(words) if not word.startswith(b"-")]
    if len(named) == 3 and all(word.startswith((b"-v", b"-b")) or not word.startswith(b"-") for word in words):
        yield named[2], slice(0, None)


def _by_option(tool: Tool, words: Sequence[bytes], index: int, word: bytes) -> Iterator[tuple[int, slice]]:
    """The secrets that the options in one word take, from it or from the next."""
    following = index + 1 < len(words)
    if tool.clustered and _CLUSTER.fullmatch(word) and word[-1:] != b"=":
        word = b"-" + word[-1:]
    for option in tool.attached:
        if word.startswith(option) and len(word) > len(option) and not word.startswith(b"--"):
            yield index, slice(len(option), None)
    if word in tool.separate and following:
        yield index + 1, slice(0, None)
    for option in tool.pair:
        if word == option and following:
            at = words[index + 1].rfind(b":") if option == b"-y" else words[index + 1].find(tool.separator)
            if at >= 0:
                yield index + 1, slice(at + 1, None)
        elif word.startswith(option + b"=") or (len(option) == 2 and word.startswith(option) and len(word) > 2):
            at = word.find(tool.separator)
            if at >= 0:
                yield index, slice(at + 1, None)
    if word in tool.after and index + 1 + tool.skip < len(words):
        yield index + 1 + tool.skip, slice(0, None)


def _words(line: bytes, start: int, limit: int) -> Iterator[tuple[int, int]]:
    """Start and end of the words of a command, up to the end of the command."""
    limit = min(limit, len(line))
    while start < limit and line[start] not in b"|;&":
        end = _word_end(line, start, limit)
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _word_end(line: bytes, start: int, limit: int) -> int:
    while piece := _PIECE.match(line, start, limit):
        start = piece.end()
    return start


def _word_span(line: bytes, start: int, end: int, kind: str) -> Iterator[Span]:
    """The secret part of a word without its quotes; nothing when it is a reference, a token or a switch."""
    quote = line[start : start + 1]
    before = line[start - 1 : start] if start else b""
    if quote in (b'"', b"'") and quote:
        closing = line.find(quote, start + 1)
        start, end = start + 1, min(end, closing) if closing > 0 else end
    elif before in (b'"', b"'") and before and (closing := line.find(before, start, end)) >= 0:
        end = closing
    while end > start and line[end - 1] in b",)]`\"'":
        end -= 1
    value = line[start:end]
    if value and not values.is_token(value) and not values.is_reference(value) and not values.is_switch(value):
        yield Span(start, end, kind, True)


def _is_quoted(word: bytes) -> bool:
    return len(word) > 1 and word[:1] in (b'"', b"'") and word[-1:] == word[:1]


def _unquote(word: bytes) -> bytes:
    return word[1:-1] if _is_quoted(word) else word
