"""The container hosts that workloads are judged against: scanned ones, else this machine's own engine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assess.model import Target
from assess.targets.port_ranges import NODE_PORTS, ephemeral_ports, in_swarm, reserved_ports, unprivileged_port_start
from inventory.model.kernel import Kernel
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.observation import Found, value_or_none
from inventory.platforms import Platform
from inventory.snapshot import Snapshot

GROUP = "container_hosts"

_ENGINES = (
    # Packages under the names of distributions and of the makers; the first that is installed counts.
    ("docker", ("docker-ce", "docker.io", "docker-engine", "docker", "moby-engine")),
    ("podman", ("podman", "podman-docker")),
    ("containerd", ("containerd.io", "containerd")),
    ("crun", ("crun",)),
    ("runc", ("runc",)),
)
_PROCESSES = {
    "dockerd": "docker",
    "containerd": "containerd",
    "podman": "podman",
    "crio": "cri-o",
    "kubelet": "kubernetes",
}


def is_target(snapshot: Snapshot) -> bool:
    """Whether the host is a container host by its group in the inventory, and not a legacy server."""
    return GROUP in snapshot.groups


def targets_of(snapshots: Iterable[Snapshot]) -> tuple[Target, ...]:
    """The container hosts among the scanned hosts that could be asked. Empty: judge against the local target."""
    return tuple(target for snapshot in snapshots if (target := target_of(snapshot)) is not None)


def target_of(snapshot: Snapshot) -> Target | None:
    """A scanned container host as a target; None for a legacy server and for one that could not be asked."""
    if not is_target(snapshot) or snapshot.status == "unreachable":
        return None
    kernel = value_or_none(snapshot.kernel)
    system = value_or_none(snapshot.system)
    processes = value_or_none(snapshot.processes)
    sysctls = value_or_none(snapshot.sysctls)
    engine, version = _engine(value_or_none(snapshot.packages), processes or ())
    machine = kernel.architecture if kernel else system.architecture if system else ""
    settings = {each.name: each.value for each in sysctls or () if each.live}
    listening = _listening(snapshot)
    kubernetes = processes is not None and any(process.name == "kubelet" for process in processes)
    windows = snapshot.platform == Platform.WINDOWS
    return Target(
        name=snapshot.host,
        system="windows" if snapshot.platform == Platform.WINDOWS else "linux",
        architecture=machine,
        kernel_release=kernel.release if kernel else "",
        cpu_flags=system.cpu_flags if system else (),
        engine=engine,
        engine_version=version,
        cgroup_version=system.cgroup_version if system else 0,
        origin=f"scan of {snapshot.host}",
        listening_ports=listening,
        vsyscall=vsyscall_mode(kernel) if kernel and machine == "x86_64" else "",
        ia32_emulation=ia32_emulation(kernel) if kernel and machine == "x86_64" else None,
        cpus=system.cpus if system else 0,
        memory_bytes=system.memory_bytes if system else 0,
        servers=1,
        sysctls={each.name: each.value for each in sysctls if each.live} if sysctls is not None else None,
        modules=frozenset(each.name for each in kernel.modules) if kernel else None,
        free_huge_pages=tuple((pool.size_bytes, pool.free) for pool in kernel.huge_pages) if kernel else None,
        transparent_huge_pages=kernel.transparent_huge_pages if kernel else "",
        ephemeral_ports=_windows_range(snapshot) if windows else ephemeral_ports(settings),
        reserved_ports=_windows_reserved(snapshot) if windows else reserved_ports(settings),
        node_ports=NODE_PORTS if kubernetes else None,
        unprivileged_port_start=None
        if windows
        else unprivileged_port_start(settings, kernel.release if kernel else ""),
        rootless=_rootless(engine, processes),
        swarm=in_swarm(listening) if isinstance(snapshot.listeners, Found) else None,
        os_build=kernel.release if windows and kernel else "",
        security_modules=(kernel.security_modules or None) if kernel else None,
        selinux=kernel.selinux if kernel else "",
    )


def _rootless(engine: str, processes: Iterable[Process] | None) -> bool | None:
    """Whether the engine's daemon runs without root; None when none is running, as with Podman, which has none."""
    users = {
        process.effective_uid for process in processes or () if _PROCESSES.get(process.name) in (engine, "kubernetes")
    }
    return 0 not in users if users and engine != "podman" else None


def _windows_range(snapshot: Snapshot) -> tuple[int, int] | None:
    ranges = [each for each in value_or_none(snapshot.port_exclusions) or () if each.kind == "dynamic"]
    tcp = next((each for each in ranges if each.protocol.lower().startswith("tcp")), None)
    return (tcp.first, tcp.last) if tcp else None


def _windows_reserved(snapshot: Snapshot) -> tuple[tuple[int, int], ...]:
    """Ports that an administrator has taken out of the range."""
    ranges = value_or_none(snapshot.port_exclusions) or ()
    return tuple((each.first, each.last) for each in ranges if each.kind == "excluded" and each.administered)


def vsyscall_mode(kernel: Kernel) -> str:
    """The vsyscall mode that a kernel was booted or built with, "" when neither is known."""
    if match := re.search(r"(?:^|\s)vsyscall=(none|xonly|emulate|native)\b", kernel.command_line):
        return "emulate" if match[1] == "native" else match[1]
    config = dict(kernel.config or ())
    for option, mode in (
        ("CONFIG_LEGACY_VSYSCALL_NONE", "none"),
        ("CONFIG_LEGACY_VSYSCALL_XONLY", "xonly"),
        ("CONFIG_LEGACY_VSYSCALL_EMULATE", "emulate"),
        ("CONFIG_LEGACY_VSYSCALL_NATIVE", "emulate"),
    ):
        if config.get(option) == "y":
            return mode
    return ""


def ia32_emulation(kernel: Kernel) -> bool | None:
    """Whether an x86-64 kernel runs 32-bit programs; None when its configuration is not known."""
    if re.search(r"(?:^|\s)ia32_emulation=(?:0|off|false|n)\b", kernel.command_line):
        return False
    if kernel.config is None:
        return None
    config = dict(kernel.config)
    if config.get("CONFIG_IA32_EMULATION") != "y":
        return False
    return config.get("CONFIG_IA32_EMULATION_DEFAULT_DISABLED") != "y"


def _engine(packages: Packages | None, processes: Iterable[Process]) -> tuple[str, str]:
    """Name and version of the engine; the version is that of its package, "" when no package brought it."""
    running = {_PROCESSES[process.name] for process in processes if process.name in _PROCESSES}
    versions = {package.name: package.version for package in packages.packages} if packages else {}
    for engine, names in _ENGINES:
        for name in names:
            if name in versions:
                return engine, versions[name]
    for engine in ("docker", "podman", "cri-o", "containerd"):
        if engine in running:
            return engine, ""
    return "", ""


def _listening(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    listeners = snapshot.listeners
    if not isinstance(listeners, Found):
        return ()
    return tuple(
        sorted(
            {
                (owned.listener.protocol.removesuffix("6"), owned.listener.port)
                for owned in listeners.value
                if owned.listener.protocol.startswith(("tcp", "udp")) and not owned.listener.loopback
            }
        )
    )
