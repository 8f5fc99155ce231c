"""Running processes."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Process:
    """One process. A field that could not be read (another user's, without root) is None, never a default.

    ``executable`` is the target of /proc/PID/exe without " (deleted)" (see ``executable_deleted``); ``environment`` is
    redacted; ``start_seconds`` counts from boot; ``capabilities`` is CapEff; ``limits`` maps e.g. "Max open files" to
    (soft, hard) as printed; ``open_write_paths`` lives in the section open_files. ``namespaces`` maps a kind (``net``)
    to its inode number. ``cgroups`` are the paths of /proc/PID/cgroup.
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
    def command(self) -> str:
        """The command line for people; the kernel's short name in brackets when it is empty."""
        return " ".join(self.arguments) if self.arguments else f"[{self.name}]"
