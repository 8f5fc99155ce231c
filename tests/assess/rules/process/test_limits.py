"""PRC008, PRC009, PRC010: limits and sizes."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.process.descriptor_iteration import descriptor_iteration
from assess.rules.process.machine_based_sizing import machine_based_sizing
from assess.rules.process.raised_limits import raised_limits
from inventory.model.services import UnitSetting
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin

LIMITS = (("Max open files", "1024", "4096"),)


def running(program: str, version: str = "", limits: tuple[tuple[str, str, str], ...] = LIMITS) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, program, limits=limits)
    host.listen(process, 3128)
    if version:
        host.package("server", program, version=version)
    return host


def test_an_old_program_that_walks_through_its_descriptors_is_found() -> None:
    said = judge(descriptor_iteration, running("/usr/sbin/squid").build())

    assert said.about == [("web01/squid", Severity.MINOR)]
    assert "--ulimit nofile=1024:4096" in said.findings[0].remedy


@pytest.mark.parametrize(("version", "found"), [("1:5.7.40-1", 1), ("5.5.68", 1), ("8.0.35-1", 0), ("1:10.11.2", 0)])
def test_only_the_versions_that_do_are_meant(version: str, found: int) -> None:
    assert len(judge(descriptor_iteration, running("/usr/sbin/mysqld", version).build()).findings) == found


def test_an_unknown_version_or_limit_is_no_pass() -> None:
    assert judge(descriptor_iteration, running("/usr/sbin/mysqld").build()).missing == {"packages"}
    assert judge(descriptor_iteration, running("/usr/sbin/squid", limits=()).build()).missing == {"processes"}


def test_another_program_passes() -> None:
    assert judge(descriptor_iteration, running("/usr/sbin/nginx").build()).silent


def with_unit(**settings: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", unit="x.service")
    path = "/etc/systemd/system/x.service.d/limits.conf"
    lines = tuple(UnitSetting(path, name, value, origin("services", 4)) for name, value in settings.items())
    host.unit("x", 50)
    host.services[0] = replace(host.services[0], settings=lines)
    return host


def test_limits_of_a_unit_are_found_with_the_options_for_them() -> None:
    said = judge(raised_limits, with_unit(LimitNOFILE="65536", LimitNPROC="4096", User="x").build())

    assert said.messages == ["The unit sets LimitNOFILE, LimitNPROC."]
    assert "--ulimit nofile=65536 --ulimit nproc=4096" in said.findings[0].remedy


def test_an_init_script_that_sets_limits_is_found() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")
    host.init_script("x", "#!/bin/sh\n  ulimit -n 8192\n", 50)

    assert judge(raised_limits, host.build()).messages == ["/etc/init.d/x:2 sets limits."]


def test_a_unit_without_limits_passes() -> None:
    assert judge(raised_limits, with_unit(User="x").build()).silent
    assert judge(raised_limits, recorded_host("web01")).silent


def test_a_database_that_sizes_itself_is_found() -> None:
    said = judge(machine_based_sizing, running("/usr/lib/erlang/erts-13.1/bin/beam.smp").build())

    assert [severity for _, severity in said.about] == [Severity.MINOR]
    assert "+S" in said.findings[0].remedy


def test_one_that_does_not_passes() -> None:
    assert judge(machine_based_sizing, running("/usr/sbin/nginx").build()).silent
