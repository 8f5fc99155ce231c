"""The engine and kernel of this machine: the target of every fit until the inventory names container hosts.

No other module of the assessment examines a machine. Facts that cannot be read stay empty, and the rules that need them
are undetermined.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from assess.knowledge.kernel_features import kernel_setting_names
from assess.model import Target
from assess.targets.port_ranges import SETTINGS, ephemeral_ports, reserved_ports, unprivileged_port_start

NAME = "local"
_SECONDS = 3.0


def local_target() -> Target:
    """Describe this machine as a target. Takes a few seconds at most, when an engine does not answer."""
    engine, version = _engine()
    machine = platform.machine()
    system = "linux" if sys.platform == "linux" else "windows" if sys.platform == "win32" else ""
    if system == "":
        # On macOS an engine runs Linux in a separate virtual machine, whose kernel only the engine knows.
        return _engines_own_kernel(engine, version, machine)
    target = Target(
        name=NAME,
        system="windows" if system == "windows" else "linux",
        architecture=machine,
        kernel_release=platform.release(),
        cpu_flags=_cpu_flags(),
        engine=engine,
        engine_version=version,
        cgroup_version=_cgroup_version(),
        origin=f"this machine's kernel; engine: {f'{engine} {version}'.strip() if engine else 'none found'}",
        cpus=os.cpu_count() or 0,
        memory_bytes=_memory(),
        rootless=_rootless(engine),
        swarm=_swarm() if engine == "docker" else False if engine else None,
    )
    return _with_ports(_with_kernel(target))


def _with_kernel(target: Target) -> Target:
    x86 = target.architecture == "x86_64"
    return replace(
        target,
        vsyscall=_vsyscall() if x86 else "",
        ia32_emulation=Path("/proc/sys/abi/vsyscall32").exists() if x86 else None,
        sysctls=_sysctls(),
        modules=_modules(),
        free_huge_pages=_free_huge_pages(),
        transparent_huge_pages=_transparent_huge_pages(),
        security_modules=_security_modules(),
        selinux={"1": "enforcing", "0": "permissive"}.get(_read("/sys/fs/selinux/enforce"), ""),
    )


def _with_ports(target: Target) -> Target:
    settings = _port_settings()
    return replace(
        target,
        listening_ports=_listening_ports(),
        ephemeral_ports=ephemeral_ports(settings),
        reserved_ports=reserved_ports(settings),
        unprivileged_port_start=unprivileged_port_start(settings, target.kernel_release),
    )


def _security_modules() -> tuple[str, ...] | None:
    """Those that the kernel runs; None where securityfs is not mounted."""
    return tuple(each for each in _read("/sys/kernel/security/lsm").split(",") if each) or None


def _read(path: str) -> str:
    """Return the content of a small file, "" when it cannot be read."""
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""


def _engine() -> tuple[str, str]:
    """The engine that a pilot would use, and its version; ("", "") when this machine has none."""
    if version := _first_line("docker", "version", "--format", "{{.Server.Version}}"):
        return "docker", version
    if (text := _first_line("podman", "--version")) and (match := re.search(r"\d[\w.+~-]*", text)):
        return "podman", match[0]
    for runtime in ("crun", "runc"):
        if (text := _first_line(runtime, "--version")) and (match := re.search(r"\d[\w.+~-]*", text)):
            return runtime, match[0]
    return "", ""


def _rootless(engine: str) -> bool | None:
    """Whether the engine runs without root; None when it does not say."""
    if engine == "docker":
        answer = _first_line("docker", "info", "--format", "{{json .SecurityOptions}}")
        return "rootless" in answer if answer.startswith("[") else None
    return os.geteuid() != 0 if engine and hasattr(os, "geteuid") else None


def _swarm() -> bool | None:
    """Whether Docker is a node of a Swarm; None when it does not say."""
    state = _first_line("docker", "info", "--format", "{{.Swarm.LocalNodeState}}")
    return state != "inactive" if state else None


def _port_settings() -> dict[str, str]:
    """The kernel's settings of ports, as far as they can be read."""
    found: dict[str, str] = {}
    for name in SETTINGS:
        try:
            found[name] = Path("/proc/sys", *name.split(".")).read_text(encoding="ascii").strip()
        except (OSError, UnicodeError):
            continue
    return found


