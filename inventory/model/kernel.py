"""The kernel a host runs on."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin

_TAINTS = (
    "proprietary module", "module was forced to load", "unsuited hardware or SMP", "module was forced to unload",
    "machine check", "bad page", "tainted by userspace", "died recently", "ACPI table overridden", "warning",
    "staging driver", "firmware workaround", "out-of-tree module", "unsigned module", "soft lockup", "live patch",
    "tainted by the distribution", "structure layout randomised", "in-kernel test", "fwctl",
)  # fmt: skip
"""The meaning of the bits of /proc/sys/kernel/tainted, from bit 0 (Documentation/admin-guide/tainted-kernels.rst)."""


@dataclass(frozen=True, slots=True)
class Module:
    """A row of /proc/modules. ``taint`` holds its letters: P proprietary, O out of tree, E unsigned."""

    name: str
    size_bytes: int
    use_count: int
    used_by: tuple[str, ...]
    taint: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class HugePages:
    """A pool of huge pages of one size; counts are pages (Documentation/admin-guide/mm/hugetlbpage.rst)."""

    size_bytes: int
    total: int
    free: int
    reserved: int
    surplus: int
    overcommit: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class BinaryFormat:
    """An interpreter that the kernel starts for files of a kind (Documentation/admin-guide/binfmt-misc.rst).

    ``pattern`` is an extension (``.py``) or the magic in hexadecimal. ``flags``: F means that the interpreter was
    opened at registration, so that it works in containers too.
    """

    name: str
    interpreter: str
    flags: str
    pattern: str
    enabled: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Protocol:
    """A row of /proc/net/protocols: a family of sockets that the kernel knows, and how many are in use.

    ``module`` is ``kernel`` for what was built in.
    """

    name: str
    sockets: int
    module: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Filesystem:
    """A type of file systems that the kernel can mount now; ``device``: it needs a block device."""

    name: str
    device: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class KernelKey:
    """A row of /proc/keys: a key of the kernel's keyrings (keyrings(7)), never its content.

    Keyrings belong to the host and not to a container; ``kind`` is e.g. ``user``, ``keyring``, ``cifs.spnego``.
    """

    serial: int
    kind: str
    description: str
    uid: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Kernel:
    """``release`` is ``uname -r``. ``config`` holds CONFIG_ options that are y or m; None when no config was readable.

    ``tainted`` is /proc/sys/kernel/tainted. ``security_modules`` as in /sys/kernel/security/lsm, else what the host
    showed; ``selinux`` is ``enforcing``, ``permissive``, or "" where it is off. ``transparent_huge_pages`` is
    ``always``, ``madvise``, ``never`` or "" when the kernel has none; ``clock_source`` its time source. ``fips`` is
    None when the kernel does not report it. ``binary_formats`` is None where binfmt_misc is not mounted, ``keys`` where
    /proc/keys could not be read (a reader sees only keys that it may view), ``protocols`` and ``filesystems`` when they
    were not asked.
    """

    name: str
    release: str
    version: str
    architecture: str
    command_line: str
    tainted: int
    modules: tuple[Module, ...]
    security_modules: tuple[str, ...]
    config: tuple[tuple[str, str], ...] | None
    origin: Origin
    selinux: str = ""
    fips: bool | None = None
    transparent_huge_pages: str = ""
    huge_pages: tuple[HugePages, ...] = ()
    clock_source: str = ""
    binary_formats: tuple[BinaryFormat, ...] | None = None
    protocols: tuple[Protocol, ...] | None = None
    filesystems: tuple[Filesystem, ...] | None = None
    keys: tuple[KernelKey, ...] | None = None

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor number of the release, (0, 0) when it has none."""
        head = self.release.split("-")[0].split(".")
        try:
            return int(head[0]), int(head[1])
        except (IndexError, ValueError):
            return 0, 0

    @property
    def taints(self) -> tuple[str, ...]:
        """The meanings of ``tainted``, in words; a bit that is younger than this list by its number."""
        bits = (bit for bit in range(self.tainted.bit_length()) if self.tainted >> bit & 1)
        return tuple(_TAINTS[bit] if bit < len(_TAINTS) else f"bit {bit}" for bit in bits)
