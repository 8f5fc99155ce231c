"""The kernel: its release, how it was built and started, and what was loaded into it."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.depth import Depth
from inventory.model.kernel import Kernel, Module
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Redact, Section, Variant

NAME = "kernel"

FRAGMENT = r"""
bf_uname() { uname -s; uname -r; uname -v; uname -m; }
bf_security() {
  cat /sys/kernel/security/lsm 2>/dev/null && { echo; return; }
  for bf_enforce in /sys/fs/selinux/enforce /selinux/enforce; do [ -r $bf_enforce ] && echo selinux && break; done
  grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null && echo apparmor
  return 0
}
bf_config() {
  bf_release=`uname -r`
  for bf_file in "/boot/config-$bf_release" "/lib/modules/$bf_release/config" "/usr/lib/kernel/config-$bf_release"; do
    [ -r "$bf_file" ] && { grep -E '^CONFIG_[A-Z0-9a-z_]+=(y|m)$' "$bf_file"; return; }
  done
  [ -r /proc/config.gz ] && gzip -dc </proc/config.gz | grep -E '^CONFIG_[A-Z0-9a-z_]+=(y|m)$'
}
part uname bf_uname
part command-line cat /proc/cmdline
bf_modules() { cat /proc/modules 2>/dev/null; }
part modules bf_modules
part tainted cat /proc/sys/kernel/tainted
part security bf_security
part config bf_config
"""

_MODULE = re.compile(r"(\S+) (\d+) (\d+|-) (\S+) (\S+)(?: (\S+))?(?: \(([A-Z+-]+)\))?")
_OPTION = re.compile(r"(CONFIG_[A-Za-z0-9_]+)=([ym])")


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """The command line of the kernel is an argument vector (an installer's URL may hold a password)."""
    parts = tuple(
        replace(part, content=secrets.arguments(part.content.replace(b" ", b"\0")).replace(b"\0", b" "))
        if part.name == "command-line"
        else part
        for part in recording.parts
    )
    return replace(recording, parts=parts, errors=secrets.text(recording.errors))


def parse(recording: SectionRecording) -> Observation[Kernel]:
    """The kernel of the host."""
    uname = _text_lines(recording.part("uname"))
    if len(uname) != 4:
        return Unknown("uname did not answer")
    tainted = "".join(_text_lines(recording.part("tainted"))) or "0"
    if not (tainted.isascii() and tainted.isdigit()):
        raise ParseError("tainted:1 is not a number")
    config = _config(recording.part("config"))
    modules = _modules(recording.part("modules"))
    gaps: tuple[Gap, ...] = ()
    if modules is None and (config is None or ("CONFIG_MODULES", "y") in config):
        gaps = (Gap("kernel modules", "/proc/modules could not be read"),)
    return Found(
        Kernel(
            name=uname[0],
            release=uname[1],
            version=uname[2],
            architecture=uname[3],
            command_line=" ".join(_text_lines(recording.part("command-line"))).strip(),
            tainted=int(tainted),
            modules=modules or (),
            security_modules=_security(recording.part("security")),
            config=config,
            origin=Origin(NAME, "uname", 2),
        ),
        gaps,
    )


def _modules(part: Part | None) -> tuple[Module, ...] | None:
    """None when there is no list, which is the rule for a kernel that was built without modules."""
    if part is None or part.status != 0:
        return None
    found: list[Module] = []
    for number, line in enumerate(_text_lines(part), 1):
        match = _MODULE.fullmatch(line)
        if match is None:
            raise ParseError(f"modules:{number} is not a module")
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
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        match = _OPTION.fullmatch(line)
        if match is None:
            raise ParseError(f"config:{number} is not an option")
        found.append((match[1], match[2]))
    return tuple(found)


def _text_lines(part: Part | None) -> list[str]:
    if part is None:
        return []
    return [line.decode("utf-8", "surrogateescape") for line in whole_lines(part)]


SECTION: Section[Kernel] = Section(
    NAME,
    "Kernel release, command line, modules and build options",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=4 * 1024 * 1024),),
    redact,
    depth=Depth.QUICK,
)
