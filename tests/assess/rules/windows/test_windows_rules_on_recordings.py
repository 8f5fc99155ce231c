"""All rules for Windows on the recorded host of Wine, and on none of a Linux host."""

from assess.rules import RULES
from assess.rules.windows import WINDOWS_RULES
from inventory.platforms import Platform
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess, target
from tests.support.windows_snapshots import WindowsHost, wine

WINDOWS = target(name="win", system="windows", kernel_release="", os_build="10.0.20348")


def test_wine_shows_a_serial_port_and_a_time_zone() -> None:
    """It has nothing else that ties it, and no service that runs."""
    assessment = assess(wine(), targets=(WINDOWS,))

    assert [(each.rule, each.message) for each in assessment.findings if each.rule.startswith("WIN")] == [
        ("WIN006", "The time zone of wine01 is Greenwich Standard Time."),
        ("WIN036", "wine01 has the serial port COM1; the scan does not show its users."),
    ]
    assert not [each for host in assessment.hosts for each in host.undetermined if each.failed]


def test_what_wine_cannot_say_is_undetermined() -> None:
    (host,) = assess(wine(), targets=(WINDOWS,)).hosts

    assert {"WIN005", "WIN025", "WIN034", "WIN039"} <= {each.rule for each in host.undetermined}


def test_all_are_about_windows_alone() -> None:
    assert {each.platform for each in WINDOWS_RULES} == {Platform.WINDOWS}


def test_a_linux_host_is_not_asked() -> None:
    """Neither does a rule for Windows find something there, nor does it count for or against what is known of it."""
    assessment = assess(recorded_host("web01"), targets=(WINDOWS,))

    said = [*assessment.findings, *(each for host in assessment.hosts for each in host.undetermined)]
    said += [each for workload in assessment.workloads for each in workload.undetermined]
    assert not [each for each in said if each.rule.startswith("WIN")]


def test_windows_is_not_asked_for_what_only_kernels_of_unix_have() -> None:
    """inotify, io_uring, core_pattern, utmp, mount, /dev/log, pid files, PAM: not undetermined, but not asked."""
    of_unix = {"PRC011", "PRC012", "PRC013", "PRC014", "PRC015", "PRC021", "DAT005", "DAT009", "CPL003", "SEC011"}
    host = WindowsHost()
    host.shop()
    for section in ("open_files", "configuration", "libraries", "sysctls"):
        host.unknown(section)
    assessment = assess(host.build(), targets=(WINDOWS,))

    assert {rule.id for rule in RULES if rule.id[:3] != "KRN" and rule.platform is Platform.POSIX} == of_unix
    groups = (*assessment.hosts, *assessment.workloads)
    undetermined = {each.rule for group in groups for each in group.undetermined}
    assert not undetermined & of_unix
    assert {"DAT001", "SEC002"} <= undetermined
