"""Block devices and what is built of them: partitions, LVM, RAID, multipath, DRBD, loop devices, iSCSI.

Everything is read from /sys, /proc and files. The tools (`lvs`, `mdadm`, `multipath`, `drbdadm`) take locks, open the
devices, or write caches, and are not run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from inventory.formats.grep_lines import FileLine, file_lines, rewrite_files
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import skip_row
from inventory.model.storage import BlockDevice, IscsiSession, Storage, VolumeGroup
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.disks.storage.lvm import volume_group
from inventory.sections.disks.storage.raid_arrays import drbd_resources, raid_arrays

NAME = "storage"

# Loop devices that nothing is bound to have size 0 and are left out by the reader. The shell looks for partitions once,
# for each pattern of two stars costs a read of every directory of every device.
FILES = r"""
set --
for bf_file in /sys/block/*/*/partition; do
  [ -e "$bf_file" ] || continue
  bf_file=${bf_file%/*}
  set -- "$@" "$bf_file/partition" "$bf_file/dev" "$bf_file/size" "$bf_file/ro"
done
want 'devices=/*' /sys/block/*/dev /sys/block/*/size /sys/block/*/ro /sys/block/*/removable \
  /sys/block/*/device/model /sys/block/*/dm/name /sys/block/*/dm/uuid /sys/block/*/loop/backing_file "$@" \
  /proc/mdstat /etc/drbd.conf /etc/drbd.d/*.res /sys/class/iscsi_session/*/targetname /sys/class/fc_host/*/port_name
"""
# The links below /dev/disk are the names used in fstab; `ls` reads them without touching the devices. With one
# directory alone it prints no heading, hence /dev/null.
FRAGMENT = r"""
bf_layers() { echo /sys/block/*/slaves/*; }
bf_links() { ls -ln /dev/null /dev/disk/by-uuid /dev/disk/by-label /dev/disk/by-partuuid /dev/disk/by-id 2>/dev/null; }
part layers bf_layers
[ -d /dev/disk ] && part links bf_links
if [ -d /etc/lvm/backup ]; then
  root lvm /usr/bin/find /etc/lvm/backup -type f -exec /bin/grep -aH ^ '{}' +
fi
"""

_SECTOR = 512
_HEADING = re.compile(r"/dev/disk/(?P<folder>[\w-]+):")
_LINK = re.compile(r"l.* (?P<name>\S+) -> (?:\.\./)+(?P<device>[^\s./]\S*)")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_MAPPED = {"LVM": "lvm", "mpath": "multipath", "CRYPT": "crypt"}
_NAMES = (
    ("loop", "loop"),
    ("md", "raid"),
    ("drbd", "drbd"),
    ("sr", "cdrom"),
    ("zram", "zram"),
    ("ram", "ram"),
    ("nbd", "network disk"),
    ("rbd", "network disk"),
)


def parse(recording: SectionRecording) -> Observation[Storage]:
    """Block devices that have a size, by name, and the facts from files about them."""
    part = recording.part("devices")
    if part is None or not part.content:
        return Unknown("/sys/block could not be read: is /sys mounted?")
    files: dict[str, list[FileLine]] = {}
    for row in file_lines(part):
        files.setdefault(row.path, []).append(row)
    devices = _devices(files, recording.part("layers"), recording.part("links"))
    groups, gaps = _groups(recording, devices)
    iscsi = [
        IscsiSession(path.split("/")[4], lines[0].text, Origin(NAME, "devices", lines[0].number))
        for path, lines in files.items()
        if path.startswith("/sys/class/iscsi_session/")
    ]
    ports = (lines[0].text for path, lines in files.items() if path.startswith("/sys/class/fc_host/"))
    drbd = (
        resource
        for path, lines in files.items()
        if path.startswith("/etc/drbd")
        for resource in drbd_resources(path, lines, NAME, "devices")
    )
    return Found(
        Storage(
            devices=devices,
            volume_groups=groups,
            arrays=raid_arrays(files.get("/proc/mdstat", ()), NAME, "devices"),
            drbd=tuple(drbd),
            iscsi=tuple(iscsi),
            fibre_channel=tuple(ports),
        ),
        gaps,
    )


def _devices(files: Mapping[str, list[FileLine]], layers: Part | None, links: Part | None) -> tuple[BlockDevice, ...]:
    facts: dict[str, dict[str, str]] = {}
    origins: dict[str, Origin] = {}
    whole: dict[str, str] = {}
    for path, lines in files.items():
        pieces = path.split("/")
        if not path.startswith("/sys/block/") or len(pieces) < 5:
            continue
        name, attribute = pieces[3], "/".join(pieces[4:])
        if len(pieces) == 6 and pieces[5] in ("partition", "dev", "size", "ro"):
            name, attribute = pieces[4], pieces[5]
            whole[name] = pieces[3]
        facts.setdefault(name, {})[attribute] = lines[0].text
        origins.setdefault(name, Origin(NAME, "devices", lines[0].number))
    lower = _layers(layers)
    names = _links(links)
    found: list[BlockDevice] = []
    for raw, known in facts.items():
        with skip_row:
            size = _number(known.get("size", "0")) * _SECTOR
            if size and "dev" in known:
                found.append(_device(raw, known, size, origins[raw], whole.get(raw, ""), lower, names))
    return tuple(sorted(found, key=lambda device: device.name))


def _device(
    raw: str,
    known: Mapping[str, str],
    size: int,
    origin: Origin,
    whole: str,
    lower: Mapping[str, tuple[str, ...]],
    links: Mapping[str, tuple[str, ...]],
) -> BlockDevice:
    """``raw`` is the name in /sys, ``whole`` that of the disk when this is a partition."""
    uuid = known.get("dm/uuid", "")
    return BlockDevice(
        name=raw.replace("!", "/"),  # the kernel's way to write cciss/c0d0
        kind="partition" if whole else _kind(raw, uuid),
        number=known["dev"],
        size_bytes=size,
        read_only=known.get("ro") == "1",
        removable=known.get("removable") == "1",
        whole=whole.replace("!", "/"),
        lower=lower.get(raw, ()),
        model=known.get("device/model", "").strip(),
        mapper=known.get("dm/name", ""),
        uuid=uuid,
        backing_file=known.get("loop/backing_file", ""),
        links=links.get(raw.replace("!", "/"), ()),
        origin=origin,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise ParseError(f"{text[:40]!r} is not the size of a device")
    return int(text)


def _kind(name: str, uuid: str) -> str:
    if name.startswith("dm-"):
        return _MAPPED.get(uuid.partition("-")[0], "device mapper")
    return next((kind for prefix, kind in _NAMES if re.fullmatch(rf"{prefix}[\d_]\w*", name)), "disk")


def _layers(part: Part | None) -> dict[str, tuple[str, ...]]:
    """The components of each device."""
    found: dict[str, list[str]] = {}
    for word in (part.content.decode("utf-8", "surrogateescape") if part else "").split():
        pieces = word.split("/")
        if len(pieces) == 6 and pieces[4] == "slaves" and pieces[5] != "*":
            found.setdefault(pieces[3], []).append(pieces[5].replace("!", "/"))
    return {name: tuple(lower) for name, lower in found.items()}


def _links(part: Part | None) -> dict[str, tuple[str, ...]]:
    r"""Other names of devices. udev writes odd characters of a label as ``\x20``, so that no name has a blank."""
    found: dict[str, list[str]] = {}
    folder = ""
    for line in whole_lines(part) if part else ():
        text = line.decode("utf-8", "surrogateescape")
        if heading := _HEADING.fullmatch(text):
            folder = heading["folder"]
        elif folder and (match := _LINK.fullmatch(text)):
            name = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), match["name"])
            found.setdefault(match["device"], []).append(f"{folder}/{name}")
    return {device: tuple(names) for device, names in found.items()}


def _groups(
    recording: SectionRecording, devices: tuple[BlockDevice, ...]
) -> tuple[tuple[VolumeGroup, ...] | None, tuple[Gap, ...]]:
    part = recording.part("lvm")
    used = any(device.kind == "lvm" for device in devices)
    if part is None or (part.status == 126 and not part.content):
        if not used:
            return (), ()
        reason = "the host keeps no backup of it" if part is None else "permission denied; scan with become"
        return None, (Gap("composition of the LVM volume groups", reason),)
    found = (volume_group(lines, NAME, part.name) for _, lines in groupby(file_lines(part), key=lambda line: line.path))
    return tuple(group for group in found if group is not None), ()


_SHARED_SECRET = re.compile(rb"(shared-secret[ \t]+\"?)([^\s\";]+)")


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """The secret that the hosts of DRBD share has nothing between its name and itself; the rest is text as ever."""

    def hidden(path: bytes, content: bytes) -> bytes:
        own = redact.within(path)
        return own.text(_SHARED_SECRET.sub(lambda match: match[1] + own.secret(match[2]), content))

    parts = tuple(
        rewrite_files(part, hidden)
        if part.name in ("devices", "lvm")
        else replace(part, content=redact.lines(part.content))
        for part in recording.parts
    )
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


SECTION: Section[Storage] = Section(
    NAME,
    "Block devices, partitions, LVM, RAID, multipath, DRBD, loop devices and iSCSI",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=4 * 1024 * 1024, files=FILES),),
    redact,
)
