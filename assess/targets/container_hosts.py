"""Scanned container hosts as targets that workloads are judged against."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

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
    """Return a scanned container host as a target; None for a legacy server and for an unreachable host."""
    if not is_target(snapshot) or snapshot.status == "unreachable":
        return None
    target = Target(
        name=snapshot.host,
        system="windows" if snapshot.platform == Platform.WINDOWS else "linux",
        architecture="",
        kernel_release="",
        cpu_flags=(),
        engine="",
        engine_version="",
        cgroup_version=0,
        origin=f"scan of {snapshot.host}",
        servers=1,
    )
    for add_facts in (_with_system, _with_kernel, _with_settings, _with_ports, _with_engine):
        target = add_facts(target, snapshot)
    return target


def _with_system(target: Target, snapshot: Snapshot) -> Target:
    system = value_or_none(snapshot.system)
    if system is None:
        return target
    return replace(
        target,
        architecture=system.architecture,
        cpu_flags=system.cpu_flags,
        cgroup_version=system.cgroup_version,
        cpus=system.cpus,
        memory_bytes=system.memory_bytes,
    )


def _with_kernel(target: Target, snapshot: Snapshot) -> Target:
    kernel = value_or_none(snapshot.kernel)
    if kernel is None:
        return target
    x86 = kernel.architecture == "x86_64"
    return replace(
        target,
        architecture=kernel.architecture,
        kernel_release=kernel.release,
        vsyscall=vsyscall_mode(kernel) if x86 else "",
        ia32_emulation=ia32_emulation(kernel) if x86 else None,
        modules=frozenset(each.name for each in kernel.modules),
        free_huge_pages=tuple((pool.size_bytes, pool.free) for pool in kernel.huge_pages),
        transparent_huge_pages=kernel.transparent_huge_pages,
        os_build=kernel.release if target.system == "windows" else "",
        security_modules=kernel.security_modules or None,
        selinux=kernel.selinux,
    )


def _with_settings(target: Target, snapshot: Snapshot) -> Target:
    settings = value_or_none(snapshot.sysctls)
    if settings is None:
        return target
    return replace(target, sysctls={each.name: each.value for each in settings if each.live})


def _with_ports(target: Target, snapshot: Snapshot) -> Target:
    """The target with its ports, and the ranges that its kernel and Kubernetes take out."""
    kubernetes = any(process.name == "kubelet" for process in value_or_none(snapshot.processes) or ())
    target = replace(target, listening_ports=_listening(snapshot), node_ports=NODE_PORTS if kubernetes else None)
    if target.system == "windows":
        return replace(target, ephemeral_ports=_windows_range(snapshot), reserved_ports=_windows_reserved(snapshot))
    settings = target.sysctls or {}
    return replace(
        target,
        ephemeral_ports=ephemeral_ports(settings),
        reserved_ports=reserved_ports(settings),
        unprivileged_port_start=unprivileged_port_start(settings, target.kernel_release),
    )


def _with_engine(target: Target, snapshot: Snapshot) -> Target:
    processes = value_or_none(snapshot.processes)
    engine, version = _engine(value_or_none(snapshot.packages), processes or ())
    return replace(
        target,
        engine=engine,
        engine_version=version,
        rootless=_rootless(engine, processes),
        swarm=in_swarm(target.listening_ports) if isinstance(snapshot.listeners, Found) else None,
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
