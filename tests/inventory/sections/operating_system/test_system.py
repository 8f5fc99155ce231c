"""Which system this is, on hosts that say much and hosts that say little."""

from __future__ import annotations

import os
import platform
import socket
import time
from pathlib import Path

import psutil
import pytest

from inventory.model.system import System
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.operating_system.system import SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import about, answer, hosts_with, recorded, with_part


def system(recording: SectionRecording) -> System:
    """What it says."""
    value = found(SECTION, recording)
    assert isinstance(value, System)
    return value


@pytest.mark.parametrize("host", hosts_with("system"))
def test_hosts_are_what_they_are(host: str) -> None:
    value = system(recorded(host, "system"))

    assert value.hostname == host.split("-")[0]
    assert value.architecture == "x86_64"
    assert value.cpus == 2
    assert "sse2" in value.cpu_flags
    assert value.memory_bytes > 100_000_000
    assert 0 < value.boot_time <= value.clock
    assert value.ticks_per_second == 100
    if distribution := about(host).get("distribution"):
        assert value.distribution is not None
        assert f"{value.distribution.id} {value.distribution.version}" == distribution


def test_a_systemd_machine() -> None:
    value = system(recorded("vm01", "system"))

    assert (value.init, value.virtualization, value.cgroup_version) == ("systemd", "qemu", 2)
    assert (value.timezone, value.locale) == ("Europe/Berlin", "en_US.UTF-8")
    assert value.cpu_model.startswith("QEMU")


def test_a_sysv_machine_asked_by_an_ordinary_user() -> None:
    """The link of /proc/1/exe is refused; the name of PID 1 is not."""
    value = system(recorded("app01-user", "system"))

    assert (value.init, value.cgroup_version) == ("init", 0)
    assert value.distribution is not None
    assert value.distribution.codename == "bullseye"


def test_cgroups_of_both_versions_are_hybrid() -> None:
    assert system(recorded("trixie01", "system")).cgroup_version == 3


def test_a_host_without_release_files_has_a_gap() -> None:
    observation = parse(recorded("busy01", "system"))

    assert isinstance(observation, Found)
    assert observation.value.distribution is None
    assert [gap.what for gap in observation.gaps] == ["distribution"]


@pytest.mark.parametrize(
    ("content", "zone"),
    [
        (b"lrwxrwxrwx 1 0 0 33 Nov 24 14:44 /etc/localtime -> ../usr/share/zoneinfo/Europe/Vienna\n", "Europe/Vienna"),
        (b"lrwxrwxrwx 1 0 0 33 Nov 24 14:44 /etc/localtime -> /etc/zoneinfo/UTC\n", "UTC"),
        (b"/etc/timezone:America/New_York\n-rw-r--r-- 1 0 0 2309 Nov 24  2009 /etc/localtime\n", "America/New_York"),
        (b'/etc/sysconfig/clock:ZONE="Asia/Tokyo"\n-rw-r--r-- 1 0 0 309 Nov 24  2009 /etc/localtime\n', "Asia/Tokyo"),
        (b'/etc/sysconfig/clock:ZONE="America/Los Angeles"\n', "America/Los_Angeles"),
        (b"/etc/sysconfig/clock:TIMEZONE='Europe/Rome'   # set by the installer\n", "Europe/Rome"),
        (b"-rw-r--r-- 1 0 0 2309 Nov 24  2009 /etc/localtime\n", ""),
    ],
)
def test_the_time_zone_is_said_in_many_places(content: bytes, zone: str) -> None:
    assert system(with_part(recorded("web01", "system"), Part("timezone", content))).timezone == zone


@pytest.mark.parametrize(
    ("content", "locale"),
    [
        (b"/etc/default/locale:LANG=de_DE.UTF-8\n", "de_DE.UTF-8"),
        (b'/etc/sysconfig/i18n:LANG="en_US"\n/etc/sysconfig/i18n:LC_ALL="POSIX"\n', "POSIX"),
        (b'/etc/sysconfig/language:RC_LANG="de_DE@euro"\n', "de_DE@euro"),
        (b"/etc/default/locale:#LANG=fr_FR\n/etc/default/locale:export LANG=it_IT\n", "it_IT"),
        (b"", ""),
    ],
)
def test_the_locale_is_said_in_many_places(content: bytes, locale: str) -> None:
    assert system(with_part(recorded("web01", "system"), Part("locale", content))).locale == locale


