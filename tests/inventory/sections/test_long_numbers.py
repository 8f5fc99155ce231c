"""A number of thousands of digits is a hostile one, and Python refuses to convert it with an error of its own."""

from __future__ import annotations

import pytest

from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError, Section
from inventory.sections.operating_system import kernel, sysctls, system, users
from inventory.sections.programs import ipc
from tests.support.recordings import answer

LONG = b"9" * 5000

CASES: list[tuple[Section[object], SectionRecording]] = [
    (users.SECTION, answer("users", passwd=b"a:x:%s:1::/:/bin/sh\n" % LONG, group=b"g:x:%s:\n" % LONG)),
    (users.SECTION, answer("users", passwd=b"a:x:1:1::/:/bin/sh\n", settings=b"/etc/login.defs:UID_MIN %s\n" % LONG)),
    (kernel.SECTION, answer("kernel", uname=b"Linux 5 6 7\n", state=b"/proc/sys/kernel/tainted:%s\n" % LONG)),
    (kernel.SECTION, answer("kernel", uname=b"Linux 5 6 7\n", state=b"/proc/keys:1 I 1 perm 0 %s 0 user a\n" % LONG)),
    (
        kernel.SECTION,
        answer(
            "kernel",
            uname=b"Linux 5 6 7\n",
            state=b"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:%s\n" % LONG,
        ),
    ),
    (ipc.SECTION, answer("ipc", tables=b"/proc/sysvipc/sem: %s 1 600 1 1 1 1 1 1 1\n" % LONG)),
    (ipc.SECTION, answer("ipc", files=b"/dev/shm:\n-rw------- 1 %s 0 1 Nov 24 13:00 a\n" % LONG)),
    (sysctls.SECTION, answer("sysctls", values=b"vm/a:1\n", settings=b"/etc/sysctl.conf:%s:a=1\n" % LONG)),
    (system.SECTION, answer("system", machine=b"m\n", clock=b"1\n", tables=b"/proc/meminfo:MemTotal: %s kB\n" % LONG)),
    (system.SECTION, answer("system", machine=b"m\n", clock=b"1\n", tables=b"/proc/stat:btime %s\n" % LONG)),
    (
        system.SECTION,
        answer("system", machine=b"m\n", clock=b"1\n", hardware=b"/sys/devices/system/cpu/online:0-%s\n" % LONG),
    ),
    (system.SECTION, answer("system", machine=b"m\n", clock=LONG + b"\n")),
]


@pytest.mark.parametrize(("section", "recording"), CASES)
def test_it_is_a_parse_error_at_worst(section: Section[object], recording: SectionRecording) -> None:
    variant = section.variant(Platform.POSIX)
    assert variant is not None
    try:
        variant.parse(recording)
    except ParseError as error:
        assert len(str(error)) < 200
