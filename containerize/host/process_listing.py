"""The processes of a workload at the time of the build.

The inventory holds redacted arguments and environments, and may be a day old. A build asks again for what the container
will be started with; what it hears stays in memory, and only what holds no secret goes into a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inventory.formats.procfs.link_listings import directory_links, process_links
from inventory.recording import Part

SIGTERM = 15

MAX_PROCESSES = 128
"""A pre-forking server has hundreds of children that map the same files; this many are asked."""


@dataclass(frozen=True)
class LiveProcess:
    """One process as it runs now. ``arguments`` and ``environment`` are unredacted and must not be written down.

    ``catches`` and ``ignores`` are SigCgt and SigIgn of /proc/PID/status; ``limits`` are (name, soft, hard) numbers
    with -1 for unlimited; ``mapped`` and ``opened`` are paths. ``doubtful`` says that a name in the listing of its open
    files imitates the listing, so that ``opened`` is empty.
    """

    pid: int
    ppid: int
    executable: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    umask: int | None
    catches: int
    ignores: int
    capabilities: int
    working_directory: str
    arguments: tuple[bytes, ...] = field(repr=False)
    environment: tuple[bytes, ...] = field(repr=False)
    limits: tuple[tuple[str, int, int], ...] = ()
    mapped: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    listening: tuple[str, ...] = ()
    doubtful: bool = False

    def handles(self, signal: int) -> bool:
        """Whether it has a handler for ``signal``."""
        return bool(self.catches >> (signal - 1) & 1)


EXECUTABLES_PART = {"executables": "ls -ln /proc/[0-9]*/exe"}
"""All processes with their executables: finds a service that was restarted since the scan."""


def running_executables(answer: bytes) -> dict[int, str]:
    """Pid to executable from EXECUTABLES_PART. A process that is listed twice has none: one of the two is forged."""
    links = process_links(Part("executables", answer)).links
    return {link.pid: link.path for link in links if link.name == "exe"}


def parts(pids: Sequence[int]) -> dict[str, str]:
    """Shell texts that ask about ``pids``."""
    texts: dict[str, str] = {}
    for pid in pids[:MAX_PROCESSES]:
        proc = f"/proc/{int(pid)}"
        texts |= {
            f"{pid}.cmdline": f"cat {proc}/cmdline",
            f"{pid}.environ": f"cat {proc}/environ",
            f"{pid}.status": f"cat {proc}/status",
            f"{pid}.limits": f"cat {proc}/limits",
            f"{pid}.maps": f"cat {proc}/maps",
            f"{pid}.links": f"ls -ln {proc}/exe {proc}/cwd",
            # The shell's own list of numbers comes first: a file name with a newline cannot add to it.
            f"{pid}.fd": f"echo {proc}/fd/*; echo {proc}/fd:; ls -ln {proc}/fd",
        }
    return texts


def read_processes(answers: Mapping[str, bytes], pids: Iterable[int]) -> tuple[LiveProcess, ...]:
    """The processes among ``pids`` that still run, in the order of ``pids``."""
    found = (_read(answers, pid) for pid in pids)
    return tuple(process for process in found if process is not None)


def _read(answers: Mapping[str, bytes], pid: int) -> LiveProcess | None:
    def answer(name: str) -> bytes:
        return answers.get(f"{pid}.{name}", b"")

    status = dict(_fields(_text(answer("status"))))
    found = process_links(Part("links", answer("links"))).links
    links = {link.name: link.path for link in found if link.pid == pid}
    opened = _opened(answer("fd"), pid)
    if not status or "exe" not in links:
        return None
    uids, gids = status.get("Uid", "").split(), status.get("Gid", "").split()
    return LiveProcess(
        pid=pid,
        ppid=_number(status.get("PPid", "0")),
        executable=links["exe"],
        # The effective ids: what the process may do now.
        uid=_number(uids[1]) if len(uids) > 1 else 0,
        gid=_number(gids[1]) if len(gids) > 1 else 0,
        groups=tuple(_number(word) for word in status.get("Groups", "").split()),
        umask=_octal(status.get("Umask")),
        catches=_hexadecimal(status.get("SigCgt")),
        ignores=_hexadecimal(status.get("SigIgn")),
        capabilities=_hexadecimal(status.get("CapEff")),
        working_directory=links.get("cwd", "/"),
        arguments=_vector(answer("cmdline")),
        environment=_vector(answer("environ")),
        limits=tuple(_limits(_text(answer("limits")))),
        mapped=tuple(sorted(set(_mapped(_text(answer("maps")))))),
        opened=tuple(sorted(opened or ())),
        doubtful=opened is None,
    )


def _vector(content: bytes) -> tuple[bytes, ...]:
    pieces = content.split(b"\0")
    if pieces and pieces[-1] == b"":
        pieces.pop()
    return tuple(pieces)


def _fields(text: str) -> Iterable[tuple[str, str]]:
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            yield key, value.strip()


def _mapped(text: str) -> Iterable[str]:
    """Paths of maps: the sixth field, to the end of the line. A deleted file has no content to take."""
    for line in text.split("\n"):
        fields = line.split(None, 5)
        if len(fields) == 6 and fields[5].startswith("/") and not fields[5].endswith(" (deleted)"):
            # The kernel writes a newline in a name as \012, and nothing else is escaped.
            yield fields[5].replace("\\012", "\n")


def _opened(answer: bytes, pid: int) -> frozenset[str] | None:
    """Paths of open files that have a name; None when the listing holds a descriptor twice: one is forged."""
    numbers, _, listing = answer.partition(b"\n")
    prefix = f"/proc/{pid}/fd/"
    open_now = {word.removeprefix(prefix) for word in numbers.decode("ascii", "replace").split()}
    found = directory_links(Part("fd", listing), "fd")
    # What is in the listing alone was opened in between, or is forged.
    links = [link for link in found.links if link.pid == pid and link.name in open_now]
    if found.doubtful:
        return None
    return frozenset(link.target for link in links if link.target.startswith("/") and not link.deleted)


_LIMITS = {
    "Max open files": "nofile",
    "Max processes": "nproc",
    "Max locked memory": "memlock",
    "Max core file size": "core",
}


def _limits(text: str) -> Iterable[tuple[str, int, int]]:
    for line in text.split("\n"):
        for label, name in _LIMITS.items():
            if line.startswith(label):
                words = line[len(label) :].split()
                if len(words) >= 2:
                    yield name, _limit(words[0]), _limit(words[1])


def _limit(word: str) -> int:
    return -1 if word == "unlimited" else _number(word)


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 20 else 0


def _octal(word: str | None) -> int | None:
    try:
        return int(word, 8) if word else None
    except ValueError:
        return None


def _hexadecimal(word: str | None) -> int:
    try:
        return int(word, 16) if word else 0
    except ValueError:
        return 0


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