def test_processors_without_processor_lines_are_counted_by_getconf() -> None:
    """s390x lists them in another way, and busybox has no getconf."""
    recording = with_part(
        recorded("web01", "system"), Part("cpu", b"vendor_id : IBM/S390\nfeatures : esan3 zarch\n\ncount 0\n")
    )

    assert system(recording).cpus == 2
    assert system(recording).cpu_flags == ("esan3", "zarch")
    assert system(recorded("busy01", "system")).cpus == 2


def test_the_environment_of_pid_1_is_redacted() -> None:
    raw = answer("system", init_environ=b"container=docker\0DB_PASSWORD=tr0ub4dor-and-3\0")
    kept = SECTION.redact(raw, REDACTOR)

    assert b"tr0ub4dor" not in kept.to_text()
    assert b"container=docker" in kept.to_text()


IDS = b"""/etc/machine-id:0123456789abcdef0123456789abcdef
/var/lib/dbus/machine-id:0123456789abcdef0123456789abcdef
/proc/sys/kernel/random/boot_id:01234567-89ab-cdef-0123-456789abcdef
/etc/timezone:Europe/Vienna
/etc/environment:LANG="de_AT.UTF-8"
/etc/sysconfig/clock:ZONE="Asia/Tokyo"
"""


def asked(**parts: bytes) -> System:
    """A host that says this, after redaction."""
    raw = answer("system", machine=b"x86_64\n", clock=b"1700000000 +0100 CET\n", **parts)
    return system(SECTION.redact(raw, REDACTOR))


def test_a_recorded_appliance_without_any_release_file() -> None:
    """The firmware of its machine shows nothing either, but the bus lists devices that only guests have."""
    value = system(recorded("busy01-appliance", "system"))

    assert (value.distribution, value.banner, value.userland) == (None, "Acme Load Balancer 4.2", "busybox")
    assert value.timezone == "CET-1CEST,M3.5.0,M10.5.0/3"
    assert value.virtualization == "kvm"
    assert (value.init, value.init_system) == ("busybox", "busybox")
    assert value.machine_id == ""
    assert value.boot_id.startswith("<redacted:")
    assert (value.topology.sockets, value.topology.cores, value.topology.numa_nodes) == (1, 2, 1)


def test_a_recorded_machine_tells_the_same_to_root_and_to_others() -> None:
    """Nothing of this needs root but the name of the program behind PID 1."""
    root, user = (system(recorded(host, "system")) for host in ("vm01-root", "vm01-user"))

    assert root.machine_id == user.machine_id != ""
    assert root.boot_id == user.boot_id != ""
    assert (root.init_system, user.init_system) == ("systemd", "systemd")
    assert root.virtualization == user.virtualization == "qemu"
    assert root.hardware == user.hardware
    assert root.hardware is not None
    assert (root.hardware.vendor, root.hardware.bios) == ("QEMU", "1.16.3-debian-1.16.3-2")
    assert root.memory is not None
    assert (root.memory.swap, root.cgroup_version, root.utc_offset, root.zone_name) == (0, 2, "+0100", "CET")
    assert root.distribution is not None
    assert root.distribution.point_release == "11.11"


def test_containers_of_one_machine_share_its_kernel() -> None:
    """Their boot ids say so, while their machine ids need not."""
    web, app = (system(recorded(host, "system")) for host in ("web01-root", "app01-plain"))

    assert web.boot_id == app.boot_id != ""
    assert (web.init_system, app.init_system) == ("sysvinit", "sysvinit")


def test_ids_of_a_machine_become_tokens_that_are_equal_for_clones() -> None:
    raw = answer("system", machine=b"x86_64\n", clock=b"1 +0000 UTC\n", settings=IDS)
    kept = SECTION.redact(raw, REDACTOR)
    first, clone = system(kept), asked(settings=IDS.replace(b"01234567-89ab", b"fedcba98-7654"))

    assert b"0123456789abcdef" not in kept.to_text()
    assert b"01234567-89ab" not in kept.to_text()
    assert first.machine_id.startswith("<redacted:")
    assert first.machine_id == clone.machine_id
    assert first.boot_id != clone.boot_id
    assert first.machine_id != first.boot_id


@pytest.mark.parametrize("content", [b"/etc/machine-id:uninitialized\n", b"/etc/machine-id:\n", b""])
def test_an_id_that_was_not_made_yet_is_none(content: bytes) -> None:
    """So images that were prepared for cloning do not look like clones."""
    assert asked(settings=content).machine_id == ""


