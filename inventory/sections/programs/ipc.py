"""Objects that processes share through the kernel: shared memory, message queues, semaphores.

A container has its own IPC namespace, so processes that share any of this have to move together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import skip_row
from inventory.model.ipc import Ipc, MessageQueue, PosixFile, SemaphoreSet, SharedSegment
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section, Variant, redact_errors

NAME = "ipc"

# The kernel shows every segment, queue and set to everyone. Reading a queue of POSIX gives a line about it and takes
# no message: where that is really the file system of queues, since elsewhere anyone may have put a link. A listing of
# /dev/shm is of its first level; what is deeper is not made by shm_open.
FILES = r"""
case "$BF_MOUNTS" in *' /dev/mqueue mqueue '*) set -- /dev/mqueue/* ;; *) set -- ;; esac
want 'tables=/proc/sysvipc/*,queues=/dev/mqueue/*' /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem "$@"
"""
FRAGMENT = r"""
bf_files() {
  bf_places=
  for bf_place in /dev/shm /dev/mqueue; do
    [ -d $bf_place ] || continue
    # what is empty needs no program to say so
    set -- $bf_place/* $bf_place/.[!.]* $bf_place/..?*
    [ -r $bf_place ] && [ "$*" = "$bf_place/* $bf_place/.[!.]* $bf_place/..?*" ] || bf_places="$bf_places $bf_place"
  done
  [ -z "$bf_places" ] || ls -lnA /dev/null $bf_places
}
part files bf_files
"""

_COLUMNS = {
    "/proc/sysvipc/shm": "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime".split(),  # noqa: SIM905
    "/proc/sysvipc/msg": "key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime".split(),  # noqa: SIM905
    "/proc/sysvipc/sem": "key semid perms nsems uid gid cuid cgid otime ctime".split(),  # noqa: SIM905
}
"""The columns of each table; shm has two more (rss, swap) since Linux 2.6.36."""
_REMOVED = 0o1000
"""SHM_DEST of shmctl(2) in the mode: destroyed after the last detach."""
_ENTRY = re.compile(
    r"(?P<type>[-dlpscb])(?P<mode>[-rwxsStT]{9})[.+@]? +\d+ +(?P<uid>\d{1,10}) +(?P<gid>\d{1,10}) +"
    r"(?P<size>\d{1,20}(?:, +\d+)?) +\S+ +\S+(?: +[\d:]+)? (?P<name>\S.*)",
    re.ASCII | re.DOTALL,
)
_QUEUE = re.compile(r"QSIZE:(\d{1,20})\s.*", re.ASCII | re.DOTALL)
_DIRECTORIES = ("/dev/shm", "/dev/mqueue")  # noqa: S108


class _IpcRow(NamedTuple):
    values: dict[str, int]
    origin: Origin


def parse(recording: SectionRecording) -> Observation[Ipc]:
    """Everything that is shared now, in the order of the kernel's tables and of the listing."""
    tables, files = recording.part("tables"), recording.part("files")
    if tables is None and files is None:
        return Unknown("neither /proc/sysvipc nor /dev/shm was read")
    rows: dict[str, list[_IpcRow]] = {path: [] for path in _COLUMNS}
    for line in file_lines(tables):
        with skip_row:
            row = _row(line)
            if row is not None:
                rows[line.path].append(row)
    posix, gaps = _posix(files, _waiting(recording.part("queues")))
    return Found(
        Ipc(
            tuple(_shared_memory(row) for row in rows["/proc/sysvipc/shm"]),
            tuple(_message_queue(row) for row in rows["/proc/sysvipc/msg"]),
            tuple(_semaphores(row) for row in rows["/proc/sysvipc/sem"]),
            posix,
            system_v=tables is not None and bool(tables.content),
        ),
        gaps,
    )


def _row(line: FileLine) -> _IpcRow | None:
    """A row of a table; None for its heading."""
    columns = _COLUMNS.get(line.path)
    words = line.text.split()
    if columns is None:
        raise ParseError(f"tables:{line.number} is of no known table")
    if words[:1] == ["key"]:
        return None
    try:
        numbers = [int(word, 8 if name == "perms" else 10) for name, word in zip(columns, words, strict=False)]
    except ValueError as error:
        raise ParseError(f"tables:{line.number} has a column that is not a number") from error
    if len(numbers) < len(columns):
        raise ParseError(f"tables:{line.number} has {len(numbers)} columns, not {len(columns)}")
    return _IpcRow(dict(zip(columns, numbers, strict=True)), Origin(NAME, "tables", line.number))


def _key(number: int) -> int:
    """A key is unsigned for programs (``ipcs`` prints it in hexadecimal), and signed in the kernel's table."""
    return number & 0xFFFFFFFF


def _shared_memory(row: _IpcRow) -> SharedSegment:
    of = row.values
    return SharedSegment(
        key=_key(of["key"]),
        id=of["shmid"],
        mode=of["perms"] & 0o777,
        size_bytes=of["size"],
        creator_pid=of["cpid"],
        last_pid=of["lpid"],
        attached=of["nattch"],
        uid=of["uid"],
        gid=of["gid"],
        creator_uid=of["cuid"],
        changed=of["ctime"],
        removed=bool(of["perms"] & _REMOVED),
        origin=row.origin,
    )


def _message_queue(row: _IpcRow) -> MessageQueue:
    of = row.values
    return MessageQueue(
        key=_key(of["key"]),
        id=of["msqid"],
        mode=of["perms"] & 0o777,
        bytes=of["cbytes"],
        messages=of["qnum"],
        last_sender=of["lspid"],
        last_receiver=of["lrpid"],
        uid=of["uid"],
        gid=of["gid"],
        creator_uid=of["cuid"],
        changed=of["ctime"],
        origin=row.origin,
    )


def _semaphores(row: _IpcRow) -> SemaphoreSet:
    of = row.values
    return SemaphoreSet(
        key=_key(of["key"]),
        id=of["semid"],
        mode=of["perms"] & 0o777,
        count=of["nsems"],
        uid=of["uid"],
        gid=of["gid"],
        creator_uid=of["cuid"],
        changed=of["ctime"],
        origin=row.origin,
    )


def _waiting(part: Part | None) -> dict[str, int]:
    """Bytes that wait in each queue of POSIX, by name."""
    found: dict[str, int] = {}
    for line in file_lines(part):
        if match := _QUEUE.fullmatch(line.text):
            found[line.path.removeprefix("/dev/mqueue/")] = int(match[1])
    return found


def _posix(part: Part | None, waiting: dict[str, int]) -> tuple[tuple[PosixFile, ...], tuple[Gap, ...]]:
    found: list[PosixFile] = []
    seen: set[str] = set()
    directory = ""
    for number, line in _joined(part):
        if line.endswith(":") and line[:-1] in _DIRECTORIES:
            directory = line[:-1]
            seen.add(directory)
        elif directory and (match := _ENTRY.fullmatch(line)):
            found.append(_file(directory, match, waiting, number))
    missing = [place for place in _DIRECTORIES if place not in seen]
    if part is not None and part.status != 0:
        return tuple(found), (Gap(", ".join(missing) or "files of /dev/shm", "the listing was denied or ended early"),)
    return tuple(found), ()


def _joined(part: Part | None) -> Iterator[tuple[int, str]]:
    """Lines of the listing; any other line continues the name before it, which held a newline."""
    current: tuple[int, str] | None = None
    for number, raw in enumerate(whole_lines(part) if part is not None else (), 1):
        line = raw.decode("utf-8", "surrogateescape")
        listed = _ENTRY.fullmatch(line) or line[:-1] in _DIRECTORIES or re.fullmatch(r"total \d+|", line)
        if current is not None and _ENTRY.fullmatch(current[1]) and not listed:
            current = current[0], f"{current[1]}\n{line}"
            continue
        if current is not None:
            yield current
        current = number, line
    if current is not None:
        yield current


def _file(directory: str, match: re.Match[str], waiting: dict[str, int], number: int) -> PosixFile:
    name = match["name"]
    size: int | None = int(match["size"]) if match["size"].isdigit() else None
    if match["type"] != "-":
        kind = "directory" if match["type"] == "d" else "other"
    elif directory == "/dev/mqueue":
        # the size that is listed is of the line that describes the queue
        kind, size = "queue", waiting.get(name)
    elif name.startswith("sem."):
        kind, name = "semaphore", name.removeprefix("sem.")
    else:
        kind = "memory"
    where = Origin(NAME, "files", number)
    return PosixFile(name, kind, mode_bits(match["mode"]), int(match["uid"]), int(match["gid"]), size, where)


def mode_bits(text: str) -> int:
    """``rw-r--r-T`` without its type as a number, 0o1644."""
    bits = 0
    for at, letter in enumerate(text):
        special = 0o4000 >> at // 3
        if letter not in "-ST":
            bits |= 0o400 >> at
        if letter in "sStT":
            bits |= special
    return bits


SECTION: Section[Ipc] = Section(
    NAME,
    "Shared memory, message queues and semaphores",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=10, cap=1024 * 1024, files=FILES),),
    redact_errors,
)
