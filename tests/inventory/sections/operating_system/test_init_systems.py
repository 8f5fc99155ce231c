"""What starts the services of a host."""

from __future__ import annotations

import pytest

from inventory.sections.operating_system.init_systems import read_init_system


@pytest.mark.parametrize(
    ("process", "init", "marks", "system"),
    [
        ("systemd", "/lib/systemd/systemd", ("/run/systemd/system", "/etc/inittab"), "systemd"),
        ("systemd", "", (), "systemd"),
        ("init", "", ("/etc/init/rcS.conf", "/etc/inittab"), "upstart"),  # EL6 keeps an inittab for the runlevel
        ("init", "", ("/etc/init/rc-sysinit.conf",), "upstart"),
        ("init", "", ("/etc/inittab",), "sysvinit"),
        ("init", "/bin/busybox", ("/run/openrc", "/etc/inittab"), "openrc"),
        ("init", "../bin/busybox", ("/etc/inittab",), "busybox"),
        ("busybox", "", (), "busybox"),
        ("procd", "", (), "procd"),
        ("s6-svscan", "", (), "s6"),
        ("runit", "runit-init", (), "runit"),
        ("sh", "/lib/systemd/systemd", ("/etc/inittab",), ""),  # a container's program
        ("java", "", (), ""),
        ("", "", (), ""),
    ],
)
def test_it_is_told_by_pid_1_and_by_what_lies_about(
    process: str, init: str, marks: tuple[str, ...], system: str
) -> None:
    assert read_init_system(process, init, marks) == system
