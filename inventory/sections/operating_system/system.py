"""The system of a host: its distribution, size, time, locale, and the kind of machine it runs on."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.depth import Depth
from inventory.formats.grep_lines import FileLine
from inventory.formats.grep_lines import file_lines as prefixed_lines
from inventory.formats.procfs.link_listings import process_links
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.process_stat import parse_stat
from inventory.formats.procfs.system_files import SystemFiles
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.system import System
from inventory.observation import Found, Gap, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.operating_system.cpu_model import cpu_model
from inventory.sections.operating_system.cpu_topology import online_cpus, read_topology
from inventory.sections.operating_system.init_systems import read_init_system
from inventory.sections.operating_system.release_files import read_banner, read_distribution
from inventory.sections.operating_system.virtualization import read_hardware, read_virtualization
from inventory.sections.windows.system import VARIANT as WINDOWS

NAME = "system"

# A kernel without /sys/class/dmi (before 2.6.23) still lists its devices. Of a host with many containers most mounts
# are theirs, and a scan that asks for the mounts gets all of them anyway. A quick scan leaves out the hardware. Of
# settings only words (the name of a zone, an id) and chosen assignments are read.
FILES = r"""
drop '^(intr|softirq)( [0-9]+){5,}$|^cpu[0-9]+( [0-9]+){4,}$'
bf_issue=/etc/issue
[ -e /etc/os-release ] && bf_issue=
set -- /etc/os-release /usr/lib/os-release /etc/lsb-release /etc/oracle-release /etc/enterprise-release \
  /etc/vmware-release /etc/redhat-release /etc/system-release /etc/centos-release /etc/fedora-release \
  /etc/SuSE-release /etc/UnitedLinux-release /etc/mandriva-release /etc/mandrake-release \
  /etc/mandrakelinux-release /etc/mageia-release /etc/altlinux-release /etc/alpine-release /etc/gentoo-release \
  /etc/photon-release /etc/conectiva-release /etc/turbolinux-release /etc/trustix-release /etc/yellowdog-release \
  /etc/pld-release /etc/lfs-release /etc/slackware-version /etc/zenwalk-version /etc/debian_version \
  /etc/devuan_version /etc/openwrt_release /etc.defaults/VERSION $bf_issue \
  /proc/meminfo /proc/stat /proc/mounts
bf_parts='release=/etc/*|/etc.defaults/*|/usr/lib/*,tables=/proc/meminfo|/proc/stat|/proc/mounts'
if [ "$BF_DEPTH" = quick ]; then
  drop '^[^ ]+ /[^ ]* (overlay|nsfs|tmpfs|nfs4?|ext4|xfs|proc) r[ow],[^ ]* 0 0$'
  want "$bf_parts" "$@"
else
  bf_devices= bf_environ=
  [ -d /sys/class/dmi/id ] || bf_devices=/proc/bus/pci/devices
  bf_parts="$bf_parts,dmi=/sys/class/dmi/*|/sys/hypervisor/*|/proc/device-tree/*|/run/*"
  bf_parts="$bf_parts,hardware=/proc/1/stat|/proc/1/cgroup|/proc/xen/*|/proc/sysinfo|/proc/sys/*|/sys/devices/*"
  [ "$BF_UID$BF_WHOLE" != 0yes ] || bf_environ=,@init-environ=/proc/1/environ
  want "$bf_parts,@pci=/proc/bus/*$bf_environ" "$@" \
    /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/dmi/id/product_version \
    /sys/class/dmi/id/board_vendor /sys/class/dmi/id/board_name /sys/class/dmi/id/bios_vendor \
    /sys/class/dmi/id/bios_version /sys/hypervisor/type /proc/device-tree/hypervisor/compatible \
    /run/systemd/container /proc/1/stat /proc/1/cgroup /proc/xen/capabilities /proc/sysinfo \
    /proc/sys/kernel/osrelease /sys/devices/system/cpu/online \
    /sys/devices/system/cpu/cpu[0-9]*/topology/core_siblings \
    /sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings \
    /sys/devices/system/node/node[0-9]*/cpulist $bf_devices ${bf_environ:+/proc/1/environ}
  bf_wanted='^[[:space:]]*(export[[:space:]]+)?(RC_)?(ZONE|TIMEZONE|LANG|LC_[A-Z]+)='
  want_matching 'settings=/*' "$bf_wanted|^[A-Za-z0-9_+/:,.-]+[[:space:]]*\$" \
    /etc/machine-id /var/lib/dbus/machine-id /proc/sys/kernel/random/boot_id /etc/timezone /etc/TZ \
    /etc/sysconfig/clock /etc/default/locale /etc/locale.conf /etc/sysconfig/i18n /etc/sysconfig/language \
    /etc/env.d/02locale /etc/profile.d/locale.sh /etc/profile.d/lang.sh /etc/environment
