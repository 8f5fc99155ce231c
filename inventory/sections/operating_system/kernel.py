"""The kernel: its release, how it was built and started, and what was loaded into it."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from inventory.depth import Depth
from inventory.formats.procfs.kernel_state import KernelState, read_formats
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.kernel import Kernel, Module
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.windows.kernel import VARIANT as WINDOWS

NAME = "kernel"

# What is in binfmt_misc is looked at only where it is mounted already: on systemd hosts looking would mount it.
FILES = r"""
case "$BF_MOUNTS" in
  *' /proc/sys/fs/binfmt_misc binfmt_misc '*) set -- /proc/sys/fs/binfmt_misc/* ;;
  *) set -- ;;
esac
bf_parts='@modules=/proc/modules,state=/proc/sys/*|/proc/self/*|/proc/net/*|/proc/filesystems|/sys/*'
[ "$BF_DEPTH" = quick ] || want "$bf_parts,formats=/proc/sys/fs/binfmt_misc/*" /proc/modules \
  /proc/sys/kernel/tainted /proc/sys/crypto/fips_enabled \
  /sys/kernel/security/lsm /sys/fs/selinux/enforce /selinux/enforce /sys/module/apparmor/parameters/enabled \
  /proc/sys/kernel/yama/ptrace_scope /sys/fs/smackfs/load2 /proc/self/attr/current \
  /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/redhat_transparent_hugepage/enabled \
  /sys/kernel/mm/hugepages/hugepages-*/[nfrs]*_hugepages \
  /sys/devices/system/clocksource/clocksource0/current_clocksource \
  /proc/net/protocols /proc/filesystems /proc/keys "$@"
"""

# One `uname` prints all four on one line; of these only the version holds spaces. Of the options with which the kernel
# was built, `grep` takes those that are y or m.
FRAGMENT = r"""
bf_choose() {
  read -r bf_release </proc/sys/kernel/osrelease
  for bf_built in "/boot/config-$bf_release" "/lib/modules/$bf_release/config" "/usr/lib/kernel/config-$bf_release"; do
    [ -r "$bf_built" ] && return
  done
  bf_built=
}
bf_command_line() { read -r bf_line </proc/cmdline && printf '%s\n' "$bf_line"; }
part uname bf_uname
part command-line bf_command_line
if [ "$BF_DEPTH" != quick ]; then
  bf_choose
  if [ -n "$bf_built" ]; then
    part config grep -avE "^(#|CONFIG_[A-Za-z0-9_]+=([^ym]|[ym].|\$)|\$)" "$bf_built"
  elif [ -r /proc/config.gz ]; then
    part config.gz cat /proc/config.gz
  fi
  # a kernel that could load modules and has none
  if [ -r /proc/modules ] && ! read -r bf_line </proc/modules; then part modules :; fi
