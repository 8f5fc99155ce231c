"""PRC011, PRC012, PRC013, PRC014, PRC015: what a program asks the shared kernel for."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rule import Rule
from assess.rules.process.asynchronous_io import asynchronous_io
from assess.rules.process.core_dump_handler import core_dump_handler
from assess.rules.process.file_access_monitoring import file_access_monitoring
from assess.rules.process.inotify_watches import inotify_watches
from assess.rules.process.io_uring import io_uring
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def holding(kind: str, count: int = 1, watches: int | None = None) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    for number in range(count):
        host.open(process, f"anon_inode:{kind}", descriptor=number)
        host.files[-1] = replace(host.files[-1], watches=watches)
    return host


def test_many_instances_of_inotify_are_found() -> None:
    said = judge(inotify_watches, holding("inotify", 20).build())

    assert said.messages == ["The service holds many inotify instances or watches."]


def test_many_watches_are_found_in_a_deep_scan() -> None:
    assert judge(inotify_watches, holding("inotify", 1, 5000).build()).about == [("web01/x", Severity.MINOR)]


def test_a_few_watches_pass() -> None:
    assert judge(inotify_watches, holding("inotify", 2, 40).build()).silent


@pytest.mark.parametrize(
    ("rule", "kind", "severity"),
    [(io_uring, "[io_uring]", Severity.MINOR), (file_access_monitoring, "[fanotify]", Severity.MAJOR)],
)
def test_what_engines_refuse_is_found(rule: Rule, kind: str, severity: Severity) -> None:
    assert judge(rule, holding(kind).build()).about == [("web01/x", severity)]
    assert judge(rule, holding("[eventpoll]").build()).silent


@pytest.mark.parametrize("rule", [inotify_watches, io_uring, file_access_monitoring])
def test_open_files_that_could_not_be_seen_are_no_pass(rule: Rule) -> None:
    host = holding("[eventpoll]")
    host.unknown("open_files")

    assert judge(rule, host.build()).missing == {"open_files"}


def test_a_real_database_uses_both_ways() -> None:
    assert judge(io_uring, recorded_host("db01")).about == [("db01/mariadb", Severity.MINOR)]
    assert judge(asynchronous_io, recorded_host("db01")).about == [("db01/mariadb", Severity.MINOR)]


def test_a_program_without_the_library_passes() -> None:
    assert judge(asynchronous_io, recorded_host("web01")).silent


def dumping(pattern: str) -> HostBuilder:
    host = HostBuilder()
    setting = Sysctl("kernel.core_pattern", pattern, "/etc/sysctl.d/core.conf", origin("sysctls"))
    host.overrides["sysctls"] = Found((setting,))
    return host


@pytest.mark.parametrize("pattern", ["|/opt/crash/handler %p", "/var/crash/core.%e"])
def test_a_place_for_core_dumps_that_somebody_chose_is_found(pattern: str) -> None:
    assert judge(core_dump_handler, dumping(pattern).build()).about == [("web01", Severity.MINOR)]


@pytest.mark.parametrize("pattern", ["core", "core.%p", "|/usr/lib/systemd/systemd-coredump %P"])
def test_what_the_kernel_and_distributions_do_passes(pattern: str) -> None:
    assert judge(core_dump_handler, dumping(pattern).build()).silent
