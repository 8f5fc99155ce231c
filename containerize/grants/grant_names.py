"""Normal forms of grantable names, the option that grants each, and warnings about dangerous ones."""

from __future__ import annotations

import re
import shlex
from typing import Literal

from assess.configuration_text.ip_addresses import is_address
from assess.knowledge.capabilities import NAMES

Kind = Literal["device", "capability", "privilege-gain", "network", "logged-paths", "not-secret"]

PRIVILEGE_GAIN = "setuid"
"""Name of the one need and grant of the kind ``privilege-gain``."""

LOGGED_PATHS = "access logs"
"""Name of the one grant of the kind ``logged-paths``."""

OPTIONS: dict[Kind, str] = {
    "device": "--allow-device",
    "capability": "--allow-capability",
    "privilege-gain": "--allow-privilege-gain",
    "network": "--allow-network",
    "logged-paths": "--allow-logged-paths",
    "not-secret": "--not-secret",
}

MEANINGS: dict[Kind, str] = {
    "device": "The container can read and write this device of the machine that it runs on.",
    "capability": "Root in the container has this Linux capability in addition to the engine's defaults.",
    "privilege-gain": "Setuid programs and file capabilities in the image can raise the rights of a process.",
    "network": "Copies in a pilot can open TCP connections to this address and port outside the pilot's network.",
    "logged-paths": "Paths from the access logs are requested from the live server, even where that may change data.",
    "not-secret": "This file, or what is in this directory, is copied into the image even if it looks secret.",
}
"""What a grant of each kind means, in one sentence."""

CAPABILITIES = frozenset(f"CAP_{name}" for name in NAMES)
_DEVICE = re.compile(r"/dev(?:/[A-Za-z0-9_][A-Za-z0-9_.+@-]*)+")
_PATH = re.compile(r"/[^\0-\x1f\x7f]*[^/\0-\x1f\x7f]/?")
_DESTINATION = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})")


def is_device_path(path: str) -> bool:
    """Whether it is a plain path below /dev: nothing that an engine or a shell would read as more than one."""
    return _DEVICE.fullmatch(path) is not None


def capability_name(name: str) -> str:
    """``CAP_SYS_NICE`` for any way of writing it. Nothing says that there is such a capability."""
    name = name.strip().upper()
    return name if name.startswith("CAP_") else f"CAP_{name}"


def destination(text: str) -> tuple[str, int]:
    """``10.1.2.3:389`` as (address, port); raises ValueError with a sentence."""
    match = _DESTINATION.fullmatch(text)
    if match is None or not is_address(match[1]) or not 0 < int(match[2]) < 65536:
        raise ValueError(f"{text!r} is not an IPv4 address and a port, such as 10.1.2.3:389")
    return match[1], int(match[2])


def checked_name(kind: Kind, name: str) -> str:
    """The name of a grant in its one form; raises ValueError with a sentence when there is no such thing."""
    if kind == "device":
        if not is_device_path(name):
            raise ValueError(f"{name!r} is not the path of a device, such as /dev/net/tun")
        return name
    if kind == "capability":
        if (capability := capability_name(name)) not in CAPABILITIES:
            raise ValueError(f"{name!r} is not a capability, such as SYS_NICE; see capabilities(7)")
        return capability
    if kind == "not-secret":
        if not _PATH.fullmatch(name) or ".." in name.split("/"):
            raise ValueError(f"{name!r} is not an absolute path, such as /opt/app/example.conf")
        return name.rstrip("/")
    if kind == "network":
        address, port = destination(name)
        if address.startswith(("127.", "0.")):
            raise ValueError(f"{address} is an address of the copy itself; give the one by which others reach it")
        return f"{address}:{port}"
    return PRIVILEGE_GAIN if kind == "privilege-gain" else LOGGED_PATHS


def option_of(kind: Kind, name: str) -> str:
    """The option that allows it, as it is typed into a shell: the name may come from a host."""
    alone = kind in ("privilege-gain", "logged-paths")
    return OPTIONS[kind] if alone else f"{OPTIONS[kind]} {shlex.quote(name)}"


_DANGEROUS_CAPABILITIES = {
    "CAP_SYS_MODULE": "loads code into the kernel of the machine that it runs on",
    "CAP_SYS_RAWIO": "reads and writes the memory and the ports of the machine that it runs on",
    "CAP_SYS_ADMIN": "mounts file systems and leaves the container by many ways: it is nearly root on the machine",
    "CAP_SYS_PTRACE": "reads and changes every process of its user that it can see",
    "CAP_DAC_READ_SEARCH": "opens any file of the machine by its handle, outside of the container too",
    "CAP_SYS_BOOT": "restarts the machine that it runs on, or starts another kernel",
    "CAP_MAC_OVERRIDE": "overrides the access policy (SELinux, Smack) of the machine that it runs on",
    "CAP_MAC_ADMIN": "changes the access policy (AppArmor, SELinux, Smack) of the machine that it runs on",
    "CAP_BPF": "loads programs into the kernel of the machine that it runs on",
    "CAP_PERFMON": "observes the kernel and all processes of the machine that it runs on",
    "CAP_SYSLOG": "reads the kernel's log and addresses, which helps to attack it",
    "CAP_SYS_TIME": "sets the clock of the machine that it runs on",
    "CAP_AUDIT_CONTROL": "switches off the audit log of the machine that it runs on",
    "CAP_CHECKPOINT_RESTORE": "reads the memory of other processes through their map files",
}

_DANGEROUS_DEVICES = (
    (
        r"mem|kmem|port|crash|oldmem",
        "is the memory of the machine that it runs on, which makes the container root there",
    ),
    (r"kmsg", "is the kernel's log: the container can read it and write to it"),
    (
        r"(?:[shvx]v?d[a-z]|nvme|mmcblk|md|dm-|mapper/|disk/|loop|nbd|rbd|zd|z?ram|sr|sg|bsg/|cciss/|block/|raw/).*",
        "is a disk of the machine that it runs on: the container can read and change every file on it",
    ),
    (r"kvm|vhost.*|vfio/.*", "reaches the hypervisor or the hardware of the machine that it runs on"),
    (r"fuse|cuse", "mounts file systems that the container itself serves"),
    (
        r"uinput|uhid|input/.*|tty.*|console|vcs.*|fb\d+",
        "is a console, an input or a line of the machine that it runs on",
    ),
    (
        r"snapshot|mcelog|cpu/.*|watchdog.*|rtc.*|hpet|nvram|tpm.*|ipmi.*",
        "controls hardware of the machine that it runs on",
    ),
)
_DANGEROUS_DEVICE_NAMES = tuple((re.compile(rf"/dev/(?:{pattern})"), words) for pattern, words in _DANGEROUS_DEVICES)


def danger_of(kind: Kind, name: str) -> str:
    """A warning about a grant's effect on the machine; "" for an ordinary one."""
    if kind == "capability" and (words := _DANGEROUS_CAPABILITIES.get(name)):
        return f"{name} {words}."
    if kind == "device":
        return next((f"{name} {words}." for known, words in _DANGEROUS_DEVICE_NAMES if known.fullmatch(name)), "")
    return ""
