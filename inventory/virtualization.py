"""What a host runs in: a hypervisor, a container, or a machine of its own."""

from __future__ import annotations

from collections.abc import Sequence

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
)


def read_virtualization(recording: SectionRecording, flags: Sequence[str]) -> str:
    """A word such as ``docker``, ``lxc``, ``kvm``, ``vmware``; ``vm`` for an unnamed hypervisor; ``none``; or "".

    A container is named before the machine below it. "" means that nothing could be read that would tell.
    """
    environment = recording.part("init-environ")
    for item in environment.content.split(b"\0") if environment is not None else ():
        name, _, value = item.partition(b"=")
        if name == b"container" and value:
            return value.decode("ascii", "replace").lower()
    marks = _text(recording, "marks").split()
    dmi = _text(recording, "dmi")
    for line in dmi.splitlines():
        if line.startswith("/run/systemd/container:"):
            return line.partition(":")[2].strip().lower()
    for mark, word in (
        ("/.dockerenv", "docker"),
        ("/run/.containerenv", "podman"),
        ("/dev/lxd/sock", "lxc"),
    ):
        if mark in marks:
            return word
    if "/proc/vz" in marks and "/proc/bc" not in marks:
        return "openvz"
    firmware = " ".join(line.partition(":")[2].strip() for line in dmi.splitlines()).lower()
    for text, word in _FIRMWARE:
        if text in firmware:
            return word
    if "/proc/xen" in marks:
        return "xen"
    cpu = _text(recording, "cpu").lower()
    if "qemu" in cpu:
        return "qemu"
    if "user mode linux" in cpu:
        return "uml"
    if "hypervisor" in flags:
        return "vm"
    return "none" if firmware.strip() else ""


def _text(recording: SectionRecording, name: str) -> str:
    part = recording.part(name)
    return part.content.decode("utf-8", "replace") if part is not None else ""
