"""The operating system and hardware of a host."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution, from os-release or an older release file.

    ``id`` is the os-release ID (``debian``, ``ubuntu``, ``rhel`` …); ``version`` its VERSION_ID (``12``, ``7.9``),
    which is "" on rolling releases and testing; ``like`` the families of ID_LIKE. ``point_release`` is the exact
    version where a file next to os-release has it (``7.9.2009`` of CentOS 7, ``11.11`` of Debian 11), else "".
    """

    id: str
    version: str
    pretty_name: str
    like: tuple[str, ...]
    codename: str
    origin: Origin
    point_release: str = ""


@dataclass(frozen=True, slots=True)
class Topology:
    """The arrangement of the processors; 0 for what the kernel does not report (often so in virtual machines)."""

    sockets: int
    cores: int
    numa_nodes: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """The firmware's name of the machine (SMBIOS; "" where it has none). Never a serial number."""

    vendor: str
    product: str
    version: str
    board: str
    bios: str


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Bytes of /proc/meminfo at the time of the scan. ``available`` is None before Linux 3.14.

    ``huge_pages`` is the size of the default pool of huge pages, which nothing else can use.
    """

    free: int
    available: int | None
    swap: int
    swap_free: int
    huge_pages: int


@dataclass(frozen=True, slots=True)
class System:
    """Identity and size of a host.

    ``architecture`` is ``uname -m``; ``cgroup_version`` is 0 (none), 1, 2 or 3 for hybrid; ``memory_bytes`` is
    MemTotal; ``virtualization`` is a word such as ``kvm``, ``docker``, ``none`` or "" when it is not known;
    ``boot_time`` and ``clock`` are seconds since the epoch by the host's clock; ``ticks_per_second`` is CLK_TCK;
    ``init`` is the name of PID 1, ``init_system`` its kind (see
    :mod:`inventory.sections.operating_system.init_systems`).

    ``machine_id`` and ``boot_id`` are tokens: equal for hosts that share the id, and good for nothing else. Clones of
    one image have equal machine ids; hosts with one boot id run on one kernel, that is, they are containers of one
    machine. "" where there is none. ``utc_offset`` (``+0100``) and ``zone_name`` (``CET``) hold at the time of the
    scan. ``userland`` is ``busybox`` where that provides the tools. ``banner`` is the first line of /etc/issue of a
    host without any release file: appliances often name themselves only there.
    """

    hostname: str
    architecture: str
    distribution: Distribution | None
    cpus: int
    cpu_model: str
    cpu_flags: tuple[str, ...]
    memory_bytes: int
    timezone: str
    locale: str
    cgroup_version: int
    virtualization: str
    init: str
    boot_time: float
    clock: float
    ticks_per_second: int
    topology: Topology = Topology(0, 0, 0)
    hardware: Hardware | None = None
    memory: MemoryUse | None = None
    init_system: str = ""
    machine_id: str = ""
    boot_id: str = ""
    utc_offset: str = ""
    zone_name: str = ""
    userland: str = ""
    banner: str = ""
