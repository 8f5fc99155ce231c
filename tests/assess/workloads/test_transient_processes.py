"""What is caught in the middle of something, or only has to be there, is no workload."""

from __future__ import annotations

from dataclasses import replace

from assess.workloads import find_workloads
from tests.support.snapshots import HostBuilder


def names(host: HostBuilder) -> list[str]:
    return [each.name for each in find_workloads(host.build())]


def systemd_host() -> HostBuilder:
    host = HostBuilder(uptime=5_010.0)
    host.process(1, "/usr/lib/systemd/systemd", ppid=0, cgroups=("/init.scope",), start_seconds=0.0)
    host.process(50, "/usr/sbin/nginx", unit="nginx.service", start_seconds=5.0)
    return host


def test_a_unit_whose_program_does_not_run_yet_is_none() -> None:
    host = systemd_host()
    host.process(900, "/usr/lib/systemd/systemd", unit="shop.service", name="(shop)", start_seconds=5_000.0)
    host.process(901, "/usr/lib/systemd/systemd-executor", unit="wiki.service", start_seconds=5_000.0)

    assert names(host) == ["systemd", "nginx"]


def test_a_copy_of_what_starts_a_unit_is_none() -> None:
    host = systemd_host()
    host.process(60, "/bin/bash", "-c", "agent", unit="agent.service", start_seconds=6.0)
    host.process(900, "/bin/bash", "-c", "agent", ppid=60, unit="shop.service", start_seconds=5_000.0)

    assert names(host) == ["systemd", "nginx", "agent"]


def test_a_copy_of_init_is_none() -> None:
    host = HostBuilder(uptime=5_010.0)
    init = host.init()
    host.process(900, init.executable, *init.arguments[1:], start_seconds=5_000.0)

    assert names(host) == ["init"]


def test_a_shell_in_a_cgroup_before_it_becomes_the_program_is_none() -> None:
    host = systemd_host()
    host.unit("shop", Type="simple")
    host.process(900, "/bin/bash", unit="shop.service", ppid=400, start_seconds=5_000.0)

    assert names(host) == ["systemd", "nginx"]


def test_a_lone_sleep_and_a_shell_that_holds_a_session_are_none() -> None:
    host = HostBuilder(uptime=5_010.0)
    host.init()
    host.process(100, "/usr/bin/sleep", "infinity")
    host.process(110, "/bin/bash", ppid=0)
    host.process(111, "/usr/bin/vim", "notes", ppid=110, session=110)
    host.process(120, "/bin/sh", "-s")
    host.process(121, "/usr/bin/python3", "-", ppid=120, session=120)

    assert names(host) == ["init"]


def test_what_a_person_left_running_at_such_a_shell_is_one() -> None:
    host = HostBuilder(uptime=5_010.0)
    host.init()
    host.process(110, "/bin/bash", ppid=0)
    host.process(111, "/opt/shop/worker", ppid=110, session=111)
    host.process(120, "/bin/bash", ppid=0)
    host.listen(host.process(121, "/opt/wiki/serve", ppid=120, session=120), 8080)

    assert names(host) == ["init", "worker", "serve"]


def test_a_placeholder_that_a_unit_runs_is_named_as_one() -> None:
    host = systemd_host()
    host.unit("network-holder", 100)
    host.process(100, "/usr/bin/sleep", "infinity", unit="network-holder.service")

    (_, _, found) = find_workloads(host.build())

    assert (found.kind, found.purpose) == ("host function", "keeping its entry running: it only sleeps")


def test_jobs_of_timers_are_none() -> None:
    host = systemd_host()
    host.timer("logrotate", TimersCalendar="{ OnCalendar=*-*-* 00:00:00 ; next_elapse=n/a }")
    host.timer("shop", TimersMonotonic="{ OnBootUSec=2min ; next_elapse=n/a }")
    host.process(100, "/usr/sbin/logrotate", unit="logrotate.service")
    host.process(110, "/opt/shop/worker", unit="shop.service")

    assert names(host) == ["systemd", "nginx", "shop"], "a timer that starts a service some time after boot is no job"


def test_a_start_that_is_not_over_is_none() -> None:
    host = systemd_host()
    host.services.append(replace(host.unit("backup", Type="oneshot"), state="activating"))
    host.services.pop(0)
    host.process(100, "/usr/local/sbin/backup", unit="backup.service")

    assert names(host) == ["systemd", "nginx"]


def test_what_a_finished_start_has_left_running_is_one() -> None:
    host = systemd_host()
    host.unit("house-apps", Type="oneshot", RemainAfterExit="yes")
    host.process(100, "/opt/apps/server", unit="house-apps.service")

    assert names(host) == ["systemd", "nginx", "house-apps"]


def test_what_began_a_moment_ago_and_is_nobodys_is_none() -> None:
    host = HostBuilder(uptime=5_010.0)
    host.init()
    host.init_script("shop", "DAEMON=/opt/shop/serve")
    host.process(100, "/usr/local/bin/old-worker", start_seconds=500.0)
    host.process(900, "/usr/local/bin/convert", start_seconds=5_008.0)
    host.process(901, "/opt/shop/serve", start_seconds=5_000.0)
    host.listen(host.process(902, "/usr/local/bin/serve", start_seconds=5_000.0), 9000)

    assert names(host) == ["init", "old-worker", "shop", "serve"]


def test_what_a_supervisor_runs_is_told_apart_though_it_keeps_the_session() -> None:
    host = HostBuilder(uptime=5_010.0)
    host.init()
    host.process(100, "/usr/bin/python3", "/usr/bin/supervisord", session=100)
    host.process(101, "/opt/shop/worker", ppid=100, session=100, environment=(("SUPERVISOR_PROCESS_NAME", "shop"),))
    host.process(102, "/usr/bin/sleep", "infinity", ppid=100, session=100)

    found = find_workloads(host.build())

    assert [(each.name, each.kind) for each in found] == [
        ("init", "host function"),
        ("supervisord", "host function"),
        ("shop", "service"),
    ]
