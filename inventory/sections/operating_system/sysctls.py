"""Kernel settings: their values now, the kernel's own, and which file on the host asks for them."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.sysctl_defaults import default_of
from inventory.model.sysctls import Sysctl
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant

NAME = "sysctls"

# Left out by these patterns: what would mount something when it is opened (binfmt_misc), repeats for each CPU, disk or
# interface, is another value at each reading (random, ns_last_pid), acts when it is read (stat_refresh), or is a key
# (tcp_fastopen_key, stable_secret). The shell lists /proc/sys at half the cost of `find` and `xargs`; that directories
# are among them, `head` reports on standard error. The kernel clears as much memory at each read as is requested, and
# `grep` asks for 96 KB: with `head` some 700 files cost half. It prints each error in three pieces, and over SSH each
# piece costs a packet: they are joined.
FILES = """
want 'contents=/*' /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \\
  /run/sysctl.d/*.conf /etc/sysctl.d/*.conf /etc/sysctl.conf
"""
FRAGMENT = r"""
bf_values() {
  cd /proc/sys || return
  { bf_said=`head -n 200 kernel/[!n]* kernel/n[!s]* kernel/[!rs]*/* kernel/r[!a]*/* kernel/s[!c]*/* \
    vm/[!s]* vm/s[!t]* vm/stat_[!r]* fs/[!b]* fs/[!b]*/* user/* abi/* net/core/* net/unix/* \
    net/netfilter/* net/netfilter/*/* \
    net/ipv4/*[!y] net/ipv4/*[!e]y net/ipv4/*[!k]ey net/ipv4/[!cn]*/* net/ipv4/netf*/* \
    net/ipv6/* net/ipv6/[!cn]*/* net/ipv6/netf*/* \
    net/ipv[46]/conf/all/[!s]* net/ipv[46]/conf/all/s[!t]* net/ipv[46]/conf/default/[!s]* \
    net/ipv[46]/conf/default/s[!t]* net/ipv[46]/neigh/default/* 2>&1 >&9`; } 9>&1
  bf_status=$?
  [ -z "$bf_said" ] || printf '%s\n' "$bf_said" >&2
  return $bf_status
}
bf_user() { echo "$BF_UID"; }
part user bf_user
part kernel bf_values
"""

_VALUE = re.compile(r"([a-z0-9_]+(?:/[A-Za-z0-9_.:@-]+)+):(.*)", re.DOTALL)
_HEADING = re.compile(r"==> ([a-z0-9_]+(?:/[A-Za-z0-9_.:@-]+)+) <==")
_SETTING = re.compile(r"(?P<path>/(?:usr/|usr/local/)?(?:etc|lib|run)/[^:]*\.conf):(?P<text>.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"\s*+-?\s*+(?P<key>[^\s=#;]+)\s*=\s*+(?P<value>.*)")
_OF_FILES = ("contents", "settings", "files")
"""The contents of the files. Older recordings have one of the others, with the lines that hold a ``=`` alone: behind
their numbers, or without.
"""
_REMARK = re.compile(rb"(?m)^(/[^:\n]*:)[^=\n]*$")
_KEYS = (b"tcp_fastopen_key", b"stable_secret")
_NOT_READ = re.compile(rb"(?m)^.*: (?:Is a directory|No such file or directory)\n")
_WRITE_ONLY = re.compile(
    rb"(?m)^(?=.*: Permission denied$).*(?:vm/compact_memory|vm/drop_caches|route/flush)(?:'|: Permission denied$)"
)
_ROOT_ONLY = frozenset({"kernel.cad_pid", "vm.mmap_rnd_bits", "net.core.bpf_jit_harden", "net.core.bpf_jit_limit"})
"""Mode 0600 in every kernel that has them. Who may read one may read all that can be read at all."""
_DIRECTORIES = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")


class SysctlSetting(NamedTuple):
    """An assignment in a file. ``pattern`` has dots as separators and may hold ``*``; ``line`` is 0 if not known."""

    pattern: str
    value: str
    path: str
    origin: Origin
    line: int = 0


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """The files may hold the keys that the fragment does not read from the kernel. Lines that are not settings are
    dropped.
    """

    def hidden(part: Part) -> Part:
        if part.name not in _OF_FILES:
            return part
        content = _REMARK.sub(rb"\1", part.content) if part.name == "contents" else part.content
        return replace(part, content=b"\n".join(_key_hidden(line, secrets) for line in content.split(b"\n")))

    parts = tuple(map(hidden, recording.parts))
    return replace(recording, parts=parts, errors=secrets.lines(_NOT_READ.sub(b"", recording.errors)))


def _key_hidden(line: bytes, secrets: Redact) -> bytes:
    setting, equals, value = line.partition(b"=")
    if not (equals and setting.rstrip().endswith(_KEYS)):
        return line
    bare = value.strip(b" \t")
    at = value.find(bare)
    return setting + equals + value[:at] + secrets.secret(bare) + value[at + len(bare) :]


def parse(recording: SectionRecording) -> Observation[tuple[Sysctl, ...]]:
    """Settings by name: those of the running kernel, then those that only a file names."""
    part = recording.part("kernel") or recording.part("values")
    if part is None or not part.content:
        return Unknown("/proc/sys could not be read: is /proc mounted?")
    values = _headed(part) if part.name == "kernel" else _prefixed(part)
    of_files = [recording.part(name) for name in _OF_FILES]
    settings = in_force(read_settings(next((each for each in of_files if each is not None), None)))
    release = values["kernel.osrelease"][0] if "kernel.osrelease" in values else ""
    found = [
        _sysctl(name, value, Origin(NAME, part.name, line), _asked_for(name, settings), release)
        for name, (value, line) in sorted(values.items())
    ]
    found += [
        Sysctl(
            setting.pattern,
            "",
            setting.path,
            setting.origin,
            setting.value,
            live=False,
            configured_line=setting.line,
            configured_origin=setting.origin,
        )
        for setting in sorted(settings)
        if "*" not in setting.pattern and setting.pattern not in values
    ]
    refused = recording.errors.count(b"Permission denied") - len(_WRITE_ONLY.findall(recording.errors))
    if not _ROOT_ONLY.isdisjoint(values):
        refused = 0  # those that are left can only be written
    user = recording.part("user")
    privileged = user is not None and user.content.strip() == b"0"
    reason = "the kernel denied access even to root" if privileged else "only root may read them; scan with become"
    gaps = (Gap(f"{refused} settings", reason),) if refused else ()
    return Found(tuple(found), gaps)


def _headed(part: Part) -> dict[str, tuple[str, int]]:
    """By name, the value and the number of its line, of ``head FILE ...``: a heading, the lines, and an empty line.

    The line after a heading is not a heading, so that a value may look like one. A directory has no line.
    """
    blocks: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(whole_lines(part), 1):
        text = line.decode("utf-8", "surrogateescape")
        if (match := _HEADING.fullmatch(text)) and (not blocks or blocks[-1][2]):
            blocks.append((dotted(match[1]), number + 1, []))
        elif blocks:
            blocks[-1][2].append(re.sub(r"\t+", " ", text))
        else:
            unreadable_row(f"{part.name}:{number} is before the first heading")
    for _, _, lines in blocks[:-1]:
        if lines[-1] == "":
            del lines[-1]
    return {name: ("\n".join(lines), number) for name, number, lines in blocks if lines}


def _prefixed(part: Part) -> dict[str, tuple[str, int]]:
    """The same of recordings made before: each line behind its path."""
    values: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = _VALUE.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"values:{number} is not a setting")
            continue
        name = dotted(match[1])
        value = re.sub(r"\t+", " ", match[2])
        if name in values:
            value, number = f"{values[name][0]}\n{value}", values[name][1]
        values[name] = value, number
    return values


def dotted(path: str) -> str:
    """``net/ipv4/conf/eth0.100/forwarding`` to ``net.ipv4.conf.eth0/100.forwarding``, as sysctl writes it."""
    return path.translate(str.maketrans("/.", "./"))


def read_settings(part: Part | None) -> list[SysctlSetting]:
    """The assignments of all files, in the order of the listing. Lines that assign nothing are comments here."""
    found: list[SysctlSetting] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
        match = _SETTING.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"{part.name if part else ''}:{number} is not a line of a sysctl file")
            continue
        text, line_number = match["text"], 0
        if part is not None and part.name == "settings":
            written, colon, text = text.partition(":")
            if not (colon and written.isascii() and written.isdigit() and len(written) <= 10):
                unreadable_row(f"{part.name}:{number} has no line number")
                continue
            line_number = int(written)
        elif part is not None and part.name == "contents":
            line_of[match["path"]] = line_number = line_of.get(match["path"], 0) + 1
        assignment = _ASSIGNMENT.fullmatch(text.rstrip())
        if assignment is None:
            continue
        key = assignment["key"]
        # The first separator decides: in net/ipv4/conf/eth0.100 the dot belongs to a name.
        slash, dot = key.find("/"), key.find(".")
        pattern = dotted(key) if slash >= 0 and (dot < 0 or slash < dot) else key
        found.append(
            SysctlSetting(
                pattern,
                assignment["value"],
                match["path"],
                Origin(NAME, part.name if part else "", number),
                line_number,
            )
        )
    return found


def in_force(settings: list[SysctlSetting]) -> list[SysctlSetting]:
    """Those that count, in the order in which they are applied.

    Of files of one name only that of the first directory is read; then they are applied by name, and /etc/sysctl.conf
    at the end (see sysctl.d(5) and sysctl(8)).
    """
    chosen: dict[str, str] = {}
    for directory in _DIRECTORIES:
        for setting in settings:
            path = PurePosixPath(setting.path)
            if str(path.parent) == directory:
                chosen.setdefault(path.name, setting.path)
    paths = [chosen[name] for name in sorted(chosen)] + ["/etc/sysctl.conf"]
    rank = {path: number for number, path in enumerate(paths)}
    counting = [setting for setting in settings if setting.path in rank]
    counting.sort(key=lambda setting: (rank[setting.path], setting.origin.line))
    return list({setting.pattern: setting for setting in counting}.values())


def _asked_for(name: str, settings: list[SysctlSetting]) -> SysctlSetting | None:
    """The setting that is applied last; an exact name beats a pattern."""
    exact = [setting for setting in settings if setting.pattern == name]
    globs = [setting for setting in settings if "*" in setting.pattern and fnmatchcase(name, setting.pattern)]
    return (globs + exact)[-1] if globs or exact else None


def _sysctl(name: str, value: str, origin: Origin, setting: SysctlSetting | None, release: str) -> Sysctl:
    default = default_of(name, release)
    if setting is None:
        return Sysctl(name, value, "", origin, default=default)
    return Sysctl(
        name,
        value,
        setting.path,
        origin,
        setting.value,
        configured_line=setting.line,
        configured_origin=setting.origin,
        default=default,
    )


SECTION: Section[tuple[Sysctl, ...]] = Section(
    NAME,
    "Kernel settings, and which file sets them",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=4 * 1024 * 1024, files=FILES),),
    redact,
)
