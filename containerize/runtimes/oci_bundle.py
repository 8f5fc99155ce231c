"""The OCI configuration of a container with Docker's capabilities, filter and masked paths."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containerize.runtimes.container_cgroups import Hierarchy, swap_is_counted
from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter
from containerize.runtimes.runtime import ContainerSpec, RuntimeFailed

_MASKED = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

_DEVICES = ((1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2))
"""null, zero, full, random, urandom, tty, ptmx."""

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or directory of this machine that is mounted into the container."""

    source: Path
    target: str
    read_only: bool


def oci_configuration(
    spec: ContainerSpec,
    *,
    root: Path,
    network: Path,
    binds: tuple[Bind, ...],
    cgroup: str,
    init: str,
    resources: Mapping[str, Any],
    cgroup_namespace: bool = False,
) -> dict[str, Any]:
    """``config.json``. ``network`` is the namespace's file; ``init`` the path of a reaping PID 1 in the container, ""
    for none; ``resources`` those of :func:`oci_resources`.
    """
    uid, _, gid = spec.user.partition(":")
    capabilities = [*DEFAULT_CAPABILITIES, *(_capability(name) for name in spec.capabilities)]
    devices = [_device(path) for path in spec.devices]
    environment = dict(spec.environment)
    environment.setdefault("PATH", _DEFAULT_PATH)
    environment.setdefault("HOSTNAME", spec.hostname or spec.name)
    # As with Docker, an ordinary user starts without capabilities, and setuid programs may regain the bounded ones.
    granted = capabilities if uid == "0" else []
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": int(uid), "gid": int(gid or 0), "additionalGids": list(spec.groups)},
            "args": [*([init, "--"] if init else []), *spec.arguments],
            "env": [f"{name}={value}" for name, value in environment.items()],
            "cwd": spec.working_directory,
            "capabilities": {"bounding": capabilities, "effective": granted, "permitted": granted},
            "rlimits": _limits(spec),
            "noNewPrivileges": spec.no_new_privileges,
            "oomScoreAdj": 0,
        },
        "root": {"path": str(root), "readonly": spec.read_only_root},
        "hostname": spec.hostname or spec.name,
        "mounts": [*_system_mounts(spec), *_own_mounts(spec, binds)],
        "linux": {
            "cgroupsPath": cgroup,
            "resources": {"devices": _device_rules(devices), **resources},
            "namespaces": [
                {"type": "mount"},
                {"type": "uts"},
                {"type": "pid"},
                {"type": "ipc"},
                {"type": "network", "path": str(network)},
                # As Docker does: with version 1 of control groups a container sees the names of all of them.
                *([{"type": "cgroup"}] if cgroup_namespace else []),
            ],
            "devices": devices,
            "seccomp": seccomp_filter(capabilities),
            "maskedPaths": list(_MASKED),
            "readonlyPaths": list(_READ_ONLY),
        },
    }


_PERIOD = 100_000
"""Microseconds: the kernel's default, in which a container may use so many processors."""


