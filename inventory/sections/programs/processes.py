"""Running processes: their programs, parents, accounts and limits.

Everything comes from /proc in a few batches. Parts that only root may read (executable, directories, environment,
namespaces of other users' processes) are asked for separately, so that an ordinary user gets all the rest, with a gap
for what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from inventory.depth import Depth
from inventory.formats.procfs.link_listings import LinkListing, ProcessLink, directory_links, process_links
from inventory.formats.procfs.probe_processes import STILL_FRAGMENT, Relative, probe_processes, still_running
from inventory.formats.procfs.process_files import ProcessFile, contents, records, rewritten
from inventory.formats.procfs.process_stat import Stat, parse_stat
from inventory.formats.procfs.root_only_facts import denied_reason, root_or_own
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.processes import CapabilitySets, Memory, Process
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.windows.processes import VARIANT as WINDOWS

NAME = "processes"

# The memory of a stuck process cannot be read, and a reader hangs with it: arguments and environments are gathered with
# the rest, and where that failed, asked for last.
FILES = r"""
bf_own=-own
[ "$BF_UID" != 0 ] || bf_own=
bf_names=status,cgroup bf_kinds='status cgroup'
if [ -z "$BF_STATS" ]; then bf_names=stat,$bf_names bf_kinds="stat $bf_kinds"; fi
if [ "$BF_DEPTH" != quick ]; then bf_names=$bf_names,limits bf_kinds="$bf_kinds limits"; fi
want_each $bf_names "$bf_kinds"
listed links$bf_own 'exe cwd root'
[ "$BF_DEPTH" = quick ] || listed ns$bf_own ns
if gathering && [ -n "$BF_WHOLE" ]; then
  want_each cmdline cmdline
  [ "$BF_DEPTH" = quick ] || want_each "environ$bf_own=/proc/*/environ" environ
fi
"""

FRAGMENT = (
    r"""
bf_files() { each "$1" grep -aH '' 2>/dev/null; }
bf_headed() { each $1 head -v -c 131072 2>/dev/null; }
if [ -n "$BF_WHOLE" ]; then bf_whole=bf_files; else bf_whole=bf_headed; fi
bf_probe() { echo "$BF_PID"; }

part probe bf_probe
part ticks bf_ticks
[ "$BF_UID" = 0 ] || part hidden bf_mounts_with ' /proc proc '
[ -z "$BF_STATS" ] || part stat bf_stat
if [ "$BF_UID" != 0 ]; then
  root links /usr/bin/find /proc -mindepth 2 -maxdepth 2 '(' -name exe -o -name cwd -o -name root ')' \
    -exec /bin/ls -ln '{}' +
fi
if [ "$BF_DEPTH" != quick ]; then
  if [ "$BF_UID" != 0 ]; then
    root ns /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name ns -exec /bin/ls -ln /dev/null '{}' +
  fi
fi
if ! gathered_each || [ -z "$BF_WHOLE" ]; then
  bf_own=-own
  [ "$BF_UID" != 0 ] || bf_own=
  part cmdline $bf_whole cmdline
  [ "$BF_DEPTH" = quick ] || part environ$bf_own $bf_whole environ
fi
if [ "$BF_DEPTH" != quick ]; then
  if [ "$BF_UID" != 0 ]; then
    if [ -n "$BF_WHOLE" ]; then
      root environ /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name environ -exec /bin/grep -aH ^ '{}' +
    else
      root environ /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name environ -exec /usr/bin/head -v -c 131072 '{}' +
    fi
  fi
