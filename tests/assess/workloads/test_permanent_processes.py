"""What a workload is judged by does not depend on the moment of the scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assess.model import Workload
from assess.workloads import find_workloads
from inventory.model.processes import Process
from tests.support.snapshots import HostBuilder

Later = Callable[[HostBuilder, Process], None]


def only(host: HostBuilder) -> Workload:
    (found,) = (each for each in find_workloads(host.build()) if each.name != "init")
    return found


def without_passing(workload: Workload) -> Workload:
    return replace(workload, passing=(), connections=())


def mail_host() -> tuple[HostBuilder, Process]:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    host.package("postfix", "/usr/lib/postfix/sbin/master", "/usr/lib/postfix/sbin/qmgr", "/usr/lib/postfix/sbin/smtpd")
    host.package("postfix-ldap", "/usr/lib/postfix/sbin/smtp")
    master = host.process(100, "/usr/lib/postfix/sbin/master", "-w", start_seconds=100.0)
    host.process(101, "/usr/lib/postfix/sbin/qmgr", ppid=100, uid=103, start_seconds=100.2)
    host.listen(master, 25)
    host.open(master, "/var/lib/postfix/master.lock.db")
    return host, master


def delivery(host: HostBuilder, master: Process) -> None:
    """A client is served and its mail sent."""
    smtpd = host.process(900, "/usr/lib/postfix/sbin/smtpd", ppid=master.pid, uid=103, start_seconds=5000.0)
    smtp = host.process(901, "/usr/lib/postfix/sbin/smtp", ppid=master.pid, uid=104, start_seconds=5000.0)
    host.connect(smtpd, "10.0.0.9", 33000, local_port=25)
    host.open(smtp, "/var/spool/elsewhere/deferred")
    host.map("/usr/lib/libldap.so", smtp)


def unreadable_child(host: HostBuilder, master: Process) -> None:
    """A child of which the kernel shows nothing, as in a container without SYS_PTRACE."""
    host.process(902, None, ppid=master.pid, name="cleanup", uid=103, start_seconds=5003.0)


def orphan(host: HostBuilder, master: Process) -> None:
    """A child whose parent has ended keeps the session."""
    host.process(903, "/usr/bin/procmail", ppid=1, session=master.pid, uid=1000, start_seconds=9004.0)


@pytest.mark.parametrize("later", [delivery, unreadable_child, orphan])
def test_children_that_come_and_go_change_nothing(later: Later) -> None:
    quiet, _ = mail_host()
    busy, master = mail_host()
    later(busy, master)
    busy.process(990, "/usr/sbin/sshd", name="sshd", start_seconds=5010.0)

    before, after = (
        next(each for each in find_workloads(host.build()) if each.main_pid == 100) for host in (quiet, busy)
    )

    assert without_passing(after) == before
    assert [process.pid for process in after.processes] == [100, 101]
    assert after.passing


def test_workers_of_a_pool_count_though_they_were_replaced() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    master = host.process(100, "/usr/sbin/nginx", start_seconds=100.0)
    worker = host.process(800, "/usr/sbin/nginx", ppid=100, uid=33, start_seconds=90_000.0)
    host.listen(master, 80, worker)

    assert [process.pid for process in only(host).processes] == [100, 800]


def test_a_process_for_each_client_is_no_pool() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    server = host.process(100, "/usr/bin/postgres", start_seconds=100.0)
    host.listen(server, 5432)
    host.process(101, "/usr/bin/postgres", ppid=100, start_seconds=101.0)
    client = host.process(800, "/usr/bin/postgres", ppid=100, start_seconds=90_000.0)
    host.connect(client, "10.0.0.9", 33000, local_port=5432)

    found = only(host)

    assert [process.pid for process in found.processes] == [100, 101]
    assert [process.pid for process in found.passing] == [800]
    assert len(found.connections) == 1, "its clients are still known"


def test_a_wrapper_and_its_restarted_server_count() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    host.process(100, "/bin/dash", "/usr/bin/mysqld_safe", start_seconds=100.0)
    server = host.process(800, "/usr/sbin/mariadbd", ppid=100, uid=101, start_seconds=90_000.0)
    host.process(801, "/usr/bin/logger", ppid=100, start_seconds=90_000.0)
    host.listen(server, 3306)

    found = only(host)

    assert found.main_pid == 800
    assert [process.pid for process in found.processes] == [100, 800, 801]


def test_what_alone_holds_a_socket_counts_but_not_at_a_port_of_the_moment() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    server = host.process(100, "/usr/sbin/ftpd", start_seconds=100.0)
    host.listen(server, 21)
    helper = host.process(800, "/usr/lib/ftp/status", ppid=100, start_seconds=9_000.0)
    host.listen(helper, 8021)
    transfer = host.process(801, "/usr/lib/ftp/transfer", ppid=100, start_seconds=9_001.0)
    host.listen(transfer, 41234)

    found = only(host)

    assert [process.pid for process in found.processes] == [100, 800]
    assert [owned.listener.port for owned in found.listeners] == [21, 8021]


def test_what_a_service_has_run_for_a_day_counts() -> None:
    host = HostBuilder(uptime=100_000.0)
    host.init()
    host.process(100, "/opt/mill/bin/mill", start_seconds=100.0)
    host.process(800, "/opt/mill/bin/press", ppid=100, start_seconds=5_000.0)
    host.process(801, "/opt/mill/bin/clean", ppid=100, start_seconds=99_990.0)

    assert [process.pid for process in only(host).processes] == [100, 800]


def test_a_loop_is_what_runs_it_and_not_its_command_of_the_moment() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    host.process(100, "/bin/dash", "/usr/local/bin/watch-mail", start_seconds=100.0)
    host.process(800, "/usr/bin/curl", ppid=100, start_seconds=9_000.0)

    found = only(host)

    assert (found.name, found.main_pid) == ("watch-mail", 100)
    assert found.executables == ("/bin/dash",)


def test_a_job_of_cron_lends_it_no_name() -> None:
    host = HostBuilder(uptime=9_100.0)
    host.init()
    host.init_script("cron", "DAEMON=/usr/sbin/cron")
    host.init_script("backup", "DAEMON=/usr/local/sbin/backupd")
    host.process(100, "/usr/sbin/cron", start_seconds=100.0)
    host.process(800, "/usr/local/sbin/backupd", "--once", ppid=100, session=100, start_seconds=9_000.0)

    (found,) = (each for each in find_workloads(host.build()) if each.main_pid == 100)

    assert found.name == "cron"
    assert found.executables == ("/usr/sbin/cron",)


@pytest.mark.parametrize("main_seen", [True, False])
def test_a_process_whose_descriptors_were_not_seen_is_of_the_pool_where_none_were(main_seen: bool) -> None:
    host = HostBuilder(uptime=91_000.0)
    host.init()
    server = host.process(100, "/usr/bin/server", start_seconds=100.0)
    host.process(800, "/usr/bin/server", ppid=100, start_seconds=90_000.0)
    if main_seen:
        host.listen(server, 5432)

    assert [process.pid for process in only(host).processes] == ([100] if main_seen else [100, 800])