def oci_resources(spec: ContainerSpec, controllers: Mapping[str, Hierarchy]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """``linux.resources`` for the limits of a container, and what cannot be limited on this machine."""
    found: dict[str, Any] = {}
    lacking = []
    if spec.memory_bytes:
        if memory := controllers.get("memory"):
            found["memory"] = {"limit": spec.memory_bytes}
            if swap_is_counted(memory):
                found["memory"]["swap"] = spec.memory_bytes
        else:
            lacking.append("memory")
    if spec.pids:
        if "pids" in controllers:
            found["pids"] = {"limit": spec.pids}
        else:
            lacking.append("processes")
    if spec.cpus:
        if "cpu" in controllers:
            found["cpu"] = {"quota": round(spec.cpus * _PERIOD), "period": _PERIOD}
        else:
            lacking.append("processors")
    return found, tuple(lacking)


def _capability(name: str) -> str:
    name = name.upper()
    return name if name.startswith("CAP_") else f"CAP_{name}"


def _limits(spec: ContainerSpec) -> list[dict[str, Any]]:
    return [
        {"type": f"RLIMIT_{name.upper()}", "soft": soft, "hard": hard}
        for name, soft, hard in allowed_limits(spec.limits)
    ]


def allowed_limits(limits: tuple[tuple[str, int, int], ...] | Any) -> list[tuple[str, int, int]]:
    """The limits, lowered to what this process may hand out; -1 (unlimited) as the number that the kernel uses.

    Without CAP_SYS_RESOURCE not even root raises a hard limit, and a container that asks for it does not start.
    """
    allowed = []
    for name, soft, hard in limits:
        number = getattr(resource, f"RLIMIT_{name.upper()}", None)
        if number is None:
            continue
        ours = _unsigned(resource.getrlimit(number)[1])
        ceiling = max(ours, _unsigned(hard)) if _may_raise() else ours
        allowed.append((name, min(_unsigned(soft), ceiling), min(_unsigned(hard), ceiling)))
    return allowed


def _unsigned(limit: int) -> int:
    return limit if limit >= 0 else 2**64 - 1


def _may_raise() -> bool:
    """Whether this process has CAP_SYS_RESOURCE (bit 24)."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> 24 & 1)
    return False


def _device(path: str) -> dict[str, Any]:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise RuntimeFailed(f"device {path} is not on this machine ({error.strerror})") from None
    if not stat.S_ISCHR(status.st_mode) and not stat.S_ISBLK(status.st_mode):
        raise RuntimeFailed(f"{path} is not a device on this machine")
    return {
        "path": path,
        "type": "c" if stat.S_ISCHR(status.st_mode) else "b",
        "major": os.major(status.st_rdev),
        "minor": os.minor(status.st_rdev),
        "fileMode": stat.S_IMODE(status.st_mode),
        "uid": status.st_uid,
        "gid": status.st_gid,
    }


def _device_rules(devices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [{"allow": False, "access": "rwm"}]
    rules += [{"allow": True, "type": "c", "access": "m"}, {"allow": True, "type": "b", "access": "m"}]
    rules += [
        {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"} for major, minor in _DEVICES
    ]
    rules.append({"allow": True, "type": "c", "major": 136, "access": "rwm"})  # the container's own terminals
    rules += [
        {"allow": True, "type": each["type"], "major": each["major"], "minor": each["minor"], "access": "rw"}
        for each in devices
    ]
    return rules


def _system_mounts(spec: ContainerSpec) -> list[dict[str, Any]]:
    closed = ["nosuid", "noexec", "nodev"]
    return [
        _mount("/proc", "proc", "proc", closed),
        _mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        _mount(
            "/dev/pts",
            "devpts",
            "devpts",
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        ),
        _mount("/sys", "sysfs", "sysfs", [*closed, "ro"]),
        _mount("/sys/fs/cgroup", "cgroup", "cgroup", [*closed, "ro"]),
        _mount("/dev/mqueue", "mqueue", "mqueue", closed),
        _mount("/dev/shm", "tmpfs", "shm", [*closed, "mode=1777", f"size={spec.shm_bytes}"]),  # noqa: S108
    ]


def _own_mounts(spec: ContainerSpec, binds: tuple[Bind, ...]) -> list[dict[str, Any]]:
    """The container's own mounts; a mount comes after the one that contains it."""
    mounts = [
        _mount(
            each.path,
            "tmpfs",
            "tmpfs",
            [
                "nosuid",
                "nodev",
                "noexec",
                f"mode={each.mode:o}",
                f"uid={each.uid}",
                f"gid={each.gid}",
                f"size={each.size_bytes}",
            ],
        )
        for each in spec.tmpfs
    ]
    mounts += [
        _mount(each.target, "bind", str(each.source), ["rbind", "rprivate", *(["ro"] if each.read_only else [])])
        for each in binds
    ]
    return sorted(mounts, key=lambda mount: mount["destination"].count("/"))


def _mount(destination: str, kind: str, source: str, options: list[str]) -> dict[str, Any]:
    return {"destination": destination, "type": kind, "source": source, "options": options}
