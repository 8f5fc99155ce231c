"""Running processes and their attributes."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin

_POLICIES = {0: "other", 1: "fifo", 2: "rr", 3: "batch", 4: "iso", 5: "idle", 6: "deadline", 7: "ext"}
"""Names of the scheduling policies, as in sched(7) and ``include/uapi/linux/sched.h``."""


@dataclass(frozen=True, slots=True)
class CapabilitySets:
    """The masks CapInh, CapPrm, CapEff, CapBnd and CapAmb of /proc/PID/status, see capabilities(7).

    ``bounding`` is None before Linux 2.6.26 and ``ambient`` before 4.3, which have no such line.
    """

    inheritable: int
    permitted: int
    effective: int
    bounding: int | None
    ambient: int | None


@dataclass(frozen=True, slots=True)
class Memory:
    """Sizes of a process in bytes, from /proc/PID/status. None where the kernel is too old to report it.

    ``virtual`` and ``peak_virtual`` are address space (VmSize, VmPeak); ``anonymous``, ``file`` and ``shared`` make up
    the resident size (RssAnon, RssFile, RssShmem, Linux 4.5); ``locked`` is VmLck, ``swapped`` VmSwap (2.6.34) and
    ``huge_pages`` HugetlbPages (4.4: pages of hugetlbfs, not transparent ones).
    """

    virtual: int | None
    peak_virtual: int | None
    anonymous: int | None
    file: int | None
    shared: int | None
    locked: int | None
    swapped: int | None
    huge_pages: int | None


@dataclass(frozen=True, slots=True)
class Process:
    """One process. A field that could not be read (another user's, without root) is None, never a default.

    ``executable`` is the target of /proc/PID/exe without " (deleted)" (see ``executable_deleted``); ``environment`` is
    redacted; ``start_seconds`` counts from boot; ``capabilities`` is CapEff; ``limits`` maps e.g. "Max open files" to
    (soft, hard) as printed; ``open_write_paths`` lives in the section open_files. ``namespaces`` maps a kind (``net``)
    to its inode number. ``cgroups`` are the paths of /proc/PID/cgroup.

    ``realtime_priority`` is 1 to 99 under the policies fifo and rr, else 0. ``allowed_cpus`` and ``allowed_nodes`` are
    lists as the kernel writes them (``0-3,8``), "" where it does not report them. ``no_new_privileges`` is None before
    Linux 4.10. ``other_namespaces`` are the kinds of which PID 1 of the host has another one; None when one of the two
    could not be read. ``namespace_pids`` are the process's numbers in the nested PID namespaces, outermost first (Linux
    4.1); it has one when the process sees itself under the number that the host sees. ``account`` is the owner's name
    on Windows (with its domain before it), where ``uid`` and ``gid`` are -1.
    """

    pid: int
    ppid: int
    name: str
    state: str
    kernel: bool
    executable: str | None
    executable_deleted: bool
    working_directory: str | None
    root: str | None
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] | None
    uid: int
    gid: int
    effective_uid: int
    groups: tuple[int, ...]
    cgroups: tuple[str, ...]
    start_seconds: float
    cpu_seconds: float
    rss_bytes: int
    peak_rss_bytes: int
    threads: int
    nice: int
    scheduling_policy: int
    capabilities: int
    seccomp: int
    umask: int | None
    limits: tuple[tuple[str, str, str], ...]
    namespaces: tuple[tuple[str, str], ...]
    session: int
    tty: int
    origin: Origin
    realtime_priority: int = 0
    allowed_cpus: str = ""
    allowed_nodes: str = ""
    capability_sets: CapabilitySets | None = None
    no_new_privileges: bool | None = None
    memory: Memory | None = None
    other_namespaces: tuple[str, ...] | None = None
    namespace_pids: tuple[int, ...] = ()
    account: str = ""

    @property
    def in_memory(self) -> bool:
        """Whether its program never was a file: the kernel then names the memory (``/memfd:NAME``, memfd_create(2)) and
        marks it as deleted.
        """
        return self.executable_deleted and (self.executable or "").startswith("/memfd:")

    @property
    def unit(self) -> str | None:
        """The systemd unit the cgroup names (``nginx.service``); None outside of systemd, and for user sessions'
        scopes.
        """
        for path in self.cgroups:
            for piece in reversed(path.split("/")):
                if piece.endswith((".service", ".scope")):
                    return piece
        return None

    @property
    def scheduling(self) -> str:
        """The scheduling policy by name (``other``, ``fifo``, ``rr`` …); its number when it has none."""
        return _POLICIES.get(self.scheduling_policy, str(self.scheduling_policy))

    @property
    def command(self) -> str:
        """The command line for people; the kernel's short name in brackets when it is empty."""
        return " ".join(self.arguments) if self.arguments else f"[{self.name}]"
