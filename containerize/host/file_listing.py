"""The listing of a host's files: the command and the parser of its output.

GNU find prints everything with NUL-terminated records, so that no name can forge one. Where find has no -printf
(busybox, very old hosts) names come from ``-print0`` and metadata from stat; a name with a newline is then left out.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from containerize.host.answer_parts import PREAMBLE, AnswerIncomplete
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.supervised_command import watched
from containerize.tar.reader import MAX_COMPONENT, MAX_DEPTH, MAX_ID, MAX_PATH, MAX_SIZE, MAX_TIME
from inventory.errors import HostError
from inventory.transports.transport import Transport

MAX_ENTRIES = 5_000_000
"""More names than this are no server's programs; the listing is refused rather than kept in memory."""

MAX_BYTES = 2 << 30
"""Nor are the names of a server together this long."""

_SHARED = 1 << 16
"""Numbers that are remembered to be shared."""

_FORMAT = r"%y %m %U %G %s %T@ %b %n %D:%i %p\0%l\0"


class TooManyFiles(HostError):
    """The tree is larger than we are willing to hold."""


def list_files(
    transport: Transport,
    prune: Mapping[str, str],
    directories_only: Sequence[str] = (),
    shown: Sequence[str] = (),
    *,
    top: str = "/",
) -> HostTree:
    """List the host's files from ``top`` on, without what is below the directories of ``prune`` (path: reason).

    Below ``directories_only`` (logs) only directories are listed: what matters there is that they exist. Of ``shown``
    each is listed by itself, wherever it lies, if it is a directory and find can print.
    """
    can_print = transport.run(f"{PREAMBLE}find / -maxdepth 0 -printf x 2>/dev/null", timeout=60).stdout == b"x"
    odd = Oddities()
    if can_print:
        command = gnu_command(prune, directories_only, top, shown)
        stream: AbstractContextManager[BinaryIO] = transport.stream(command)
        with stream as source:
            entries = dict(read_gnu(_records(source), odd))
    else:
        entries = _list_plainly(transport, prune, directories_only, top, odd)
    if top not in entries or (top == "/" and "/etc" not in entries):
        raise AnswerIncomplete("the host listed none of its files; it must be asked as root (ansible_become=true)")
    return HostTree(entries, prune, odd.notes())


def gnu_command(
    prune: Iterable[str], directories_only: Sequence[str], top: str = "/", shown: Sequence[str] = ()
) -> str:
    """The shell text for GNU find. It ends well even when files vanish while it runs."""
    find = ["find", top, *_pruning(prune), *_no_files(directories_only), "-printf", _FORMAT]
    # Of temporary files only the directories right below count: some services need theirs to be there.
    places = [f"{top.rstrip('/')}/{place}" for place in ("tmp", "var/tmp")]
    temporary = ["find", *places, "-mindepth", "1", "-maxdepth", "2", "-type", "d", "-printf", _FORMAT]
    commands = [f"low {shlex.join(find)} 2>/dev/null", f"{shlex.join(temporary)} 2>/dev/null"]
    if shown:
        single = ["find", *shown, "-maxdepth", "0", "-type", "d", "-printf", _FORMAT]
        commands.append(f"{shlex.join(single)} 2>/dev/null")
    return watched(f"{'; '.join(commands)} || true")


def _pruning(prune: Iterable[str]) -> list[str]:
    """``( -path A -o -path B ) -prune -printf FORMAT -o``: the directory itself is listed, nothing in it."""
    tests: list[str] = []
    for path in sorted(prune):
        tests += ["-o"] if tests else []
        tests += ["-path", _literal(path)]
    return ["(", *tests, ")", "-prune", "-printf", _FORMAT, "-o"] if tests else []


def _no_files(directories: Sequence[str]) -> list[str]:
    tests: list[str] = []
    for path in directories:
        tests += ["-o"] if tests else []
        tests += ["-path", _literal(path) + "/*"]
    return ["(", *tests, ")", "!", "-type", "d", "-o"] if tests else []


def _literal(path: str) -> str:
    """A path as a pattern of find that means only itself."""
    return "".join("\\" + char if char in "*?[]\\" else char for char in path)


def _records(source: BinaryIO) -> Iterator[bytes]:
    """NUL-terminated records of a stream; an unterminated last one is dropped."""
    rest, total = b"", 0
    while chunk := source.read(1 << 18):
        total += len(chunk)
        if total > MAX_BYTES:
            raise TooManyFiles(f"the names of the host's files take more than {MAX_BYTES >> 30} GB")
        pieces = (rest + chunk).split(b"\0")
        rest = pieces.pop()
        if len(rest) > 1 << 20:
            raise AnswerIncomplete("the host sent a file name of more than a megabyte")
        yield from pieces


