"""The container, virtual machine or changed root of a process, by its cgroup, its arguments and its root."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from inventory.model.processes import Process

_CGROUPS = (
    ("docker", re.compile(r"(?:/docker/|/docker-|/moby/)(?P<id>[0-9a-f]{64})\b")),
    ("podman", re.compile(r"/libpod(?:-conmon)?-(?P<id>[0-9a-f]{64})\b")),
    ("cri-o", re.compile(r"/crio-(?:conmon-)?(?P<id>[0-9a-f]{64})\b")),
    ("containerd", re.compile(r"/cri-containerd[-:](?P<id>[0-9a-f]{64})\b")),
    ("kubernetes", re.compile(r"/kubepods[^:]{0,300}/(?P<id>[0-9a-f]{64})\b")),
    ("lxc", re.compile(r"/lxc(?:\.payload)?[./](?P<id>[^/]+)")),
    ("libvirt", re.compile(r"/machine-(?:qemu|lxc)\\x2d\d+\\x2d(?P<id>[^/]+)\.scope")),
    ("nspawn", re.compile(r"/machine\.slice/(?:systemd-nspawn@(?P<id>[^/]+)\.service|machine-(?P<as>[^/]+)\.scope)")),
    ("openvz", re.compile(r"^/(?:machine\.slice/)?(?:ve/)?(?P<id>\d{3,})(?:/|$)")),
)  # fmt: skip
_UNIT_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_QEMU = re.compile(r"(?:qemu-system-[\w]+|qemu-kvm|kvm|qemu)")
_MONITORS = frozenset({"conmon", "lxc-start", "lxd", "containerd-shim", "systemd-nspawn"})


class Containment(NamedTuple):
    """``engine`` as in :class:`~inventory.model.containers.Engine`, or qemu or chroot. ``id`` is its id, its name or,
    for chroot, the directory.
    """

    engine: str
    id: str


def container_of(process: Process) -> Containment | None:
    """The innermost container, the machine that a QEMU process is, or the directory that is its root; else None.

    The processes by which an engine watches a container (conmon, lxc-start) are outside it.
    """
    if process.name in _MONITORS or process.kernel:
        return None
    for path in process.cgroups:
        for engine, pattern in _CGROUPS:
            found = list(pattern.finditer(path))
            if found and (name := next((group for group in found[-1].groups() if group), "")):
                return Containment(engine, _UNIT_ESCAPE.sub(lambda each: chr(int(each[1], 16)), name))
    program = process.arguments[0].rpartition("/")[2] if process.arguments else ""
    if _QEMU.fullmatch(program):
        return Containment("qemu", _machine_name(process.arguments))
    if process.root not in (None, "", "/"):
        return Containment("chroot", process.root or "")
    return None


def _machine_name(arguments: tuple[str, ...]) -> str:
    """``-name web`` or ``-name guest=web,debug-threads=on``; "" for a machine without a name."""
    for option, value in itertools.pairwise(arguments):
        if option in ("-name", "--name"):
            return value.split(",")[0].removeprefix("guest=")
    return ""