fi
"""

_MODULE = re.compile(r"(\S+) (\d{1,20}) (\d{1,20}|-) (\S+) (\S+)(?: (\S+))?(?: \(([A-Z+-]+)\))?")
_MACHINE_ID = re.compile(rb"(systemd\.machine_id=)([0-9a-fA-F-]+)")
"""An id that image builders hand to systemd; section system keeps it as a token only, too."""
_MOST_OPTIONS = 4 * 1024 * 1024
_SET = re.compile(rb"(?m)^CONFIG_[A-Za-z0-9_]+=[ym]$")
_OPTION = re.compile(r"(CONFIG_[A-Za-z0-9_]+)=([ym])")


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """The command line of the kernel is an argument vector (an installer's URL may hold a password).

    Of keys the host shows descriptions only, which users choose.
    """
    parts: list[Part] = []
    for part in recording.parts:
        if part.name == "command-line":
            words = secrets.arguments(part.content.replace(b" ", b"\0"))
            words = _MACHINE_ID.sub(lambda match: match[1] + secrets.identifier(match[2]), words)
            part = replace(part, content=words.replace(b"\0", b" "))
        elif part.name == "state":
            lines = (_key_redacted(line, secrets) for line in part.content.split(b"\n"))
            part = replace(part, content=b"\n".join(lines))
        elif part.name == "config.gz":
            part = _unpacked(part)
        parts.append(part)
    return replace(recording, parts=tuple(parts), errors=secrets.lines(recording.errors))


def _unpacked(part: Part) -> Part:
    """The part ``config`` of /proc/config.gz: unpacked here, which costs the host less. Of an answer that is none, or
    is more than any kernel has, nothing is taken.
    """
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(part.content, _MOST_OPTIONS)
    except zlib.error:
        return Part("config", b"", part.status or 1, part.truncated)
    whole = unpacking.eof or part.truncated
    lines = [line + b"\n" for line in _SET.findall(text)] if whole else []
    return Part("config", b"".join(lines), part.status if lines else part.status or 1, part.truncated)


def _key_redacted(line: bytes, secrets: Redact) -> bytes:
    return secrets.lines(line) if line.startswith(b"/proc/keys:") else line


def parse(recording: SectionRecording) -> Observation[Kernel]:
    """The kernel of the host."""
    uname = _uname(recording.part("uname"))
    if uname is None:
        return Unknown("uname did not answer")
    name, release, version, architecture, line = uname
    state = KernelState(recording.part("state"))
    # recordings made before there was the part "state" have these two
    tainted = "".join(_text_lines(recording.part("tainted"))) or state.first("/proc/sys/kernel/tainted") or "0"
    if not (tainted.isascii() and tainted.isdigit() and len(tainted) <= 20):
        unreadable_row(f"the mask of taints is {tainted[:40]!r}, which is not a number")
        tainted = "0"
    seen = state.security_modules() or _security(recording.part("security"))
    config = _config(recording.part("config"))
    modules = _modules(recording.part("modules"))
    gaps: tuple[Gap, ...] = ()
    asked = recording.part("modules") is not None  # a quick scan does not
    if asked and modules is None and (config is None or ("CONFIG_MODULES", "y") in config):
        gaps = (Gap("kernel modules", "/proc/modules could not be read"),)
    return Found(
        Kernel(
            name=name,
            release=release,
            version=version,
            architecture=architecture,
            command_line=" ".join(_text_lines(recording.part("command-line"))).strip(),
            tainted=int(tainted),
            modules=modules or (),
            security_modules=seen,
            config=config,
            origin=Origin(NAME, "uname", line),
            selinux=state.selinux(),
            fips=state.fips(),
            transparent_huge_pages=state.transparent_huge_pages(),
            huge_pages=state.huge_pages(),
            clock_source=state.first("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            binary_formats=read_formats(recording.part("formats")),
            protocols=state.protocols(),
            filesystems=state.filesystems(),
            keys=state.keys(),
        ),
        gaps,
    )


def _uname(part: Part | None) -> tuple[str, str, str, str, int] | None:
    """Name, release, version, machine, and the line of the release: on one line, or (older recordings) on four."""
    lines = _text_lines(part)
    if len(lines) == 4:
        return lines[0], lines[1], lines[2], lines[3], 2
    words = lines[0].split(" ") if len(lines) == 1 else []
    if len(words) < 4:
        return None
    return words[0], words[1], " ".join(words[2:-1]), words[-1], 1


def _modules(part: Part | None) -> tuple[Module, ...] | None:
    """None when there is no list, which is the rule for a kernel that was built without modules."""
    if part is None or part.status != 0:
        return None
    found: list[Module] = []
    for number, line in enumerate(_text_lines(part), 1):
        if not line:  # the list is there, be it empty
            continue
        match = _MODULE.fullmatch(line)
        if match is None:
            unreadable_row(f"modules:{number} is not a module")
            continue
        users = tuple(name for name in match[4].split(",") if name not in ("", "-", "[permanent]"))
        letters = "".join(character for character in match[7] or "" if character.isalpha())
        count = 0 if match[3] == "-" else int(match[3])
        found.append(Module(match[1], int(match[2]), count, users, letters, Origin(NAME, "modules", number)))
    return tuple(found)


def _security(part: Part | None) -> tuple[str, ...]:
    return tuple(name for line in _text_lines(part) for name in line.strip().split(",") if name)


def _config(part: Part | None) -> tuple[tuple[str, str], ...] | None:
    lines = _text_lines(part)
    if not lines:
        return None
    return tuple((match[1], match[2]) for line in lines if (match := _OPTION.fullmatch(line)))


def _text_lines(part: Part | None) -> list[str]:
    if part is None:
        return []
    return [line.decode("utf-8", "surrogateescape") for line in whole_lines(part)]


SECTION: Section[Kernel] = Section(
    NAME,
    "Kernel release, command line, modules and build options",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=4 * 1024 * 1024, files=FILES), WINDOWS),
    redact,
    depth=Depth.QUICK,
)