def read_gnu(records: Iterable[bytes], odd: Oddities | None = None) -> Iterator[tuple[str, FileEntry]]:
    """Entries from the records of :func:`gnu_command`: metadata with the path, then the link, in turns.

    Raises AnswerIncomplete for an owner or a size that no system has. Names that are too long are left out, times are
    clamped; both are counted in ``odd``.
    """
    odd = odd or Oddities()
    pairs = iter(records)
    # Most files share their mode and many their time: one object for each number, not one for each file.
    known: dict[int, int] = {}

    def shared(number: int) -> int:
        return known.setdefault(number, number) if len(known) < _SHARED else known.get(number, number)

    for count, record in enumerate(pairs):
        link = next(pairs, None)
        if link is None:
            break
        fields = record.split(b" ", 9)
        if len(fields) != 10:
            raise AnswerIncomplete("the host's listing of files cannot be read")
        kind, mode, uid, gid, size, mtime, blocks, names, inode, path = fields
        if count > MAX_ENTRIES:
            raise TooManyFiles(f"the host has more than {MAX_ENTRIES} files outside of its data directories")
        if odd.too_long(path):
            continue
        try:
            entry = FileEntry(
                kind.decode("ascii"),
                shared(int(mode, 8) & 0o7777),
                shared(_within(int(uid), MAX_ID)),
                shared(_within(int(gid), MAX_ID)),
                shared(_within(int(size), MAX_SIZE)),
                shared(odd.clamped(int(mtime.split(b".")[0]))),
                shared(int(blocks)),
                inode.decode("ascii") if int(names) > 1 and kind == b"f" else "",
                _text(link) if kind == b"l" else "",
            )
        except ValueError as error:
            raise AnswerIncomplete("the host's listing of files cannot be read") from error
        yield _text(path), entry


@dataclass(slots=True)
class Oddities:
    """Counts of odd files that any user of a host can create and no archive takes; a listing must not fail because of
    them.
    """

    long: int = 0
    times: int = 0

    def too_long(self, path: bytes) -> bool:
        """Whether a path is left out."""
        if len(path) <= MAX_COMPONENT:
            return False
        parts = path.split(b"/")
        if len(path) < MAX_PATH and len(parts) <= MAX_DEPTH and all(len(part) <= MAX_COMPONENT for part in parts):
            return False
        self.long += 1
        return True

    def clamped(self, time: int) -> int:
        """The time, or the nearest that an archive can hold."""
        if 0 <= time <= MAX_TIME:
            return time
        self.times += 1
        return min(max(time, 0), MAX_TIME)

    def notes(self) -> tuple[str, ...]:
        """Sentences for people."""
        long = f"{self.long:,} files of the host are not listed: their names are too long for an archive"
        times = f"the times of {self.times:,} files of the host lie before 1970 or after 2242 and were moved to there"
        return tuple(words for count, words in ((self.long, long), (self.times, times)) if count)


def _within(number: int, most: int) -> int:
    if not 0 <= number <= most:
        raise ValueError(number)
    return number


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


# One line for each link, whatever its target holds.
_READLINK = """t=$(readlink "$0")
case $t in
*'
'*) echo ;;
*) printf '%s\\n' "$t" ;;
esac"""

_STAT = "%f %u %g %s %Y %b %h %d:%i"


def _list_plainly(
    transport: Transport, prune: Mapping[str, str], directories_only: Sequence[str], top: str, odd: Oddities
) -> dict[str, FileEntry]:
    """Without -printf: names first, then metadata of exactly these names in their order, then the links' targets."""
    tests: list[str] = []
    for path in sorted(prune):
        tests += ["-path", _literal(path) + "/*", "-o"]
    expression = shlex.join(
        [
            "find",
            top,
            *(["(", *tests[:-1], ")", "-prune", "-o"] if tests else []),
            *_no_files(directories_only),
            "-print0",
        ]
    )
    names: list[bytes] = []
    with transport.stream(watched(f"{expression} 2>/dev/null || true")) as source:
        for name in _records(source):
            if b"\n" not in name:
                names.append(name)
            if len(names) > MAX_ENTRIES:
                raise TooManyFiles(f"the host has more than {MAX_ENTRIES} files outside of its data directories")
    # ``stat`` says nothing at all for a file that has gone, which would shift all that follow: the name goes along,
    # behind the numbers, and has no newline in it.
    command = watched(f"xargs -0 stat -c '{_STAT} %n' 2>/dev/null || true")
    entries: dict[str, FileEntry] = {}
    with transport.stream(command, b"\0".join(names) + b"\0") as source:
        for line in _lines(source):
            entries.update(_stat_line(line, odd))
    links = [path for path, entry in entries.items() if entry.kind == "l"]
    stdin = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in links)
    # One process for each link is what it costs where readlink takes a single name.
    command = watched(f"xargs -0 -n 1 sh -c {shlex.quote(_READLINK)} 2>/dev/null || true")
    with transport.stream(command, stdin) as source:
        for path, target in zip(links, _lines(source), strict=False):
            entries[path] = entries[path]._replace(link=_text(target))
    return entries


def _lines(source: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := source.read(1 << 18):
        pieces = (rest + chunk).split(b"\n")
        rest = pieces.pop()
        if len(rest) > 1 << 20:
            raise AnswerIncomplete("the host sent a line of more than a megabyte")
        yield from pieces


_KINDS = {0o10: "f", 0o04: "d", 0o12: "l", 0o06: "b", 0o02: "c", 0o01: "p", 0o14: "s"}


def _stat_line(line: bytes, odd: Oddities) -> Iterator[tuple[str, FileEntry]]:
    fields = line.split(b" ", 8)
    if len(fields) != 9 or odd.too_long(fields[8]):
        return
    try:
        mode = int(fields[0], 16)
        numbers = [int(field) for field in fields[1:7]]
    except ValueError:
        return
    uid, gid, size, mtime, blocks, names = numbers
    if max(uid, gid) > MAX_ID or size > MAX_SIZE or min(uid, gid, size) < 0:
        raise AnswerIncomplete("the host's listing of files cannot be read")
    kind = _KINDS.get(mode >> 12, "?")
    inode = fields[7].decode("ascii", "replace") if names > 1 and kind == "f" else ""
    yield _text(fields[8]), FileEntry(kind, mode & 0o7777, uid, gid, size, odd.clamped(mtime), blocks, inode, "")
