"""Which container a process is in is told by its cgroup, as engines and their versions name them."""

from __future__ import annotations

import pytest

from inventory.links.containment import container_of
from tests.support.snapshots import HostBuilder

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("cgroup", "expected"),
    [
        (f"/docker/{ID}", ("docker", ID)),
        (f"/system.slice/docker-{ID}.scope", ("docker", ID)),
        (f"/machine.slice/libpod-{ID}.scope/container", ("podman", ID)),
        (f"/libpod_parent/libpod-{ID}", ("podman", ID)),
        (f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope", ("containerd", ID)),
        (f"/kubepods.slice/kubepods-pod1.slice/crio-{ID}.scope", ("cri-o", ID)),
        (f"/kubepods/besteffort/pod12/{ID}", ("kubernetes", ID)),
        ("/lxc/mail/system.slice/postfix.service", ("lxc", "mail")),
        ("/lxc.payload.mail/init.scope", ("lxc", "mail")),
        ("/machine.slice/machine-qemu\\x2d3\\x2dbuild\\x2d01.scope/emulator", ("libvirt", "build-01")),
        ("/machine.slice/systemd-nspawn@old.service/payload", ("nspawn", "old")),
        ("/system.slice/docker.service", None),
        ("/system.slice/nginx.service", None),
        ("/user.slice/user-1000.slice/session-3.scope", None),
        ("/", None),
    ],
)
def test_a_cgroup_names_the_container(cgroup: str, expected: tuple[str, str] | None) -> None:
    process = HostBuilder().process(30, "/usr/sbin/nginx", cgroups=("/", cgroup))

    assert container_of(process) == expected


def test_who_watches_a_container_is_not_in_it() -> None:
    assert container_of(HostBuilder().process(30, "/usr/bin/conmon", cgroups=(f"/libpod-conmon-{ID}",))) is None


def test_a_changed_root_is_no_container_but_is_said() -> None:
    assert container_of(HostBuilder().process(30, "/usr/sbin/named", root="/var/lib/named")) == (
        "chroot", "/var/lib/named",
    )  # fmt: skip
    assert container_of(HostBuilder().process(30, "/usr/sbin/named", root=None)) is None


def test_a_virtual_machine_has_the_name_of_its_command_line() -> None:
    host = HostBuilder()

    assert container_of(host.process(30, "/usr/bin/qemu-system-x86_64", "-name", "guest=erp,debug-threads=on")) == (
        "qemu", "erp",
    )  # fmt: skip
    assert container_of(host.process(31, "/usr/libexec/qemu-kvm", "-m", "4096")) == ("qemu", "")