fi
"""

# The first processor is read by the shell: reading all of them costs the kernel more than that. On some machines a
# paragraph about the whole system precedes it.
FRAGMENT = r"""
bf_cpu() {
  bf_first=
  while read -r bf_line; do
    case $bf_line in
      *[a-zA-Z]*) printf '%s\n' "$bf_line" ;;
      *) [ -z "$bf_first" ] || break ;;
    esac
    case $bf_line in [Pp]rocessor*|cpu*) bf_first=yes ;; esac
  done </proc/cpuinfo
}
bf_online() { getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo; }
bf_links() { ls -ln /etc/localtime /sbin/init /bin/ls "$@" 2>/dev/null; }
bf_marks() {
  for bf_mark in /.dockerenv /run/.containerenv /proc/xen /proc/vz /proc/bc /dev/lxd/sock /run/systemd/system \
    /run/openrc /etc/init/rcS.conf /etc/init/rc-sysinit.conf /etc/inittab /etc/arch-release \
    /var/run/secrets/kubernetes.io; do
    [ -e $bf_mark ] && echo $bf_mark
  done
  return 0
}
bf_node() { read -r bf_line </proc/sys/kernel/hostname && printf '%s\n' "$bf_line" || uname -n; }
part node bf_node 2>/dev/null
part machine bf_machine
part cpu bf_cpu
[ -r /sys/devices/system/cpu/online ] || part online bf_online
part clock date '+%s %z %Z'
part ticks bf_ticks
part marks bf_marks
if [ "$BF_DEPTH" != quick ]; then
  if [ "$BF_UID" = 0 ]; then
    part links bf_links /proc/1/exe
  else
    part links bf_links
    root init-links /bin/ls -ln /proc/1/exe
  fi
  if [ "$BF_UID$BF_WHOLE" != 0yes ]; then
    root init-environ /bin/cat /proc/1/environ
  fi
