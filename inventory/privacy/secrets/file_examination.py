"""The examination of a file for secrets, however it is packed, and the parts that could not be examined."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inventory.privacy.secrets import (
    call_arguments,
    guarded_positions,
    line_positions,
    password_files,
    private_keys,
    value_lists,
    values,
)
from inventory.privacy.secrets.carriers import (
    compressed,
    der_keys,
    hashed_maps,
    java_classes,
    keyrings,
    package_archives,
    printable_strings,
    python_bytecode,
    record_files,
    sqlite,
    tar_archives,
    wide_text,
    zip_archives,
)
from inventory.privacy.secrets.carriers.extracted_parts import (
    DEPTH,
    ArchiveMember,
    Budget,
    Carrier,
    LimitReached,
    Part,
    Secret,
    SettingLines,
    Strings,
)
from inventory.privacy.secrets.known_secrets import MOST, KnownSecrets
from inventory.privacy.secrets.recognition import recognised
from inventory.privacy.secrets.secret_file_names import reason_by_magic, reason_by_name
from inventory.privacy.secrets.secret_names import SECRET_WORDS, is_secret

CARRIERS: tuple[Carrier, ...] = (
    zip_archives.CARRIER,
    compressed.CARRIER,
    compressed.FOREIGN,
    sqlite.CARRIER,
    hashed_maps.BERKELEY,
    hashed_maps.LMDB,
    hashed_maps.CDB,
    java_classes.CLASS,
    java_classes.OBJECTS,
    python_bytecode.CARRIER,
    record_files.PICKLE,
    record_files.TDB,
    record_files.SWAP,
    package_archives.CPIO,
    package_archives.AR,
    package_archives.RPM,
    tar_archives.CARRIER,
    keyrings.CARRIER,
    der_keys.CARRIER,
    wide_text.CARRIER,
    printable_strings.CARRIER,
)
"""Kinds of files that are not plain text; the first that recognises a file reads it."""

VERSION = 3
"""The version of the examination. Raise it when more is found than before, so that stored files are examined again."""

LARGEST = 128 << 20
"""Carriers up to this size are held in memory and examined whole; of larger ones the strings are."""

REPEATED = "a secret of another file of the workload"
"""The reason of a file that holds one of the known values."""

_BEGINNING = 64 << 10
_MOST_ROWS = 20

# A key in a binary is one only with its body: programs that read keys have the first line alone.
_KEY_WITH_BODY = re.compile(
    private_keys.BEGIN.pattern + rb"\s+(?:[A-Za-z-]+: [^\n]{0,200}\s+){0,8}[A-Za-z0-9+/=]{32}", re.DOTALL
)


# The forms of JDBC, ODBC and libpq, in one text of a program with another part of such a string before it.
_CONNECTION = re.compile(
    rb"(?i)(?:\b(?:host|server|dbname|database|user|uid|user id|data source|dsn)=[^\s\"'<>{}%$]{1,80}|://[^\s\"'<>{}%$]{1,200})"
    rb"[?&; ]+(?:password|pwd|passwd)=(?P<secret>[^\s&;\"'%{}$<>()*\\]{1,200})"
)
# MySQL's, which a column before it may touch.
_JOINED_HASH = re.compile(rb"\*[0-9A-F]{40}(?![0-9A-F])")

# Programs hold what they print and parse: formats, names of settings, examples.
_UNMISTAKABLE = re.compile(rb"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^\s|{}()<>\[\]$%*\\`'\"]{6,200}")
_VALUE_OF = "value of "
_LONGEST_NAME = 40
_DOTTED = re.compile(rb"[A-Za-z_$][\w$]*(?:[./][A-Za-z_$][\w$]*){2,}")
# Keys need their body; lines of clients' password files are words with blanks between them, as messages are. These
# kinds are known by their place in a line, and strings of a program are not in such a place.
_NOT_IN_STRINGS = frozenset(
    [
        private_keys.KIND,
        call_arguments.KIND,
        line_positions.KIND,
        value_lists.KIND,
        password_files.KIND,
        guarded_positions.KIND,
    ]
)
_BY_SHAPE = frozenset(["access token", "password hash"])


@dataclass(frozen=True)
class Examination:
    """The result of an examination. ``reason`` says why the file must not be in an image, None when nothing speaks
    against it. ``not_examined`` are sentences about parts that could not be read. ``values`` are the secrets
    themselves, for memory only.
    """

    reason: str | None = None
    not_examined: tuple[str, ...] = ()
    values: frozenset[bytes] = field(default=frozenset(), repr=False)


def examine(content: bytes, path: str, known: KnownSecrets | None = None) -> Examination:
    """Examine a whole file; ``known`` are values that are secret wherever they occur. Never raises for any content."""
    examiner = _Examiner(Budget.of(len(content)), known)
    examiner.file(content, path, "", 0)
    return examiner.result()


def examine_window(content: bytes, path: str, known: KnownSecrets | None = None) -> Examination:
    """Examine a part of a file that is not packed, or one that is too large for :func:`examine`."""
    examiner = _Examiner(Budget.of(len(content)), known)
    examiner.plain(content, path, "")
    return examiner.result()


def file_holds_secret(content: bytes, path: str) -> str | None:
    """The reason why a file must not be in an image or a blob; None when nothing speaks against it.

    A file that is secret by its path is so with any content.
    """
    return examine(content, path).reason


def needs_whole(beginning: bytes, path: str) -> bool:
    """Whether only the whole of a file that begins so can be examined."""
    carrier = _carrier(beginning, path)
    return carrier is not None and carrier.whole


def _carrier(content: bytes, path: str) -> Carrier | None:
    beginning = content[:_BEGINNING]
    try:
        return next((carrier for carrier in CARRIERS if carrier.recognises(beginning, path)), None)
    except Exception:  # what a host made up to break one of them is read as a binary
        return printable_strings.CARRIER


class _Examiner:
    def __init__(self, budget: Budget, known: KnownSecrets | None) -> None:
        self._budget = budget
        self._known = known
        self._reasons: dict[str, None] = {}
        self._unread: dict[str, None] = {}
        self._values: set[bytes] = set()

    def result(self) -> Examination:
        reasons = list(self._reasons)
        reason = None
        if reasons:
            more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
            reason = f"{reasons[0]}{more}"
        return Examination(reason, tuple(self._unread), frozenset(self._values))

    def file(self, content: bytes, path: str, shown: str, depth: int) -> None:
        """One file, with all that is in it. ``shown`` is its name within the file that is examined."""
        if why := reason_by_name(path) or reason_by_magic(content):
            self._found(shown, why)
        if not content:
            return
        carrier = _carrier(content, path)
        nuls = b"\0" in content and (carrier is None or carrier is printable_strings.CARRIER)
        if nuls and printable_strings.mostly_text(content) and printable_strings.mostly_text(content[-_BEGINNING:]):
            carrier, content = None, content.replace(b"\0", b"\n")
        if carrier is None or carrier is printable_strings.CARRIER:
            self.plain(content, path, shown)
            return
        if depth >= DEPTH:
            self._not_read(shown, "packed too deep")
            return
        self._look_up(content, shown)
        try:
            for part in carrier.read(content, self._budget):
                self._part(part, path, shown, depth)
        except LimitReached as limit:
            self._not_read(shown, str(limit))
        except Exception:  # a file that a host made up; what was read before counts
            self._not_read(shown, f"damaged, or not the {carrier.name} that it seems")
            self.plain(content, path, shown)

    def plain(self, content: bytes, path: str, shown: str) -> None:
        """A text, or a binary of an unknown kind."""
        self._look_up(content, shown)
        if b"\0" not in content:
            self._judge(content, path, shown, code=None, lines=True)
            return
        for part in printable_strings.read(content, self._budget):
            self._part(part, path, shown, DEPTH)

    def _part(self, part: Part, path: str, shown: str, depth: int) -> None:
        match part:
            case ArchiveMember(name, content):
                inner = f"{shown}!{name}" if shown and name else name or shown
                self.file(content, f"/{name}" if name else _unpacked_name(path), inner, depth + 1)
            case SettingLines(text, code):
                self._look_up(text, shown)
                self._judge(text, "settings", shown, code=code, lines=False)
            case Strings(text, code):
                self._look_up(text, shown)
                self._strings(text, shown, code=code)
            case Secret(reason):
                self._found(shown, reason)
            case _:
                self._not_read(f"{shown}!{part.name}" if shown and part.name else part.name or shown, part.why)

    def _strings(self, text: bytes, shown: str, *, code: bool) -> None:
        text = text.replace(b"\0", b"\n")
        for hit, value in recognised(text, "strings", code=code):
            if _unmistakable(hit.kind, value):
                self._found(shown, hit.kind)
                self._learn(value)
        for match in _CONNECTION.finditer(text):
            value = match["secret"]
            if len(value) >= 3 and not (values.is_reference(value) or values.is_blank(value) or values.is_label(value)):
                self._found(shown, "password in a connection string")
                self._learn(value)
        if _JOINED_HASH.search(text):
            self._found(shown, "password hash")
        if _KEY_WITH_BODY.search(text):
            self._found(shown, private_keys.KIND)

    def _judge(self, text: bytes, path: str, shown: str, *, code: bool | None, lines: bool) -> None:
        last = 0
        for hit, value in recognised(text.replace(b"\0", b"\n"), path, code=code):
            if code and not _is_constant(value):
                continue
            self._learn(value)
            if not lines:
                self._found(shown, hit.kind)
            elif hit.line != last:
                self._found(shown, f"line {hit.line}: {hit.kind}")
            last = hit.line

    def _look_up(self, content: bytes, shown: str) -> None:
        if self._known and self._known.within(content):
            self._found(shown, REPEATED)

    def _found(self, shown: str, why: str) -> None:
        self._reasons[f"{shown}: {why}" if shown else why] = None

    def _not_read(self, shown: str, why: str) -> None:
        if len(self._unread) < _MOST_ROWS:
            self._unread[f"{shown}: {why}" if shown else why] = None
        elif len(self._unread) == _MOST_ROWS:
            self._unread["and more"] = None

    def _learn(self, value: bytes) -> None:
        if len(self._values) <= MOST:  # with one more, the search for all of them is rejected
            self._values.add(value)


def _unmistakable(kind: str, value: bytes) -> bool:
    """Whether a secret in the strings of a binary is real, and not a name, format or example."""
    if kind in _BY_SHAPE:
        return True
    name = kind.removeprefix(_VALUE_OF)
    if kind in _NOT_IN_STRINGS or (name != kind and (len(name) > _LONGEST_NAME or not is_secret(name.encode()))):
        return False
    return _UNMISTAKABLE.fullmatch(value) is not None


def _is_constant(value: bytes) -> bool:
    """Whether a constant of a program is the secret, and not the name of its setting or class."""
    named = any(word in value.lower() for word in SECRET_WORDS) and re.search(rb"\d", value) is None
    return not named and _DOTTED.fullmatch(value) is None


def _unpacked_name(path: str) -> str:
    """The name of the one file in a compressed file or a map."""
    directory, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if extension == "swp":
        return f"{directory}{slash}{stem.removeprefix('.')}"
    if extension == "tgz":
        return f"{directory}{slash}{stem}.tar"
    return f"{directory}{slash}{stem}" if dot and stem else path


__all__ = ["CARRIERS", "LARGEST", "REPEATED", "VERSION", "Examination", "examine", "examine_window", "needs_whole"]
