"""Which system this is, on hosts that say much and hosts that say little."""

from __future__ import annotations

import os
import platform
import socket
import time

import pytest

from inventory.model.system import System
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.system import SECTION, parse
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
