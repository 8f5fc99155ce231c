"""Block devices and what is built of them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class BlockDevice:
    """A disk, a part of one, or a device made of others.

    ``kind`` is disk, partition, cdrom, loop, lvm, multipath, crypt, device mapper, raid, drbd, network disk, ram or
    zram. ``number`` is MAJOR:MINOR (also in mountinfo); ``whole`` the disk of a partition, else ""; ``lower`` the
    devices it is made of. ``mapper`` is its name in /dev/mapper, ``backing_file`` the file of a loop device, else "".
    ``links`` are its other names below /dev/disk (``by-uuid/…``, ``by-label/…``).
    """

    name: str
    kind: str
    number: str
    size_bytes: int
    read_only: bool
    removable: bool
    whole: str
    lower: tuple[str, ...]
    model: str
    mapper: str
    uuid: str
    backing_file: str
    links: tuple[str, ...]
    origin: Origin

    @property
    def paths(self) -> tuple[str, ...]:
        """The names by which fstab or a process may refer to it."""
        mapper = (f"/dev/mapper/{self.mapper}",) if self.mapper else ()
        return (f"/dev/{self.name}", *mapper, *(f"/dev/disk/{link}" for link in self.links))


@dataclass(frozen=True, slots=True)
class PhysicalVolume:
    """A device of a volume group; ``device`` is where it was when the group was last changed."""

    device: str
    uuid: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LogicalVolume:
    """A logical volume; ``kind`` is the type of its segments (striped, raid1, thin, thin-pool, snapshot …)."""

    name: str
    uuid: str
    kind: str
    size_bytes: int
    origin: Origin

    @property
    def hidden(self) -> bool:
        """Whether it is a piece of another one (the legs of a mirror, the data of a pool)."""
        return self.name.endswith(_PIECES)


_PIECES = ("_pmspare", "_tdata", "_tmeta", "_cdata", "_cmeta", "_corig", "_mlog")


@dataclass(frozen=True, slots=True)
class VolumeGroup:
    """A volume group of LVM, from the backup of its metadata that LVM writes at each change."""

    name: str
    uuid: str
    clustered: bool
    physical: tuple[PhysicalVolume, ...]
    logical: tuple[LogicalVolume, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class RaidArray:
    """A software RAID; ``working`` of ``wanted`` members work (None where the kernel does not report it: RAID 0)."""

    name: str
    level: str
    active: bool
    members: tuple[str, ...]
    failed: tuple[str, ...]
    wanted: int | None
    working: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class DrbdResource:
    """A device that is mirrored to other hosts: which hosts, at which ``ADDRESS:PORT``, on which devices."""

    name: str
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    devices: tuple[str, ...]
    disks: tuple[str, ...]
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class IscsiSession:
    """A session with an iSCSI target."""

    name: str
    target: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Storage:
    """All block devices. ``volume_groups`` is None when LVM is in use and its metadata could not be read.

    ``fibre_channel`` lists the world-wide names of the host's own ports.
    """

    devices: tuple[BlockDevice, ...]
    volume_groups: tuple[VolumeGroup, ...] | None
    arrays: tuple[RaidArray, ...]
    drbd: tuple[DrbdResource, ...]
    iscsi: tuple[IscsiSession, ...]
    fibre_channel: tuple[str, ...]

    def device(self, path: str) -> BlockDevice | None:
        """The device that is called ``path`` (below /dev), or has this number (``8:1``)."""
        return next((each for each in self.devices if path == each.number or path in each.paths), None)