def _first_line(*command: str) -> str:
    """The first line that a command prints, "" when it is not there, fails or takes too long."""
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run([path, *command[1:]], capture_output=True, timeout=_SECONDS, check=True, text=True)
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return ""
    return done.stdout.strip().partition("\n")[0]


def _engines_own_kernel(engine: str, version: str, machine: str) -> Target:
    release = ""
    if engine == "docker" and (answer := _first_line("docker", "info", "--format", "{{json .}}")):
        try:
            info = json.loads(answer)
        except ValueError:
            info = {}
        release = str(info.get("KernelVersion", "")) if isinstance(info, dict) else ""
    return Target(
        name=NAME,
        system="linux",
        architecture={"arm64": "aarch64"}.get(machine, machine),
        kernel_release=release,
        cpu_flags=(),
        engine=engine,
        engine_version=version,
        cgroup_version=0,
        origin="the local engine's virtual machine" if release else "this machine has no Linux kernel to offer",
    )


def _cpu_flags() -> tuple[str, ...]:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                return tuple(line.partition(":")[2].split())
    except OSError:
        pass
    return ()


def _cgroup_version() -> int:
    """0 none, 1, 2, or 3 for both at once, as in ``System.cgroup_version``."""
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        return 2
    if (root / "unified" / "cgroup.controllers").exists():
        return 3
    return 1 if root.is_dir() and any(root.iterdir()) else 0


def _sysctls() -> dict[str, str] | None:
    """Settings of the whole machine that workloads may want; None where there is no /proc/sys."""
    root = Path("/proc/sys")
    if not root.is_dir():
        return None
    found: dict[str, str] = {}
    for name in kernel_setting_names():
        try:
            text = root.joinpath(*name.split(".")).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found[name] = " ".join(text.split())
    return found


def _modules() -> frozenset[str] | None:
    """Loaded modules; None where the machine does not tell."""
    try:
        lines = Path("/proc/modules").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return frozenset(line.split(" ", 1)[0] for line in lines)


def _free_huge_pages() -> tuple[tuple[int, int], ...] | None:
    pools = Path("/sys/kernel/mm/hugepages")
    if not Path("/proc/meminfo").exists():
        return None
    found: list[tuple[int, int]] = []
    for pool in sorted(pools.glob("hugepages-*kB")):
        try:
            free = int((pool / "free_hugepages").read_text(encoding="ascii"))
            found.append((int(pool.name.removeprefix("hugepages-").removesuffix("kB")) * 1024, free))
        except (OSError, ValueError):
            return None
    return tuple(found)


def _transparent_huge_pages() -> str:
    try:
        text = Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    match = re.search(r"\[(\w+)\]", text)
    return match[1] if match else ""


def _memory() -> int:
    import psutil

    return int(psutil.virtual_memory().total)


def _vsyscall() -> str:
    try:
        for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.endswith("[vsyscall]"):
                return "emulate" if line.split()[1].startswith("r") else "xonly"
    except OSError:
        return ""
    return "none"


def _listening_ports() -> tuple[tuple[str, int], ...]:
    """Return the ports that programs of this machine listen on beyond loopback."""
    import socket

    import psutil

    try:
        connections = psutil.net_connections("inet")
    except (psutil.Error, OSError):
        return ()
    held: set[tuple[str, int]] = set()
    for connection in connections:
        if not connection.laddr or str(connection.laddr.ip).startswith(("127.", "::1")):
            continue
        if connection.type == socket.SOCK_STREAM and connection.status == psutil.CONN_LISTEN:
            held.add(("tcp", connection.laddr.port))
        elif connection.type == socket.SOCK_DGRAM and not connection.raddr:
            held.add(("udp", connection.laddr.port))
    return tuple(sorted(held))
