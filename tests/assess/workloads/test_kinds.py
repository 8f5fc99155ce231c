"""What belongs to the host, and what is a service."""

import pytest

from assess.workloads import find_workloads
from tests.support.snapshots import HostBuilder


def kind(host: HostBuilder) -> str:
    (workload,) = [each for each in find_workloads(host.build()) if each.main_pid != 1]
    return workload.kind


def running(executable: str, *arguments: str, **more: object) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, executable, *arguments, **more)  # type: ignore[arg-type]
    return host


@pytest.mark.parametrize(
    "executable",
    [
        "/usr/sbin/sshd", "/sbin/agetty", "/usr/sbin/cron", "/usr/sbin/rsyslogd", "/usr/sbin/ntpd", "/usr/sbin/chronyd",
        "/usr/bin/dbus-daemon", "/lib/systemd/systemd-udevd", "/lib/systemd/systemd-journald",
        "/usr/sbin/zabbix_agentd",
        "/usr/sbin/exim4", "/usr/lib/postfix/sbin/master", "/usr/bin/dockerd", "/usr/sbin/qemu-ga",
    ],
)  # fmt: skip
def test_a_program_that_serves_its_host_is_a_host_function(executable: str) -> None:
    assert kind(running(executable)) == "host function"


@pytest.mark.parametrize(
    "executable",
    ["/usr/sbin/apache2", "/usr/sbin/mariadbd", "/opt/agent/agent", "/usr/bin/redis-server", "/opt/master"],
)
def test_anything_else_is_a_service(executable: str) -> None:
    assert kind(running(executable)) == "service"


def test_an_interpreted_host_function_is_known_by_its_script() -> None:
    assert kind(running("/usr/bin/perl", "-wT", "/usr/sbin/munin-node")) == "host function"
    assert kind(running("/usr/bin/python3", "/usr/bin/supervisord")) == "host function"


@pytest.mark.parametrize(
    ("executable", "port"), [("/usr/sbin/exim4", 25), ("/usr/sbin/rsyslogd", 514), ("/usr/sbin/xinetd", 69)]
)
def test_mail_and_log_servers_are_services_when_others_reach_them(executable: str, port: int) -> None:
    host = running(executable)
    host.listen(host.processes[-1], port, address="127.0.0.1")
    assert kind(host) == "host function"

    host.listen(host.processes[-1], port, address="0.0.0.0")
    assert kind(host) == "service"


def test_a_clock_daemon_stays_with_its_host_whoever_asks_it() -> None:
    host = running("/usr/sbin/chronyd")
    host.listen(host.processes[-1], 123, protocol="udp")

    assert kind(host) == "host function"


def test_a_host_function_says_what_it_is_for() -> None:
    host = running("/usr/sbin/sshd")

    assert [each.purpose for each in find_workloads(host.build()) if each.name == "sshd"] == ["remote login"]


def test_a_mail_server_that_others_reach_is_a_service_for_an_ordinary_user_too() -> None:
    host = running("/usr/sbin/exim4")
    host.listen(host.processes[-1], 25, address="0.0.0.0")
    host.files.clear()
    assert kind(host) == "service"

    host.listeners.clear()
    host.listen(host.processes[-1], 80, address="0.0.0.0")
    host.files.clear()
    assert kind(host) == "host function"
