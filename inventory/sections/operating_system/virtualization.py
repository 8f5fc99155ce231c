"""What a host runs in: a hypervisor, a container, or a machine of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
# What says it of itself: only libvirt's containers have a word that is not a runtime's.
_RUNTIMES = {"lxc-libvirt": "lxc"}
# Groups that runtimes make for containers; a control group namespace hides them.
_GROUPS = (
    (re.compile(r"/kubepods[./]|/kubepods$|kubepods\.slice"), "kubernetes"),
    (re.compile(r"/docker[/-]"), "docker"),
    (re.compile(r"/libpod"), "podman"),
    (re.compile(r"/lxc(?:\.payload)?[./]"), "lxc"),
)


def read_virtualization(recording: SectionRecording, flags: Sequence[str]) -> str:
    """A word such as ``docker``, ``lxc``, ``kvm``, ``vmware``; ``vm`` for an unnamed hypervisor; ``none``; or "".

    A container is named before the machine below it. "" means that nothing could be read that would tell.
    """
    environment = recording.part("init-environ")
    for item in environment.content.split(b"\0") if environment is not None else ():
        name, _, value = item.partition(b"=")
        if name == b"container" and value:
            word = value.decode("ascii", "replace").lower()
            return _RUNTIMES.get(word, word)
    marks = _text(recording, "marks").split()
    dmi = _text(recording, "dmi")
    for line in dmi.splitlines():
        if line.startswith("/run/systemd/container:"):
            word = line.partition(":")[2].strip().lower()
            return _RUNTIMES.get(word, word)
    for mark, word in (
        ("/.dockerenv", "docker"),
        ("/run/.containerenv", "podman"),
        ("/dev/lxd/sock", "lxc"),
    ):
        if mark in marks:
            return word
    group = _file(recording, "/proc/1/cgroup")
    for pattern, word in _GROUPS:
        if pattern.search(group):
            return word
    if "/var/run/secrets/kubernetes.io" in marks:
        return "kubernetes"
    if "/proc/vz" in marks and "/proc/bc" not in marks:
        return "openvz"
    if "microsoft" in _file(recording, "/proc/sys/kernel/osrelease").lower():
        return "wsl"
    if "control_d" in _file(recording, "/proc/xen/capabilities"):
        return "none"  # the domain that manages the others; it sees the machine as it is
    firmware = " ".join(line.partition(":")[2].strip() for line in dmi.splitlines()).lower()
    for text, word in _FIRMWARE:
        if text in firmware:
            return word
    if "/proc/xen" in marks:
        return "xen"
    devices = {line[:4].lower() for line in _text(recording, "pci").split()}
    for vendor, word in _DEVICES:
        if vendor in devices:
            return word
    mainframe = _file(recording, "/proc/sysinfo")
    if match := re.search(r"VM00 Control Program:\s*(\S+)", mainframe):
        return {"z/VM": "zvm", "KVM/Linux": "kvm"}.get(match[1], "vm")
    if "LPAR Number:" in mainframe:
        return "lpar"
    cpu = _text(recording, "cpu").lower()
    if "qemu" in cpu:
        return "qemu"
    if "user mode linux" in cpu:
        return "uml"
    if "hypervisor" in flags:
        return "vm"
    return "none" if firmware.strip() or devices else ""


def read_hardware(lines: Sequence[str]) -> Hardware | None:
    """What the firmware calls the machine, from lines ``…/sys_vendor:Dell Inc.``; None when it shows nothing."""
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
