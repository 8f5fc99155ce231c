"""Which processes are one workload."""

import pytest

from assess.workloads import find_workloads
from tests.support.snapshots import HostBuilder


def groups(host: HostBuilder) -> dict[str, list[int]]:
    return {each.name: [process.pid for process in each.all_processes] for each in find_workloads(host.build())}


def test_a_systemd_unit_is_a_workload() -> None:
    host = HostBuilder()
    host.process(1, "/lib/systemd/systemd", ppid=0, cgroups=("/init.scope",))
    host.process(50, "/usr/sbin/nginx", unit="nginx.service")
    host.process(51, "/usr/sbin/nginx", ppid=50, unit="nginx.service", uid=33)
    host.process(60, "/usr/bin/python3", "/opt/meter/gateway.py", unit="meter-gateway.service")

    assert groups(host) == {"systemd": [1], "nginx": [50, 51], "meter-gateway": [60]}


def test_an_instance_of_a_unit_has_a_name_of_allowed_characters() -> None:
    host = HostBuilder()
    host.process(50, "/usr/lib/postgresql/13/bin/postgres", unit="postgresql@13-main.service")
    host.process(60, "/opt/x/x", unit=r"Foo\x2dBar.service")

    assert list(groups(host)) == ["postgresql-13-main", "foo-bar"]


def test_a_tree_below_init_is_a_workload() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/apache2")
    host.process(51, "/usr/sbin/apache2", ppid=50, uid=33)
    host.process(52, "/usr/bin/rotatelogs", ppid=50)
    host.process(60, "/usr/sbin/cron")

    assert groups(host) == {"init": [1], "apache2": [50, 51, 52], "cron": [60]}


def test_the_first_process_of_a_machine_is_init_whatever_it_is_called() -> None:
    """A machine shows kernel threads, a container does not: there the first process may be the service itself."""
    host = HostBuilder()
    host.process(1, "/sbin/appliance-boot", ppid=0)
    host.process(50, "/usr/sbin/cron", session=1)
    host.process(60, "/opt/shop/server", ppid=1, session=1)
    inside = groups(host)
    host.process(2, None, ppid=0, name="kthreadd", kernel=True)

    assert list(inside.values()) == [[1, 50, 60]]
    assert groups(host) == {"appliance-boot": [1], "cron": [50], "server": [60]}


def test_kernel_threads_and_zombies_are_left_out() -> None:
    host = HostBuilder()
    host.init()
    host.process(2, None, ppid=0, name="kthreadd", kernel=True)
    host.process(3, None, ppid=2, name="rcu_gp", kernel=True)
    host.process(4, None, name="gone", state="Z")

    assert groups(host) == {"init": [1]}


def test_whoever_is_logged_in_over_ssh_is_left_out_and_the_server_is_not() -> None:
    host = HostBuilder()
    host.init()
    host.process(40, "/usr/sbin/sshd", "-D", arguments=("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",))
    host.process(41, "/usr/sbin/sshd", ppid=40, arguments=("sshd: root@notty",))
    host.process(42, "/bin/sh", "-s", ppid=41)
    host.process(43, "/usr/bin/find", "/proc", ppid=42)

    assert groups(host) == {"init": [1], "sshd": [40]}


def test_a_daemon_started_from_a_login_that_let_go_of_it_stays() -> None:
    host = HostBuilder()
    host.init()
    host.process(40, "/usr/sbin/sshd", "-D")
    host.process(
        70, "/usr/bin/python3", "/home/ops/board/serve.py", cgroups=("/user.slice/user-0.slice/session-3.scope",)
    )

    assert groups(host) == {"init": [1], "sshd": [40], "serve": [70]}


def test_what_sits_on_a_terminal_is_somebody_at_work_unless_it_listens() -> None:
    host = HostBuilder()
    host.init()
    host.process(80, "/bin/bash", tty=34816)
    shown = host.process(90, "/usr/bin/node", "/srv/api/server.js", tty=34817)
    host.listen(shown, 3000)

    assert groups(host) == {"init": [1], "api": [90]}


