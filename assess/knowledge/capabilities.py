"""Capabilities by name, and those that engines leave to a container."""

from __future__ import annotations

NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
"""From bit 0, see capabilities(7) and ``include/uapi/linux/capability.h``."""

DOCKER_DEFAULT = 0xA80425FB
"""What Docker and containerd leave to root in a container (its documentation, "Runtime privilege")."""

_PODMAN_WITHOUT = ("MKNOD", "NET_RAW", "AUDIT_WRITE")
PODMAN_DEFAULT = DOCKER_DEFAULT & ~sum(1 << NAMES.index(name) for name in _PODMAN_WITHOUT)
"""The same of Podman, see containers.conf(5), ``default_capabilities``."""


def default_capabilities(engine: str) -> int:
    """The mask of an engine; that of Docker for all but Podman."""
    return PODMAN_DEFAULT if engine == "podman" else DOCKER_DEFAULT


def names(mask: int) -> tuple[str, ...]:
    """The names of the bits of a mask without ``CAP_``; a bit that is younger than the list by its number."""
    bits = (bit for bit in range(mask.bit_length()) if mask >> bit & 1)
    return tuple(NAMES[bit] if bit < len(NAMES) else f"bit {bit}" for bit in bits)


def unrestricted(mask: int) -> bool:
    """Whether it is root as the kernel made it: with what every kernel since 2.6.25 gives (capabilities 0 to 33).

    Engines and init systems take single ones away from whole hosts that are containers themselves; a process that gave
    up what it does not need keeps a few.
    """
    return mask.bit_count() >= 30
