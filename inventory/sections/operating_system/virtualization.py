"""The machine below a host: a hypervisor, a container, or bare hardware."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from inventory.model.system import Hardware
from inventory.recording import SectionRecording

# What a hypervisor writes into the firmware tables it shows its guests; looked for in this order.
_FIRMWARE = (
    ("vmware", "vmware"),
    ("virtualbox", "oracle"),
    ("innotek", "oracle"),
    ("microsoft corporation virtual machine", "microsoft"),
    ("amazon ec2", "amazon"),
    ("google compute", "google"),
    ("xen", "xen"),
    ("bhyve", "bhyve"),
    ("parallels", "parallels"),
    ("kvm", "kvm"),
    ("openstack", "kvm"),
    ("digitalocean", "kvm"),
    ("hetzner", "kvm"),
    ("qemu", "qemu"),
    ("bochs", "bochs"),
    ("nutanix", "kvm"),
    ("alibaba cloud", "kvm"),
    ("ovirt", "kvm"),
    ("rhev", "kvm"),
    ("apple virtualization", "apple"),
)
# Vendor numbers of PCI devices that only exist in guests (pci.ids), for kernels that do not show the firmware's tables.
_DEVICES = (
    ("15ad", "vmware"),
    ("80ee", "oracle"),
    ("1414", "microsoft"),
    ("5853", "xen"),
    ("1ab8", "parallels"),
    ("1af4", "kvm"),
    ("1b36", "qemu"),
)
# Names that containers report themselves: only libvirt's differs from the runtime's.
_RUNTIMES = {"lxc-libvirt": "lxc"}
_MARKS = (("/.dockerenv", "docker"), ("/run/.containerenv", "podman"), ("/dev/lxd/sock", "lxc"))
# Groups that runtimes make for containers; a control group namespace hides them.
_GROUPS = (
    (re.compile(r"/kubepods[./]|/kubepods$|kubepods\.slice"), "kubernetes"),
    (re.compile(r"/docker[/-]"), "docker"),
    (re.compile(r"/libpod"), "podman"),
    (re.compile(r"/lxc(?:\.payload)?[./]"), "lxc"),
)


def read_virtualization(recording: SectionRecording, flags: Sequence[str]) -> str:
    """A word such as ``docker``, ``lxc``, ``kvm``, ``vmware``; ``vm`` for an unnamed hypervisor; ``none``; or "".

    A container is named before the machine below it. "" means that nothing that shows it could be read.
    """
    signs = _Signs.of(recording)
    return _container(recording, signs) or _other_kernel(recording, signs) or _machine(recording, signs, flags)


class _Signs(NamedTuple):
    """``marks`` are files and sockets that exist, ``dmi`` is what the firmware shows, one file a line."""

    marks: list[str]
    dmi: str

    @classmethod
    def of(cls, recording: SectionRecording) -> _Signs:
        return cls(_text(recording, "marks").split(), _text(recording, "dmi"))


def _container(recording: SectionRecording, signs: _Signs) -> str:
    """The container runtime, "" when nothing shows one."""
    environment = recording.part("init-environ")
    for item in environment.content.split(b"\0") if environment is not None else ():
        name, _, value = item.partition(b"=")
        if name == b"container" and value:
            word = value.decode("ascii", "replace").lower()
            return _RUNTIMES.get(word, word)
    for line in signs.dmi.splitlines():
        if line.startswith("/run/systemd/container:"):
            word = line.partition(":")[2].strip().lower()
            return _RUNTIMES.get(word, word)
    for mark, word in _MARKS:
        if mark in signs.marks:
            return word
    group = _file(recording, "/proc/1/cgroup")
    for pattern, word in _GROUPS:
        if pattern.search(group):
            return word
    return "kubernetes" if "/var/run/secrets/kubernetes.io" in signs.marks else ""


def _other_kernel(recording: SectionRecording, signs: _Signs) -> str:
    """OpenVZ, the Windows Subsystem for Linux and Xen's control domain, by files of their kernels; else ""."""
    if "/proc/vz" in signs.marks and "/proc/bc" not in signs.marks:
        return "openvz"
    if "microsoft" in _file(recording, "/proc/sys/kernel/osrelease").lower():
        return "wsl"
    # The domain that manages the others sees the machine as it is.
    return "none" if "control_d" in _file(recording, "/proc/xen/capabilities") else ""


def _machine(recording: SectionRecording, signs: _Signs, flags: Sequence[str]) -> str:
    """The hypervisor by firmware, devices and processor, ``none``, or "" when none of these could be read."""
    firmware = " ".join(line.partition(":")[2].strip() for line in signs.dmi.splitlines()).lower()
    for text, word in _FIRMWARE:
        if text in firmware:
            return word
    if "/proc/xen" in signs.marks:
        return "xen"
    devices = {line[:4].lower() for line in _text(recording, "pci").split()}
    for vendor, word in _DEVICES:
        if vendor in devices:
            return word
    return _mainframe(_file(recording, "/proc/sysinfo")) or _processor(
        _text(recording, "cpu").lower(), flags, "none" if firmware.strip() or devices else ""
    )


def _mainframe(sysinfo: str) -> str:
    if match := re.search(r"VM00 Control Program:\s*(\S+)", sysinfo):
        return {"z/VM": "zvm", "KVM/Linux": "kvm"}.get(match[1], "vm")
    return "lpar" if "LPAR Number:" in sysinfo else ""


def _processor(cpu: str, flags: Sequence[str], otherwise: str) -> str:
    if "qemu" in cpu:
        return "qemu"
    if "user mode linux" in cpu:
        return "uml"
    return "vm" if "hypervisor" in flags else otherwise


def read_hardware(lines: Sequence[str]) -> Hardware | None:
    """The firmware's name of the machine, from lines ``…/sys_vendor:Dell Inc.``; None when it shows nothing."""
    fields = {path.rsplit("/", 1)[-1]: text.strip() for path, _, text in (line.partition(":") for line in lines)}
    names = ("sys_vendor", "product_name", "product_version", "board_name", "bios_version")
    if not any(fields.get(name) for name in names):
        return None
    return Hardware(*(fields.get(name, "") for name in names))


def _file(recording: SectionRecording, path: str) -> str:
    """A file of the part ``hardware``; "" when the host has none (or was not asked)."""
    lines = _text(recording, "hardware").split("\n")
    return "\n".join(line.removeprefix(f"{path}:") for line in lines if line.startswith(f"{path}:"))


def _text(recording: SectionRecording, name: str) -> str:
    part = recording.part(name)
    return part.content.decode("utf-8", "replace") if part is not None else ""