fi
"""

_TABLES = re.compile(
    rb"/proc/stat:btime |/proc/meminfo:(?:(?:Mem(?:Total|Free|Available)|Swap(?:Total|Free)|HugePages_Total"
    rb"|Hugepagesize):)|/proc/mounts:.* cgroup2? "
)
"""Of these tables the other lines change with each moment, and nothing uses them."""
_LINE = re.compile(r"(?P<path>/[^:]*):(?P<text>.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+|RC_)?(?P<name>[A-Z_a-z]+)=[\"']?(?P<value>[^\"'#]*+)[\"']?\s*+(?:#.*)?")
_LOCALTIME = re.compile(r"/etc/localtime -> (?P<zone>.+)")


_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/random/boot_id")
_CHOSEN = re.compile(
    rb"/[^:]*:(?:\s*(?:export\s+)?(?:RC_)?(?:ZONE|TIMEZONE|LANG|LC_[A-Z]+)=|[A-Za-z0-9_+/:,.-]+\s*\Z|<redacted[:>])"
)
_ZONES = ("/etc/timezone", "/etc/TZ", "/etc/sysconfig/clock")


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """Ids become tokens; the environment of PID 1, settings and a banner may hold secrets."""
    parts = tuple(replace(part, content=_redacted(part, secrets)) for part in recording.parts)
    return replace(recording, parts=parts, errors=secrets.lines(recording.errors))


def _redacted(part: Part, secrets: Redact) -> bytes:
    if part.name == "init-environ":
        return secrets.environment(part.content)
    if part.name == "settings":
        # Lines that another section chose may come along.
        lines = [line for line in part.content.split(b"\n") if not line or _CHOSEN.match(line)]
        return b"\n".join(_setting_redacted(line, secrets) for line in lines)
    if part.name == "tables":
        return b"".join(line + b"\n" for line in part.content.split(b"\n") if _TABLES.match(line))
    if part.name == "pci":
        # the vendor and the device, between the place and the addresses
        rows = [line.split(b"\t") for line in part.content.split(b"\n")]
        return b"\n".join(row[1] if len(row) > 1 else row[0] for row in rows)
    if part.name == "release":
        lines = part.content.split(b"\n")
        return b"\n".join(secrets.text(line) if line.startswith(b"/etc/issue:") else line for line in lines)
    return part.content


def _setting_redacted(line: bytes, secrets: Redact) -> bytes:
    path, colon, value = line.partition(b":")
    if path.decode("ascii", "replace") not in _IDS:
        return secrets.within(path).text(line)
    return path + colon + (value if value.strip() == b"uninitialized" else secrets.identifier(value))


def parse(recording: SectionRecording) -> Observation[System]:
    """The system. Facts that a host did not report are "" or 0, and named as a gap where it matters."""
    machine, node = _one_line(recording, "machine"), _one_line(recording, "node")
    if not machine:
        return Unknown("uname did not answer")
    release = file_lines(recording.part("release"))
    marks = _lines(recording.part("marks"))
    distribution = read_distribution(release, marks)
    tables = SystemFiles(recording)
    settings = file_lines(recording.part("settings"))
    hardware = list(prefixed_lines(recording.part("hardware")))
    cpu = _cpu_fields(recording.part("cpu"))
    cpus = online_cpus(hardware) or _cpus(recording)
    flags = tuple((cpu.get("flags") or cpu.get("Features") or cpu.get("features") or "").split())
    clock, *zone = _one_line(recording, "clock").split(" ", 2)
    links = [*_lines(recording.part("timezone")), *_lines(recording.part("links"))]
    init = _init(recording, hardware, links)
    gaps: list[Gap] = []
    if distribution is None:
        gaps.append(Gap("distribution", "no release file was readable"))
    system = System(
        hostname=node,
        architecture=machine,
        distribution=distribution,
        cpus=cpus,
        cpu_model=cpu_model(cpu),
        cpu_flags=flags,
        memory_bytes=tables.memory_bytes,
        timezone=_timezone(links, settings),
        locale=_locale([*file_lines(recording.part("locale")), *settings]),
        cgroup_version=tables.cgroup_version,
        virtualization=read_virtualization(recording, flags),
        init=init,
        boot_time=tables.boot_time,
        # before 1970 where a battery is empty and the zone is east of Greenwich
        clock=float(-_integer(clock[1:], "clock") if clock.startswith("-") else _integer(clock, "clock")),
        ticks_per_second=_integer(_one_line(recording, "ticks") or "100", "ticks") or 100,
        topology=read_topology(hardware, cpu, cpus),
        hardware=read_hardware(_lines(recording.part("dmi"))),
        memory=tables.memory,
        init_system=read_init_system(init, _target(links, "/sbin/init"), marks),
        machine_id=_first(settings, _IDS[:2]),
        boot_id=_first(settings, _IDS[2:]),
        utc_offset=zone[0] if zone else "",
        zone_name=zone[1] if len(zone) > 1 else "",
        userland="busybox" if _target(links, "/bin/ls").rsplit("/", 1)[-1] == "busybox" else "",
        banner=read_banner(release) if distribution is None else "",
    )
    return Found(system, tuple(gaps))


def file_lines(part: Part | None) -> list[tuple[str, str, int]]:
    """Path, text and line number of what ``grep -aH ''`` printed of several files."""
    found: list[tuple[str, str, int]] = []
    for number, line in enumerate(_lines(part), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            unreadable_row(f"{part.name if part else ''}:{number} is not a line of a file")
            continue
        found.append((match["path"], match["text"], number))
    return found


def _lines(part: Part | None) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in whole_lines(part)] if part is not None else []


def _one_line(recording: SectionRecording, name: str) -> str:
    lines = _lines(recording.part(name))
    return lines[0].strip() if lines else ""


def _integer(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        unreadable_row(f"{name}:1 is not a number")
        return 0
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
        if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) > 0:
            return int(text)
    # a kernel for one processor of ARM numbers none
    return 1 if "Processor" in _cpu_fields(recording.part("cpu")) else 0


def _timezone(lines: list[str], settings: list[tuple[str, str, int]]) -> str:
    """A name of the zone database: the link of /etc/localtime, else the content of a file; "" for a bare copy."""
    written = [(match["path"], match["text"]) for line in lines if (match := _LINE.fullmatch(line))]
    for line in lines:
        if match := _LOCALTIME.search(line):
            return match["zone"].split("/zoneinfo/", 1)[-1]
    for path, text in [*written, *((path, text) for path, text, _ in settings if path in _ZONES)]:
        assignment = _ASSIGNMENT.fullmatch(text)
        if assignment is None and path != "/etc/sysconfig/clock":
            return text.strip()
        if assignment is not None and assignment["name"] in ("ZONE", "TIMEZONE"):
            # Red Hat's old tools wrote the name as people read it: ZONE="America/Los Angeles"
            return assignment["value"].strip().replace(" ", "_")
    return ""


def _target(lines: list[str], link: str) -> str:
    """The target of a link in a listing of `ls -ln`; "" for anything else."""
    for line in lines:
        head, arrow, target = line.partition(f" {link} -> ")
        if arrow and head.startswith("l"):
            return target
    return ""


def _first(settings: list[tuple[str, str, int]], paths: tuple[str, ...]) -> str:
    """The first line of the first of these files; an id that was not made yet is none."""
    found = {path: text.strip() for path, text, _ in reversed(settings)}
    return next((found[path] for path in paths if found.get(path, "uninitialized") != "uninitialized"), "")


def _locale(settings: list[tuple[str, str, int]]) -> str:
    """LC_ALL, else LANG, of the first file that has it."""
    values: dict[str, str] = {}
    for path, text, _ in settings:
        if path in (*_IDS, *_ZONES) or text.lstrip().startswith("#"):
            continue
        if match := _ASSIGNMENT.fullmatch(text):
            values.setdefault(match["name"], match["value"].strip())
    return values.get("LC_ALL") or values.get("LANG") or ""


def _init(recording: SectionRecording, hardware: list[FileLine], links: list[str]) -> str:
    """The name of the executable of PID 1 (root only), else what the process calls itself."""
    listed = _target(links, "/proc/1/exe")
    if listed:
        return listed.rsplit("/", 1)[-1].removesuffix(" (deleted)")
    part = recording.part("init-links")
    for link in process_links(part).links if part is not None else ():
        if link.pid == 1 and link.name == "exe":
            return link.path.rsplit("/", 1)[-1]
    older = recording.part("init")
    content = older.content if older is not None else b""
    # a name may hold a newline
    text = "\n".join(line.text for line in hardware if line.path == "/proc/1/stat")
    content = content or text.encode("utf-8", "surrogateescape")
    with skip_row:
        return parse_stat(content).name if content else ""
    return ""


SECTION: Section[System] = Section(
    NAME,
    "Distribution, machine, time zone, locale and size of the host",
    (
        Variant(
            Platform.POSIX,
            FRAGMENT,
            parse,
            seconds=15,
            cap=1024 * 1024,
            files=FILES,
            documents=frozenset({"init-environ"}),
        ),
        WINDOWS,
    ),
    redact,
    depth=Depth.QUICK,
)