def test_each_child_of_a_supervisor_is_a_workload_and_has_the_supervisors_name_for_it() -> None:
    host = HostBuilder()
    host.init()
    host.process(20, "/usr/bin/runsvdir", "-P", "/etc/service")
    host.process(21, "/usr/bin/runsv", "shop", ppid=20)
    host.process(22, "/opt/shop/bin/serve", ppid=21)
    host.process(30, "/usr/bin/python3", "/usr/bin/supervisord")
    host.process(
        31, "/usr/bin/python3", "/opt/q/worker.py", ppid=30, environment=(("SUPERVISOR_PROCESS_NAME", "queue"),)
    )

    assert groups(host) == {"init": [1], "runsvdir": [20, 21], "shop": [22], "supervisord": [30], "queue": [31]}


def test_trees_that_one_init_script_wrote_pid_files_of_are_one_workload() -> None:
    host = HostBuilder()
    host.init()
    first = host.process(50, "/usr/bin/python3", "/usr/bin/celery", "worker", "-n", "1")
    second = host.process(60, "/usr/bin/python3", "/usr/bin/celery", "worker", "-n", "2")
    host.pid_file("/run/celery/w1.pid", first)
    host.pid_file("/run/celery/w2.pid", second)
    host.init_script("celeryd", "D=/var/run/celery\nfor n in 1 2; do rm $D/w1.pid $D/w2.pid; done\n")

    assert groups(host) == {"init": [1], "celeryd": [50, 60]}


def test_one_script_that_starts_two_programs_is_one_workload() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/smbd")
    host.process(60, "/usr/sbin/nmbd")
    host.init_script("samba", "/usr/sbin/nmbd -D\n/usr/sbin/smbd -D\n")

    assert groups(host) == {"init": [1], "samba": [50, 60]}


def test_two_instances_of_one_program_are_two_workloads_with_their_ports() -> None:
    host = HostBuilder()
    host.init()
    for pid, port in ((50, 6379), (60, 6380)):
        host.listen(host.process(pid, "/usr/bin/redis-server", f"*:{port}"), port)
    host.init_script("redis-server", "DAEMON=/usr/bin/redis-server\n")

    assert groups(host) == {"init": [1], "redis-server-6379": [50], "redis-server-6380": [60]}


def test_a_worker_that_its_master_let_go_of_stays_with_it() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/master")
    host.process(55, "/opt/x/worker", ppid=1, session=50)

    assert groups(host) == {"init": [1], "master": [50, 55]}


def agent(host: HostBuilder) -> None:
    """A program that runs what it is sent, with a shell that it keeps."""
    host.init()
    host.process(50, "/opt/agent/agent")
    host.process(51, "/bin/bash", ppid=50, arguments=("bash",))
    host.process(52, "/usr/bin/make", "all", ppid=51, session=51)


def test_a_daemon_that_was_let_go_of_at_a_shell_is_no_part_of_what_keeps_the_shell() -> None:
    host = HostBuilder()
    agent(host)
    host.process(60, "/usr/bin/dockerd", ppid=51, session=60)
    host.process(61, "/usr/bin/containerd", ppid=60, session=61)
    host.process(70, "/opt/shop/serve", ppid=1, session=51)

    assert groups(host) == {"init": [1], "agent": [50, 51, 52], "dockerd": [60, 61], "serve": [70]}


def test_a_daemon_that_was_let_go_of_at_a_shell_is_named_by_itself_and_not_by_its_workers() -> None:
    host = HostBuilder()
    agent(host)
    host.process(60, "/opt/shop/serve", ppid=51, session=60)
    host.process(61, "/opt/shop/worker", ppid=1, session=60)

    (_, _, found) = find_workloads(host.build())

    assert (found.name, found.main_pid, len(found.processes)) == ("serve", 60, 2)


def test_an_agent_that_was_let_go_of_at_the_shell_of_another_keeps_a_shell_as_well() -> None:
    host = HostBuilder()
    agent(host)
    host.process(60, "/opt/other/runner", ppid=51, session=60)
    host.process(61, "/bin/sh", "-s", ppid=60, session=60)
    host.listen(host.process(62, "/opt/shop/serve", ppid=61, session=60), 8080)

    (_, _, found) = find_workloads(host.build())

    assert (found.name, found.main_pid, len(found.all_processes)) == ("runner", 60, 3)


def test_what_a_shell_runs_in_its_own_session_stays_with_it_and_so_does_another_shell() -> None:
    host = HostBuilder()
    agent(host)
    host.process(60, "/opt/shop/serve", ppid=51, session=51)
    host.process(61, "/bin/sh", "-s", ppid=51, session=61)

    assert groups(host) == {"init": [1], "agent": [50, 51, 52, 60, 61]}


