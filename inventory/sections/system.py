"""Which system this is: its distribution, size, time, locale, and what kind of machine it runs on."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.depth import Depth
from inventory.model.system import System
from inventory.observation import Found, Gap, Observation, Unknown
from inventory.platforms import Platform
from inventory.procfs.links import process_links
from inventory.procfs.records import whole_lines
from inventory.procfs.stat import parse_stat
from inventory.recording import Part, SectionRecording
from inventory.release_files import read_distribution
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.windows.system import VARIANT as WINDOWS
from inventory.virtualization import read_virtualization

NAME = "system"

FRAGMENT = r"""
bf_lines() { grep -aH '' "$@" 2>/dev/null; }
bf_cpu() { sed '/^[^a-zA-Z]*$/q' /proc/cpuinfo; echo "count `grep -c '^processor' /proc/cpuinfo`"; }
bf_online() { getconf _NPROCESSORS_ONLN 2>/dev/null; }
bf_memory() { grep '^MemTotal:' /proc/meminfo; }
bf_timezone() {
  bf_lines /etc/timezone /etc/TZ
  bf_lines /etc/sysconfig/clock | grep -E ':(ZONE|TIMEZONE)='
  ls -ln /etc/localtime 2>/dev/null
}
bf_locale() {
  bf_lines /etc/default/locale /etc/locale.conf /etc/sysconfig/i18n /etc/sysconfig/language /etc/profile.d/locale.sh |
    grep -E '(LANG|LC_[A-Z]+)='
}
bf_init() { cat /proc/1/stat; }
bf_boot() { grep '^btime ' /proc/stat; }
bf_ticks() { getconf CLK_TCK 2>/dev/null || echo 100; }
bf_dmi() {
  cd /sys/class/dmi/id 2>/dev/null && bf_lines sys_vendor product_name bios_vendor board_vendor
  bf_lines /sys/hypervisor/type /proc/device-tree/hypervisor/compatible /run/systemd/container
}
bf_release() {
  bf_lines /etc/os-release /usr/lib/os-release /etc/lsb-release /etc/redhat-release /etc/system-release \
    /etc/SuSE-release /etc/alpine-release /etc/gentoo-release /etc/slackware-version /etc/debian_version
}
bf_marks() {
  for bf_mark in /.dockerenv /run/.containerenv /proc/xen /proc/vz /proc/bc /dev/lxd/sock; do
    [ -e $bf_mark ] && echo $bf_mark
  done
  return 0
}
part node uname -n
part machine uname -m
part release bf_release
part cpu bf_cpu
part online bf_online
part memory bf_memory
part timezone bf_timezone
part locale bf_locale
part cgroup grep -E ' cgroup2? ' /proc/mounts
part init bf_init
part boot bf_boot
part clock date +%s
part ticks bf_ticks
part dmi bf_dmi
part marks bf_marks
root init-links /bin/ls -ln /proc/1/exe
root init-environ /bin/cat /proc/1/environ
"""

_LINE = re.compile(r"(?P<path>/[^:]*):(?P<text>.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+|RC_)?(?P<name>[A-Z_a-z]+)=[\"']?(?P<value>[^\"'#]*?)[\"']?\s*(?:#.*)?")
_LOCALTIME = re.compile(r"/etc/localtime -> (?:.*?/zoneinfo/)?(?P<zone>.+)")


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """Only the environment of PID 1 may hold a secret."""
    parts = tuple(
        replace(part, content=secrets.environment(part.content)) if part.name == "init-environ" else part
        for part in recording.parts
    )
    return replace(recording, parts=parts, errors=secrets.text(recording.errors))


def parse(recording: SectionRecording) -> Observation[System]:
    """The system. What a host did not tell is "" or 0, and named as a gap where it matters."""
    machine, node = _one_line(recording, "machine"), _one_line(recording, "node")
    if not machine:
        return Unknown("uname did not answer")
    distribution = read_distribution(file_lines(recording.part("release")))
    boot = _one_line(recording, "boot").removeprefix("btime ")
    cpu = _cpu_fields(recording.part("cpu"))
    flags = tuple((cpu.get("flags") or cpu.get("Features") or cpu.get("features") or "").split())
    gaps: list[Gap] = []
    if distribution is None:
        gaps.append(Gap("distribution", "no release file was readable"))
    system = System(
        hostname=node,
        architecture=machine,
        distribution=distribution,
        cpus=_cpus(recording),
        cpu_model=cpu.get("model name") or cpu.get("cpu model") or cpu.get("cpu") or cpu.get("Hardware") or "",
        cpu_flags=flags,
        memory_bytes=_memory(recording.part("memory")),
        timezone=_timezone(recording.part("timezone")),
        locale=_locale(recording.part("locale")),
        cgroup_version=_cgroup_version(recording.part("cgroup")),
        virtualization=read_virtualization(recording, flags),
        init=_init(recording),
        boot_time=float(_integer(boot, "boot")) if boot else 0.0,
        clock=float(_integer(_one_line(recording, "clock"), "clock")),
        ticks_per_second=_integer(_one_line(recording, "ticks") or "100", "ticks"),
    )
    return Found(system, tuple(gaps))


def file_lines(part: Part | None) -> list[tuple[str, str, int]]:
    """Path, text and line number of what ``grep -aH ''`` printed of several files."""
    found: list[tuple[str, str, int]] = []
    for number, line in enumerate(_lines(part), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ParseError(f"{part.name if part else ''}:{number} is not a line of a file")
        found.append((match["path"], match["text"], number))
    return found


def _lines(part: Part | None) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in whole_lines(part)] if part is not None else []


def _one_line(recording: SectionRecording, name: str) -> str:
    lines = _lines(recording.part(name))
    return lines[0].strip() if lines else ""


def _integer(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ParseError(f"{name}:1 is not a number")
    return int(text)


def _cpu_fields(part: Part | None) -> dict[str, str]:
    """``name : value`` of the first processor, and ``count`` of them all."""
    fields: dict[str, str] = {}
    for line in _lines(part):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
        elif line.startswith("count "):
            fields["count"] = line[6:].strip()
    return fields


def _cpus(recording: SectionRecording) -> int:
    """Online processors; some architectures list them in another way than one ``processor`` line each."""
    for text in (_one_line(recording, "online"), _cpu_fields(recording.part("cpu")).get("count", "")):
        if text.isascii() and text.isdigit() and int(text) > 0:
            return int(text)
    return 0


def _memory(part: Part | None) -> int:
    lines = _lines(part)
    if not lines:
        return 0
    match = re.fullmatch(r"MemTotal:\s*(\d+) kB", lines[0], re.ASCII)
    if match is None:
        raise ParseError("memory:1 is not the total memory")
    return int(match[1]) * 1024


def _timezone(part: Part | None) -> str:
    """A name of the zone database: the link of /etc/localtime, else what a file says; "" for a bare copy."""
    written = ""
    for line in _lines(part):
        if match := _LOCALTIME.search(line):
            return match["zone"]
        if (match := _LINE.fullmatch(line)) and not written:
            assignment = _ASSIGNMENT.fullmatch(match["text"])
            written = (assignment["value"] if assignment else match["text"]).strip()
    return written


def _locale(part: Part | None) -> str:
    """LC_ALL, else LANG, of the first file that has it."""
    values: dict[str, str] = {}
    for _, text, _ in file_lines(part):
        if not text.lstrip().startswith("#") and (match := _ASSIGNMENT.fullmatch(text)):
            values.setdefault(match["name"], match["value"].strip())
    return values.get("LC_ALL") or values.get("LANG") or ""


def _cgroup_version(part: Part | None) -> int:
    kinds = {line.split(" ")[2] for line in _lines(part) if line.count(" ") >= 3}
    return (1 if "cgroup" in kinds else 0) + (2 if "cgroup2" in kinds else 0)


def _init(recording: SectionRecording) -> str:
    """The name of the executable of PID 1 (root only), else what the process calls itself."""
    links = recording.part("init-links")
    for link in process_links(links).links if links is not None else ():
        if link.pid == 1 and link.name == "exe":
            return link.path.rsplit("/", 1)[-1]
    stat = recording.part("init")
    return parse_stat(stat.content).name if stat is not None and stat.content else ""


SECTION: Section[System] = Section(
    NAME,
    "Distribution, machine, time zone, locale and size of the host",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=1024 * 1024), WINDOWS),
    redact,
    depth=Depth.QUICK,
)
