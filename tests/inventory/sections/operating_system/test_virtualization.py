"""What a host runs in, from what it shows of itself."""

from __future__ import annotations

import pytest

from inventory.sections.operating_system.virtualization import read_hardware, read_virtualization
from tests.support.recordings import answer

DMI = {
    "kvm": b"sys_vendor:Red Hat\nproduct_name:KVM\n",
    "qemu": b"sys_vendor:QEMU\nproduct_name:Standard PC (i440FX + PIIX, 1996)\nbios_vendor:SeaBIOS\n",
    "vmware": b"sys_vendor:VMware, Inc.\nproduct_name:VMware Virtual Platform\n",
    "oracle": b"sys_vendor:innotek GmbH\nproduct_name:VirtualBox\n",
    "microsoft": b"sys_vendor:Microsoft Corporation\nproduct_name:Virtual Machine\n",
    "amazon": b"sys_vendor:Amazon EC2\nproduct_name:t3.large\n",
    "google": b"sys_vendor:Google\nproduct_name:Google Compute Engine\n",
    "xen": b"sys_vendor:Xen\nproduct_name:HVM domU\n",
    "none": b"sys_vendor:Dell Inc.\nproduct_name:PowerEdge R640\n",
}


@pytest.mark.parametrize("word", sorted(DMI))
def test_firmware_names_the_hypervisor(word: str) -> None:
    assert read_virtualization(answer("system", dmi=DMI[word]), ()) == word


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"init_environ": b"PATH=/bin\0container=lxc\0", "dmi": DMI["vmware"]}, "lxc"),
        ({"init_environ": b"container=lxc-libvirt\0container_uuid=1\0"}, "lxc"),
        ({"dmi": b"/run/systemd/container:lxc-libvirt\n"}, "lxc"),
        ({"marks": b"/.dockerenv\n", "dmi": DMI["qemu"]}, "docker"),
        ({"marks": b"/run/.containerenv\n"}, "podman"),
        ({"dmi": b"/run/systemd/container:systemd-nspawn\n"}, "systemd-nspawn"),
        ({"marks": b"/proc/vz\n"}, "openvz"),
        ({"marks": b"/proc/vz\n/proc/bc\n", "dmi": DMI["none"]}, "none"),
        ({"marks": b"/proc/xen\n"}, "xen"),
        ({"cpu": b"model name\t: QEMU Virtual CPU version 2.5+\n"}, "qemu"),
        ({"hardware": b"/proc/1/cgroup:12:memory:/docker/0123abcd\n"}, "docker"),
        ({"hardware": b"/proc/1/cgroup:0::/system.slice/docker-0123.scope\n"}, "docker"),
        ({"hardware": b"/proc/1/cgroup:4:cpu:/kubepods/burstable/pod1/a\n", "dmi": DMI["vmware"]}, "kubernetes"),
        ({"hardware": b"/proc/1/cgroup:0::/machine.slice/libpod-a.scope\n"}, "podman"),
        ({"hardware": b"/proc/1/cgroup:3:cpu:/lxc/web1\n"}, "lxc"),
        ({"hardware": b"/proc/1/cgroup:0::/init.scope\n", "dmi": DMI["kvm"]}, "kvm"),
        ({"hardware": b"/proc/sys/kernel/osrelease:5.15.90.1-microsoft-standard-WSL2\n"}, "wsl"),
        (
            {
                "hardware": b"/proc/xen/capabilities:control_d\n",
                "marks": b"/proc/xen\n",
                "dmi": b"/sys/hypervisor/type:xen\n",
            },
            "none",
        ),
        ({"hardware": b"/proc/sysinfo:VM00 Control Program: z/VM    6.4.0\n"}, "zvm"),
        ({"hardware": b"/proc/sysinfo:LPAR Number:          12\n"}, "lpar"),
        ({"pci": b"80867190\n15ad0405\n"}, "vmware"),
        ({"pci": b"1af41000\n"}, "kvm"),
        ({"pci": b"80862918\n"}, "none"),
        ({}, ""),
    ],
)
def test_containers_are_named_before_machines(parts: dict[str, bytes], word: str) -> None:
    """A container on a virtual machine is a container; the host node of OpenVZ is none."""
    assert read_virtualization(answer("system", **parts), ()) == word


def test_an_unnamed_hypervisor_is_still_one() -> None:
    """Firmware tables are hidden in some guests; the processor's flag is not."""
    assert read_virtualization(answer("system"), ("fpu", "hypervisor")) == "vm"


def test_the_machine_is_named_by_its_firmware_and_has_no_serial_number() -> None:
    hardware = read_hardware(
        [
            "/sys/class/dmi/id/sys_vendor:Dell Inc.",
            "/sys/class/dmi/id/product_name:PowerEdge R640 ",
            "/sys/class/dmi/id/board_name:0W23H8",
            "/sys/class/dmi/id/bios_version:2.19.1",
        ]
    )

    assert hardware is not None
    assert (hardware.vendor, hardware.product, hardware.version) == ("Dell Inc.", "PowerEdge R640", "")
    assert (hardware.board, hardware.bios) == ("0W23H8", "2.19.1")
    assert read_hardware([]) is None
    assert read_hardware(["/sys/hypervisor/type:xen"]) is None