def test_what_a_program_runs_at_a_shell_says_nothing_of_what_it_is() -> None:
    host = HostBuilder()
    agent(host)
    host.listen(host.process(60, "/usr/sbin/sshd", "-D", ppid=51, session=51), 2222)
    host.init_script("ssh", "DAEMON=/usr/sbin/sshd\n")

    (init, found) = find_workloads(host.build())

    assert (init.name, found.name, found.main_pid, found.service) == ("init", "agent", 50, None)
    assert found.recognised_by == ("program:/opt/agent/agent",)
    assert [each.listener.port for each in found.listeners] == [2222]


def test_a_service_that_was_started_at_a_shell_of_su_is_the_service() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/bin/su", "-", "shop")
    host.process(51, "/bin/bash", ppid=50, arguments=("-su",))
    host.listen(host.process(52, "/opt/shop/serve", ppid=51, session=50), 8080)

    assert groups(host) == {"init": [1], "serve": [50, 51, 52]}


@pytest.mark.parametrize(
    "shell", [("--norc",), ("--noprofile", "--rcfile", "/opt/agent/rc"), ("-o", "vi"), ("-s", "--", "-c"), ("-",)]
)
def test_a_shell_takes_commands_whatever_its_settings_are(shell: tuple[str, ...]) -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/agent/agent")
    host.process(51, "/bin/bash", *shell, ppid=50)
    host.process(60, "/opt/shop/serve", ppid=51, session=60)

    assert groups(host) == {"init": [1], "agent": [50, 51], "serve": [60]}


@pytest.mark.parametrize(
    "wrapper",
    [
        ("/opt/shop/start.sh",),
        ("-", "/opt/shop/start.sh"),
        ("-eo", "pipefail", "/opt/shop/start.sh"),
        ("-c", "setsid /opt/shop/serve & wait"),
        ("-ec", "…"),
        ("-o", "pipefail", "-c", "…"),
    ],
)
def test_what_a_wrapper_gives_a_session_of_its_own_is_the_service(wrapper: tuple[str, ...]) -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/watch")
    host.process(51, "/bin/sh", *wrapper, ppid=50)
    host.process(52, "/opt/shop/serve", ppid=51, session=52)
    host.process(53, "/opt/shop/worker", ppid=1, session=51)

    assert list(groups(host).values()) == [[1], [50, 51, 52, 53]]


def test_daemons_that_a_boot_script_left_in_its_session_are_not_one_workload() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/a/a", session=40)
    host.process(60, "/opt/b/b", session=40)

    assert groups(host) == {"init": [1], "a": [50], "b": [60]}


def test_parents_in_a_circle_end() -> None:
    host = HostBuilder()
    host.process(50, "/opt/a/a", ppid=51)
    host.process(51, "/opt/b/b", ppid=50)

    assert sorted(pid for pids in groups(host).values() for pid in pids) == [50, 51]


def test_in_a_container_the_first_process_is_the_service() -> None:
    host = HostBuilder()
    host.process(1, "/usr/sbin/apache2", "-DFOREGROUND", ppid=0)
    host.process(9, "/usr/sbin/apache2", ppid=1, uid=33)

    assert groups(host) == {"apache2": [1, 9]}


def test_daemons_that_the_first_process_of_a_container_inherited_are_services_of_their_own() -> None:
    """A container that is used as a server: sshd is process 1, and was not what started the others.

    PostgreSQL makes a session for each of its own processes, so as process 1 it keeps them.
    """
    host = HostBuilder()
    host.process(1, "/usr/sbin/sshd", "-D", ppid=0)
    host.process(21, None, name="redis-server")
    host.process(42, "/usr/sbin/lighttpd")
    host.process(43, "/usr/bin/php-cgi", ppid=42, session=42)

    assert list(groups(host).values()) == [[1], [21], [42, 43]]

    database = HostBuilder()
    database.process(1, "/usr/lib/postgresql/17/bin/postgres", ppid=0)
    database.process(60, None, name="postgres")

    assert list(groups(database).values()) == [[1, 60]]


def test_a_host_whose_processes_could_not_be_seen_has_no_workloads() -> None:
    host = HostBuilder()
    host.unknown("processes")

    assert find_workloads(host.build()) == ()
