"""Ask a host for everything that a build needs to know about its files, before any content is copied.

Three round trips: what is installed and what runs; the processes once they are known; the listing of files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assess.model import Workload
from assess.workloads.program import interpreter_of
from containerize.host import apk_database, dpkg_database, file_capabilities, process_listing, rpm_database
from containerize.host.answer_parts import ask
from containerize.host.file_listing import list_files
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import NO_PACKAGES, PackageDatabase, PackageReader
from containerize.host.process_listing import LiveProcess
from inventory.errors import HostError
from inventory.model.mounts import REMOTE_FILESYSTEMS
from inventory.model.processes import Process
from inventory.transports.transport import Transport

PACKAGE_READERS: tuple[PackageReader, ...] = (dpkg_database.READER, rpm_database.READER, apk_database.READER)
"""Package databases that can be read. Where there is none of them, every file counts as one that no package owns, and
the plan says so.
"""

PSEUDO_FILESYSTEMS = frozenset(
    [
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "efivarfs",
        "fusectl",
        "hugetlbfs",
        "mqueue",
        "nsfs",
        "proc",
        "pstore",
        "ramfs",
        "rootfs",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "sysfs",
        "tmpfs",
        "tracefs",
    ]
)

_ALWAYS_PRUNED = {
    "/proc": "made by the kernel",
    "/sys": "made by the kernel",
    "/dev": "made by the container runtime",
    "/tmp": "temporary files",  # noqa: S108 - a path of the host
    "/var/tmp": "temporary files",  # noqa: S108 - a path of the host
    "/boot": "the kernel is the container host's",
    "/lost+found": "belongs to the host's file system",
    "/usr/share/doc": "documentation",
    "/usr/share/man": "manual pages",
    "/usr/share/info": "info pages",
    "/usr/src": "source code of the system",
    "/lib/modules": "kernel modules",
    "/usr/lib/modules": "kernel modules",
    "/var/lib/apt/lists": "package lists",
    "/var/cache/apt": "downloaded packages",
    "/var/lib/docker": "containers of the host",
    "/var/lib/containerd": "containers of the host",
    "/var/lib/containers": "containers of the host",
}

_PARTS = {
    "mounts": "cat /proc/self/mountinfo",
    "tmpfiles": "for place in /etc /run /usr/lib /lib; do grep -aH '' $place/tmpfiles.d/*.conf; done",
    "loader": "grep -ah '' /etc/ld.so.conf /etc/ld.so.conf.d/*.conf",
    # musl's loader has /usr/local/lib among its own places, or else those of a file (ldso/dynlink.c).
    "musl": """set -- /lib/ld-musl-*.so.1