fi
"""
    + STILL_FRAGMENT
)

# Masks of CPUs and memory nodes are long on big machines, and counters differ each time: neither is stored.
_UNUSED = re.compile(
    rb"(?m)^/proc/\d+/status:(?:(?:Cpus|Mems)_allowed|Vm(?:Data|Stk|Exe|Lib|PTE|PMD|Pin)|SigQ|Speculation[A-Za-z_]*"
    rb"|[a-z][A-Za-z0-9_]*):.*\n"
)
_OWN_WORDS = {"cmdline": "cmdline", "environ": "environ", "environ-own": "environ"}
"""Parts that hold what a process was started with, and the files below /proc/PID."""
_ACCOUNT = re.compile(rb"(?m)^/proc/(\d{1,20})/status:Uid:\s+(\d{1,20})")
_LIMIT = re.compile(r"(?P<name>Max(?: \S+)+) {2,}(?P<soft>\S+) +(?P<hard>\S+)(?: +\S+)? *")
_NAMESPACE = re.compile(r"[a-z_]+:\[(\d{1,20})\]")


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """Arguments and environments are redacted as one for each process, and come out in one form.

    Tokens are those of its account: a user's own processes cannot be used to try what another's secret is.
    """
    said: dict[str, dict[int, bytes]] = {
        part.name: contents(part, _OWN_WORDS[part.name]) for part in recording.parts if part.name in _OWN_WORDS
    }
    status = recording.part("status")
    accounts = {int(match[1]): match[2] for match in _ACCOUNT.finditer(status.content)} if status else {}
    known: dict[tuple[bytes, ...], list[bytes]] = {}
    for pid in set().union(*said.values()):
        own = (accounts.get(pid, b""), *(said.get(name, {}).get(pid, b"") for name in _OWN_WORDS))
        if own not in known:  # a hundred workers are alike
            known[own] = secrets.within(own[0]).process(*own[1:])
        for name, hidden in zip(_OWN_WORDS, known[own], strict=True):
            if pid in said.get(name, ()):
                said[name][pid] = hidden
    parts: list[Part] = []
    for part in recording.parts:
        if part.name in said:
            part = rewritten(part, _OWN_WORDS[part.name], said[part.name])
        elif part.name == "status":
            part = replace(part, content=_UNUSED.sub(b"", part.content))
        parts.append(part)
    return replace(recording, parts=tuple(parts), errors=secrets.lines(recording.errors))


def parse(recording: SectionRecording) -> Observation[tuple[Process, ...]]:
    """All processes but those of the probe, by PID."""
    stat_part = recording.part("stat")
    if stat_part is None or not stat_part.content:
        return Unknown("/proc/PID/stat could not be read: is /proc mounted?")
    stats: dict[int, tuple[Stat, int]] = {}
    for pid, record in records(stat_part, "stat").items():
        with skip_row:
            stats[pid] = parse_stat(record.content), record.line
    probe = _number(recording, "probe")
    own = probe_processes(probe, (Relative(stat.pid, stat.ppid, stat.session, stat.name) for stat, _ in stats.values()))
    links = root_or_own(recording, "links", process_links)
    namespaces = root_or_own(recording, "ns", lambda part: directory_links(part, "ns"))
    environments = root_or_own(recording, "environ", lambda part: records(part, "environ"))
    reader = _ProcessReader(
        ticks=_number(recording, "ticks") or 100,
        status=_records(recording, "status"),
        arguments=_records(recording, "cmdline"),
        cgroups=_records(recording, "cgroup"),
        limits=_records(recording, "limits"),
        environments=environments or {},
        links={(link.pid, link.name): link for link in links.links} if links else {},
        namespaces=_by_pid(namespaces),
    )
    # Of a process that ended while it was asked, half is missing, and it is not a fact of the host.
    still = still_running(recording)
    found: list[Process] = []
    for pid, (stat, line) in sorted(stats.items()):
        if pid not in own and (still is None or pid in still):
            with skip_row:
                found += reader.process(stat, line)
    return Found(tuple(found), tuple(_gaps(recording, found, links)))


@dataclass(frozen=True)
class _ProcessReader:
    """Joins the parts that are about one process. ``ticks`` are those of a second."""

    ticks: int
    status: Mapping[int, ProcessFile]
    arguments: Mapping[int, ProcessFile]
    cgroups: Mapping[int, ProcessFile]
    limits: Mapping[int, ProcessFile]
    environments: Mapping[int, ProcessFile]
    links: Mapping[tuple[int, str], ProcessLink]
    namespaces: Mapping[int, tuple[tuple[str, str], ...]]

    @cached_property
    def of_init(self) -> Mapping[str, str]:
        """The namespaces of PID 1."""
        return dict(self.namespaces.get(1, ()))

    def process(self, stat: Stat, line: int) -> Iterator[Process]:
        """The process; none when it ended before its status was read. Raises ParseError when that has no owner."""
        pid = stat.pid
        if pid not in self.status:
            return
        fields = _fields(self.status[pid])
        uids = _numbers(fields.get("Uid", ""), 4)
        executable = self.links.get((pid, "exe"))
        yield Process(
            pid=pid,
            ppid=stat.ppid,
            name=stat.name,
            state=stat.state,
            kernel=stat.kernel,
            executable=executable.path if executable else None,
            executable_deleted=executable.deleted if executable else False,
            working_directory=self._target(pid, "cwd"),
            root=self._target(pid, "root"),
            arguments=split_arguments(self.arguments[pid].content) if pid in self.arguments else (),
            environment=self._environment(pid, readable=executable is not None),
            uid=uids[0],
            gid=_numbers(fields.get("Gid", ""), 4)[0],
            effective_uid=uids[1],
            groups=tuple(_numbers(fields.get("Groups", ""))),
            cgroups=_cgroup_paths(self.cgroups.get(pid)),
            start_seconds=stat.start / self.ticks,
            cpu_seconds=(stat.user_ticks + stat.system_ticks) / self.ticks,
            rss_bytes=_kilobytes(fields.get("VmRSS", "")),
            peak_rss_bytes=_kilobytes(fields.get("VmHWM", "")),
            threads=stat.threads,
            nice=stat.nice,
            scheduling_policy=stat.policy,
            capabilities=_based(fields.get("CapEff", "0"), 16),
            seccomp=_based(fields.get("Seccomp", "0"), 10),
            umask=_based(fields["Umask"], 8) if "Umask" in fields else None,
            limits=_limits(self.limits.get(pid)),
            namespaces=self.namespaces.get(pid, ()),
            session=stat.session,
            tty=stat.tty,
            origin=Origin(NAME, "stat", line),
            realtime_priority=stat.realtime_priority,
            allowed_cpus=fields.get("Cpus_allowed_list", ""),
            allowed_nodes=fields.get("Mems_allowed_list", ""),
            capability_sets=_capability_sets(fields),
            no_new_privileges=_based(fields["NoNewPrivs"], 10) != 0 if "NoNewPrivs" in fields else None,
            memory=_memory(fields),
            other_namespaces=self._other_namespaces(pid),
            namespace_pids=tuple(_numbers(fields.get("NSpid", ""))),
        )

    def _other_namespaces(self, pid: int) -> tuple[str, ...] | None:
        mine = self.namespaces.get(pid, ())
        if not (mine and self.of_init):
            return None
        # pid_for_children and its like show what children will get, not the process's own
        return tuple(
            kind
            for kind, inode in mine
            if not kind.endswith("_for_children") and self.of_init.get(kind, inode) != inode
        )

    def _target(self, pid: int, name: str) -> str | None:
        link = self.links.get((pid, name))
        return link.target if link else None

    def _environment(self, pid: int, *, readable: bool) -> tuple[tuple[str, str], ...] | None:
        """None when it may not be read. The host prints nothing of an empty one, but then shows the executable."""
        record = self.environments.get(pid)
        if record is None:
            return () if readable else None
        text = record.content.decode("utf-8", "surrogateescape")
        pairs = (piece.partition("=") for piece in text.split("\0"))
        return tuple((name, value) for name, equals, value in pairs if equals)


def split_arguments(content: bytes) -> tuple[str, ...]:
    """The argument vector of a cmdline.

    A program that writes a title there (``nginx: worker process``) leaves NULs behind it. So a single string followed
    by nothing but NULs is one argument; after two strings, an empty one at the end is an argument.
    """
    text = content.decode("utf-8", "surrogateescape")
    arguments = text.removesuffix("\0").split("\0")
    if not any(arguments[1:]):
        arguments = arguments[:1]
    return tuple(arguments) if arguments != [""] else ()


def _fields(record: ProcessFile) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in record.content.decode("utf-8", "surrogateescape").split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            unreadable_row(f"the status of process {record.pid} has a line without a name")
            continue
        fields[name] = value.strip()
    return fields


def _cgroup_paths(record: ProcessFile | None) -> tuple[str, ...]:
    """The distinct paths of ``hierarchy:controllers:path`` lines."""
    if record is None:
        return ()
    paths: dict[str, None] = {}
    for line in record.content.decode("utf-8", "surrogateescape").split("\n"):
        pieces = line.split(":", 2)
        if len(pieces) == 3:
            paths[pieces[2]] = None
        elif paths:  # a directory's name may hold a newline
            last = paths.popitem()[0]
            paths[f"{last}\n{line}"] = None
        else:
            unreadable_row(f"the cgroups of process {record.pid} have a line that is none")
    return tuple(paths)


def _limits(record: ProcessFile | None) -> tuple[tuple[str, str, str], ...]:
    if record is None:
        return ()
    found: list[tuple[str, str, str]] = []
    for line in record.content.decode("utf-8", "surrogateescape").split("\n"):
        if line.startswith("Limit "):
            continue
        match = _LIMIT.fullmatch(line)
        if match is None:
            unreadable_row(f"the limits of process {record.pid} have a line that is none")
            continue
        found.append((match["name"], match["soft"], match["hard"]))
    return tuple(found)


def _by_pid(listing: LinkListing | None) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for link in listing.links if listing else ():
        if match := _NAMESPACE.fullmatch(link.target):
            found.setdefault(link.pid, []).append((link.name, match[1]))
    return {pid: tuple(kinds) for pid, kinds in found.items()}


def _gaps(recording: SectionRecording, found: list[Process], links: LinkListing | None) -> list[Gap]:
    gaps: list[Gap] = []
    users = [process for process in found if not process.kernel and process.state not in "ZXx"]
    reason = denied_reason(recording, "links")
    for what, missing in (
        ("executable", sum(process.executable is None for process in users)),
        ("working directory", sum(process.working_directory is None for process in users)),
        ("environment", sum(process.environment is None for process in users)),
    ):
        if missing:
            gaps.append(Gap(f"{what} of {missing} of {len(users)} processes", reason))
    if links and links.doubtful:
        gaps.append(
            Gap(
                f"links of {len(links.doubtful)} of {len(found)} processes",
                "a file name made the host's listing ambiguous",
            )
        )
    hidden = recording.part("hidden")
    if hidden is not None and recording.part("links-own") is not None:
        options = hidden.content.decode("utf-8", "replace").replace("\n", ",").split(",")
        if any(re.match(r"hidepid=(?!0|off)", option.split(" ")[0]) for option in options):
            gaps.append(Gap("processes of other users", "/proc hides them (hidepid); scan with become"))
    return gaps


def _records(recording: SectionRecording, file: str) -> Mapping[int, ProcessFile]:
    part = recording.part(file)
    return records(part, file) if part is not None else {}


def _number(recording: SectionRecording, name: str) -> int:
    part = recording.part(name)
    for word in part.content.split() if part is not None else ():
        if word.isdigit() and len(word) <= 20:
            return int(word)
    raise ParseError(f"{name}:1 is not a number")


def _numbers(text: str, least: int = 0) -> list[int]:
    words = text.split()
    if len(words) < least or not all(word.isascii() and word.isdigit() for word in words):
        raise ParseError(f"a status has {text[:40]!r} where ids are expected")
    return [int(word) for word in words]


def _based(text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        unreadable_row(f"a status has {text[:40]!r} where a number is expected")
        return 0


def _capability_sets(fields: Mapping[str, str]) -> CapabilitySets:
    inheritable, permitted, effective = (_based(fields.get(name, "0"), 16) for name in ("CapInh", "CapPrm", "CapEff"))
    bounding, ambient = (_based(fields[name], 16) if name in fields else None for name in ("CapBnd", "CapAmb"))
    return CapabilitySets(inheritable, permitted, effective, bounding, ambient)


def _memory(fields: Mapping[str, str]) -> Memory | None:
    """None for tasks without separate memory: kernel threads, and processes that ended and were not waited for."""
    if "VmSize" not in fields:
        return None
    names = ("VmSize", "VmPeak", "RssAnon", "RssFile", "RssShmem", "VmLck", "VmSwap", "HugetlbPages")
    return Memory(*(_kilobytes(fields[name]) if name in fields else None for name in names))


_LONGEST_SIZE = 17
"""Digits of the kilobytes that 64 bits can address. A longer number is made up, and may be too long to reckon with."""


def _kilobytes(text: str) -> int:
    """``1234 kB`` in bytes; kernel threads have no such line."""
    if not text:
        return 0
    number = text.split()[0]
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_SIZE):
        unreadable_row(f"a status has {text[:40]!r} where a size is expected")
        return 0
    return int(number) * 1024


SECTION: Section[tuple[Process, ...]] = Section(
    NAME,
    "Running processes with their owners, arguments, environments and limits",
    (
        Variant(
            Platform.POSIX,
            FRAGMENT,
            parse,
            seconds=30,
            cap=48 * 1024 * 1024,
            files=FILES,
            documents=frozenset(_OWN_WORDS),
        ),
        WINDOWS,
    ),
    redact,
    depth=Depth.QUICK,
)