def test_settings_of_many_files_are_told_apart() -> None:
    value = asked(settings=IDS)

    assert (value.timezone, value.locale) == ("Europe/Vienna", "de_AT.UTF-8")
    assert (value.utc_offset, value.zone_name) == ("+0100", "CET")
    without = IDS.replace(b"/etc/timezone:Europe/Vienna\n", b"")
    assert asked(settings=without).timezone == "Asia/Tokyo"
    linked = asked(settings=IDS, links=b"lrwxrwxrwx 1 0 0 33 Nov 24 14:44 /etc/localtime -> /usr/share/zoneinfo/UTC\n")
    assert linked.timezone == "UTC"


def test_memory_swap_huge_pages_start_and_control_groups_come_from_one_part() -> None:
    value = asked(
        tables=b"/proc/meminfo:MemTotal:        2048000 kB\n/proc/meminfo:MemFree:          100000 kB\n"
        b"/proc/meminfo:MemAvailable:     900000 kB\n/proc/meminfo:SwapTotal:       1000000 kB\n"
        b"/proc/meminfo:SwapFree:         400000 kB\n/proc/meminfo:HugePages_Total:       8\n"
        b"/proc/meminfo:Hugepagesize:       2048 kB\n/proc/stat:btime 1699990000\n"
        b"/proc/mounts:tmpfs /sys/fs/cgroup tmpfs ro 0 0\n/proc/mounts:cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
    )

    assert (value.memory_bytes, value.boot_time, value.cgroup_version) == (2048000 * 1024, 1699990000, 1)
    assert value.memory is not None
    assert (value.memory.free, value.memory.available) == (100000 * 1024, 900000 * 1024)
    assert (value.memory.swap, value.memory.swap_free) == (1000000 * 1024, 400000 * 1024)
    assert value.memory.huge_pages == 16 << 20


def test_an_appliance_is_known_by_its_links_and_its_banner() -> None:
    value = asked(
        release=b"/etc/issue:\n/etc/issue:Acme Load Balancer 4 \\n \\l\n/etc/issue:admin password: tr0ub4dor-and-3\n",
        links=b"lrwxrwxrwx 1 0 0 7 Jan  1  2012 /bin/ls -> busybox\n"
        b"lrwxrwxrwx 1 0 0 14 Jan  1  2012 /sbin/init -> ../bin/busybox\n",
        hardware=b"/proc/1/stat:1 (init) S 0 1 1 0 -1 256 0 0 0 0 1 2 3 4 20 0 1 0 5 6 7 8\n",
        marks=b"/etc/inittab\n",
    )

    assert (value.distribution, value.banner) == (None, "Acme Load Balancer 4")
    assert (value.userland, value.init, value.init_system) == ("busybox", "init", "busybox")


def test_a_banner_is_redacted() -> None:
    raw = answer("system", release=b"/etc/issue:login: admin password: tr0ub4dor-and-3\n")

    assert b"tr0ub4dor" not in SECTION.redact(raw, REDACTOR).to_text()


def test_an_older_recording_is_read_as_ever() -> None:
    value = system(recorded("vm01", "system"))

    assert (value.memory, value.machine_id, value.utc_offset) == (None, "", "")
    assert value.init_system == "systemd"
    assert value.hardware is not None
    assert value.hardware.vendor == "QEMU"
    assert value.distribution is not None
    assert value.distribution.point_release == "11.11"


def test_a_silent_host_is_unknown() -> None:
    assert isinstance(SECTION.observe(answer("system"), Platform.POSIX), Unknown)


def test_an_unreadable_clock_is_an_error() -> None:
    with pytest.raises(ParseError, match="clock:1"):
        parse(with_part(recorded("web01", "system"), Part("clock", b"%s\n")))


def test_live_this_machine() -> None:
    value = system(ask(SECTION)["system"])

    assert value.hostname == socket.gethostname()
    assert value.architecture == platform.machine()
    assert value.cpus == len(os.sched_getaffinity(0)) or value.cpus == os.cpu_count()
    assert abs(value.clock - time.time()) < 120
    assert value.memory_bytes == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert value.ticks_per_second == os.sysconf("SC_CLK_TCK")
    if value.distribution is not None:
        assert value.distribution.id == platform.freedesktop_os_release()["ID"]
    assert value.memory is not None
    assert value.memory.swap == psutil.swap_memory().total
    assert abs(value.boot_time - psutil.boot_time()) < 5
    assert value.utc_offset == time.strftime("%z")
    if value.topology.cores:
        assert value.topology.cores <= value.cpus
    if Path("/etc/machine-id").exists() and len(Path("/etc/machine-id").read_text().strip()) == 32:
        assert value.machine_id
        assert Path("/etc/machine-id").read_text().strip() not in repr(value)