[ -e "$1" ] && { grep -ah '' /etc/ld-musl-*.path || echo /usr/local/lib; }""",
    "hosts": "cat /etc/hosts",
    "passwd": "cat /etc/passwd",
    "group": "cat /etc/group",
    # uid 0, or what a reader has of it (inventory.transports.become)
    "identity": "uname -n; grep '^CapEff:' /proc/self/status; id -u",
}


class NotRunning(HostError):
    """No process of the workload runs any more, so there is nothing to learn its start from."""


@dataclass(frozen=True)
class FileSurvey:
    """The answers. ``processes`` maps a workload's id to its processes, the main one first; ``tmpfiles`` are lines of
    tmpfiles.d with their file; ``capabilities`` maps paths to the extended attribute, None when the host has no getcap.
    ``passwd`` and ``group`` may hold hashes, and ``package_answers`` tell of all packages of the host: none of them is
    kept as it is.
    """

    tree: HostTree
    database: PackageDatabase
    processes: Mapping[str, tuple[LiveProcess, ...]]
    tmpfiles: tuple[tuple[str, str], ...]
    library_directories: tuple[str, ...]
    capabilities: Mapping[str, bytes] | None
    hosts_file: str
    passwd: bytes
    group: bytes
    package_answers: Mapping[str, bytes]


def survey(
    transport: Transport,
    workloads: Sequence[Workload],
    data: Mapping[str, str],
    shown: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _step: None,
) -> FileSurvey:
    """Ask. ``data`` are the data directories of all workloads of the host, which are not looked into, but for the
    directories ``shown`` themselves.

    Raises NotRunning when the first workload is not running, and HostError from the transport.
    """
    progress("packages and processes")
    wanted = {workload.id: _pids(workload) for workload in workloads}
    pids = sorted({pid for each in wanted.values() for pid in each})
    parts = {
        **_PARTS,
        **{name: text for reader in PACKAGE_READERS for name, text in reader.parts.items()},
        **process_listing.EXECUTABLES_PART,
        **process_listing.parts(pids),
    }
    answers = ask(transport, parts)
    if not _reads_everything(answers.get("identity", b"")):
        raise HostError("files can only be taken as root; set ansible_become=true for the host, or log in as root")
    live = {workload.id: _live(transport, workload, wanted[workload.id], answers) for workload in workloads}
    first = workloads[0]
    if not live[first.id]:
        raise NotRunning("it is not running any more; start it on the host, and scan again if it moved")
    progress("files")
    prune = _pruned(_text(answers.get("mounts", b"")), data)
    tree = list_files(transport, prune, ("/var/log", "/run"), shown)
    database, package_answers = database_of(answers)
    return FileSurvey(
        tree=tree,
        database=database,
        processes=live,
        tmpfiles=tuple(_prefixed(_text(answers.get("tmpfiles", b"")))),
        library_directories=library_directories(answers),
        capabilities=file_capabilities.of_programs(transport, tree),
        hosts_file=_text(answers.get("hosts", b"")),
        passwd=answers.get("passwd", b""),
        group=answers.get("group", b""),
        package_answers=package_answers,
    )


def live_processes(transport: Transport, workload: Workload) -> tuple[LiveProcess, ...]:
    """The processes of a workload as they run now, the main one first; empty when none does."""
    pids = _pids(workload)
    answers = ask(transport, {**process_listing.EXECUTABLES_PART, **process_listing.parts(pids)})
    return _live(transport, workload, pids, answers)


def _pids(workload: Workload) -> list[int]:
    """The main process first: its start is the container's."""
    others = [process.pid for process in workload.all_processes if process.pid != workload.main_pid]
    return [workload.main_pid, *others][: process_listing.MAX_PROCESSES]


def _live(
    transport: Transport, workload: Workload, pids: Sequence[int], answers: Mapping[str, bytes]
) -> tuple[LiveProcess, ...]:
    """The workload's processes as they run now, found again by what they execute when the service was restarted."""
    known = {process.pid: process for process in workload.all_processes}
    found = [
        process
        for process in process_listing.read_processes(answers, pids)
        if process.executable == (known[process.pid].executable or process.executable)
    ]
    if found and found[0].pid == workload.main_pid:
        return tuple(found)
    executables = {process.executable for process in workload.all_processes if process.executable}
    candidates = sorted(
        pid
        for pid, path in process_listing.running_executables(answers.get("executables", b"")).items()
        if path in executables
    )
    again = (
        process_listing.read_processes(ask(transport, process_listing.parts(candidates)), candidates)
        if candidates
        else ()
    )
    main = workload.main
    same = [process for process in again if any(_alike(process, each) for each in workload.all_processes)]

    def distance(process: LiveProcess) -> tuple[bool, bool, bool, int]:
        return not _alike(process, main), not _told_the_same(process, main), process.ppid != 1, process.pid

    return tuple(sorted(same, key=distance))


def _told_the_same(live: LiveProcess, seen: Process) -> bool:
    """Whether the arguments are the same. Those of the inventory are redacted: a redacted one may be anything."""
    if len(live.arguments) != len(seen.arguments):
        return False
    pairs = zip(live.arguments, seen.arguments, strict=True)
    return all("<redacted" in theirs or ours.decode("utf-8", "surrogateescape") == theirs for ours, theirs in pairs)


def _alike(live: LiveProcess, seen: Process) -> bool:
    """Whether a process does what another one did. A program that rewrites its arguments keeps its executable and
    account; an interpreter runs many programs, which only their arguments tell apart.
    """
    if live.executable != seen.executable or live.uid != seen.effective_uid:
        return False
    if _told_the_same(live, seen):
        return True
    rewritten = len(live.arguments) <= 1, len(seen.arguments) <= 1
    if not interpreter_of(live.executable):
        return any(rewritten)
    return all(rewritten) and _first_word(live.arguments) == _first_word(
        [each.encode("utf-8", "surrogateescape") for each in seen.arguments]
    )


def _first_word(arguments: Sequence[bytes]) -> bytes:
    """Of a title such as ``gunicorn: master [shop]``: what follows may change from one moment to the next."""
    words = b" ".join(arguments).split()
    return words[0] if words else b""


def database_of(answers: Mapping[str, bytes]) -> tuple[PackageDatabase, Mapping[str, bytes]]:
    """The database of the host, with the answers that tell of its packages. Of several it is the one with the most
    packages: a Debian may have rpm as a tool, and a Red Hat dpkg.
    """
    found = [(reader.read(answers), reader) for reader in PACKAGE_READERS]
    database, reader = max(found, key=lambda each: len(each[0].packages))
    if not database.packages:
        return replace(NO_PACKAGES, trouble=next((each.trouble for each, _ in found if each.trouble), "")), {}
    return database, {name: answers.get(name, b"") for name in reader.kept}


def _pruned(mountinfo: str, data: Mapping[str, str]) -> dict[str, str]:
    """Directories that the listing does not enter: what never is in an image, data, and what other machines serve (a
    dead server of a mounted directory hangs who asks).
    """
    pruned = {**_ALWAYS_PRUNED, **data}
    for target, kind in _mounts(mountinfo):
        if target != "/" and (kind in REMOTE_FILESYSTEMS or kind.startswith(("nfs", "fuse"))):
            pruned[target] = f"another machine serves it ({kind})"
        elif target not in ("/", "/run", "/var/run") and kind in PSEUDO_FILESYSTEMS:
            pruned.setdefault(target, f"no file system on disk ({kind})")
    return {path: reason for path, reason in pruned.items() if path not in ("", "/")}


def _mounts(mountinfo: str) -> Iterable[tuple[str, str]]:
    """(target, type) of proc(5)'s mountinfo: the fifth field, and the first after the dash."""
    for line in mountinfo.split("\n"):
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if dash and len(fields) >= 5 and after:
            target = fields[4]
            for escaped, plain in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
                target = target.replace(escaped, plain)
            yield target, after.split(" ")[0]


def library_directories(answers: Mapping[str, bytes]) -> tuple[str, ...]:
    """The loader's additional directories: lines of ld.so.conf, and colon-separated entries of musl."""
    lines = _text(answers.get("loader", b"")).split("\n")
    lines += _text(answers.get("musl", b"")).replace(":", "\n").split("\n")
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip().startswith("/")))


def _prefixed(text: str) -> Iterable[tuple[str, str]]:
    for line in text.split("\n"):
        path, colon, rest = line.partition(":")
        if colon:
            yield path, rest


def _reads_everything(identity: bytes) -> bool:
    """Whether the account is root, or has the two capabilities that let it read every file and every process."""
    effective = re.search(rb"(?m)^CapEff:\s*([0-9a-f]{1,16})$", identity)
    reads = 1 << 2 | 1 << 19  # CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE
    return _last_line(identity) == b"0" or (effective is not None and int(effective[1], 16) & reads == reads)


def _last_line(content: bytes) -> bytes:
    lines = content.strip().split(b"\n")
    return lines[-1] if lines else b""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
