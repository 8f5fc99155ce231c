"""Services start in the foreground, as the account they need, with what they were told and without their secrets."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import replace

import pytest

from assess.model import Workload
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.process_listing import LiveProcess
from containerize.plan.foreground_start import daemon_for, daemons, foreground
from containerize.plan.start import Starting, make_start
from containerize.plan.start_account import account
from containerize.secret_values.secret_sources import SecretTest
from inventory.model.sockets import Listener, OwnedListener
from tests.containerize.closure.pretend_host import HERE, make_workload, process, systemd, sysv


def _tree(*paths: str, links: dict[str, str] | None = None) -> HostTree:
    entries = {path: FileEntry("f", 0o755, 0, 0, 1, 0, 0, "", "") for path in paths}
    entries |= {path: FileEntry("l", 0o777, 0, 0, 0, 0, 0, "", target) for path, target in (links or {}).items()}
    for path in list(entries):
        for depth in range(2, path.count("/") + 1):
            entries.setdefault("/" + "/".join(path.split("/")[1:depth]), FileEntry("d", 0o755, 0, 0, 0, 0, 0, "", ""))
    return HostTree(entries)


def _start(*processes: LiveProcess, tree: HostTree | None = None, workload: Workload | None = None) -> Starting:
    tree = tree or _tree(processes[0].executable)
    return make_start(workload or make_workload(), processes, tree, lambda _path: True, SecretTest())


@pytest.mark.parametrize(
    ("executable", "seen", "expected"),
    [
        ("/usr/sbin/apache2", "/usr/sbin/apache2 -k start", "/usr/sbin/apache2 -D FOREGROUND"),
        ("/usr/sbin/httpd", "/usr/sbin/httpd -DFOREGROUND", "/usr/sbin/httpd -D FOREGROUND"),
        ("/usr/sbin/exim4", "/usr/sbin/exim4 -bd -q30m", "/usr/sbin/exim4 -bdf -q30m"),
        ("/usr/sbin/mariadbd", "/usr/sbin/mariadbd --user=mysql", "/usr/sbin/mariadbd --user=mysql"),
        ("/usr/sbin/vsftpd", "/usr/sbin/vsftpd /etc/vsftpd.conf", "/usr/sbin/vsftpd /etc/vsftpd.conf -obackground=NO"),
        ("/usr/sbin/haproxy", "/usr/sbin/haproxy -D -f /etc/h.cfg", "/usr/sbin/haproxy -f /etc/h.cfg -db"),
        ("/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "/usr/sbin/sshd -D -e"),
        ("/usr/bin/memcached", "/usr/bin/memcached -d -m 64", "/usr/bin/memcached -m 64"),
        (
            "/usr/sbin/openvpn",
            "/usr/sbin/openvpn --daemon ovpn-office --config /etc/openvpn/office.conf",
            "/usr/sbin/openvpn --config /etc/openvpn/office.conf",
        ),
        (
            "/usr/sbin/openvpn",
            "/usr/sbin/openvpn --daemon --config /etc/openvpn/office.conf",
            "/usr/sbin/openvpn --config /etc/openvpn/office.conf",
        ),
        ("/usr/sbin/openvpn", "/usr/sbin/openvpn --cd /etc --daemon vpn", "/usr/sbin/openvpn --cd /etc"),
        ("/usr/sbin/mysqld", "/usr/sbin/mysqld --daemonize=ON --port=3307", "/usr/sbin/mysqld --port=3307"),
        ("/usr/lib/postfix/sbin/master", "/usr/lib/postfix/sbin/master -w", "/usr/sbin/postfix start-fg"),
    ],
)
def test_daemons_are_kept_in_the_foreground(executable: str, seen: str, expected: str) -> None:
    daemon = daemon_for(executable)
    assert daemon is not None
    arguments = [seen] if seen.startswith("sshd:") else seen.split()
    assert " ".join(foreground(daemon, executable, arguments)) == expected


@pytest.mark.parametrize("title", ["/usr/bin/redis-server 127.0.0.1:6379", "redis-server *:6379"])
def test_a_program_that_is_a_link_to_another_keeps_the_name_in_its_title(title: str) -> None:
    """Debian ships redis-server as a link to redis-check-rdb, which is a server only by that name."""
    tree = _tree("/usr/bin/redis-check-rdb", links={"/usr/bin/redis-server": "redis-check-rdb"})
    start = _start(process("/usr/bin/redis-check-rdb", title, uid=107), tree=tree).start
    assert start.arguments == (
        *("/usr/bin/redis-server", "/etc/redis/redis.conf", "--daemonize", "no", "--supervised", "no"),
    )
    assert start.user.startswith("107:")


def test_a_title_that_begins_with_another_programs_name_is_not_believed() -> None:
    tree = _tree("/usr/bin/redis-check-rdb", "/usr/bin/redis-server")
    start = _start(process("/usr/bin/redis-check-rdb", "/usr/bin/redis-server 127.0.0.1:6379"), tree=tree).start
    assert start.arguments[0] == "/usr/bin/redis-check-rdb"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (
            "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;",
            ["-g", "daemon off; master_process on;"],
        ),
        ("nginx: master process /usr/sbin/nginx", ["-g", "daemon off;"]),
        (
            "nginx: master process nginx -c /etc/n.conf -g user www;",
            ["-c", "/etc/n.conf", "-g", "daemon off; user www;"],
        ),
        ("nginx: master process nginx -g daemon on; -c /etc/n.conf", ["-c", "/etc/n.conf", "-g", "daemon off;"]),
    ],
)
def test_nginx_is_told_from_its_title(title: str, expected: list[str]) -> None:
    daemon = daemon_for("/usr/sbin/nginx")
    assert daemon is not None
    assert list(foreground(daemon, "/usr/sbin/nginx", [title])) == ["/usr/sbin/nginx", *expected]


def test_php_fpm_is_told_from_its_title() -> None:
    daemon = daemon_for("/usr/sbin/php-fpm8.2")
    assert daemon is not None
    seen = ["php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)"]
    expected = ("/usr/sbin/php-fpm8.2", "--nodaemonize", "--fpm-config", "/etc/php/8.2/fpm/php-fpm.conf")
    assert foreground(daemon, "/usr/sbin/php-fpm8.2", seen) == expected


def test_every_row_of_the_table_names_a_signal_and_has_a_reason() -> None:
    for daemon in daemons():
        assert daemon.stop_signal in signal.Signals.__members__
        assert daemon.reason
        assert daemon.user in ("", "root", "process")


def test_a_program_is_called_by_the_name_it_was_called_by() -> None:
    tree = _tree("/usr/bin/python3.11", "/opt/app/app.py", links={"/usr/bin/python3": "python3.11"})
    found = _start(process("/usr/bin/python3.11", "python3", "/opt/app/app.py", uid=1000), tree=tree)
    assert found.start.arguments == ("/usr/bin/python3", "/opt/app/app.py")
    rewritten = _start(process("/usr/bin/python3.11", "my title", uid=1000), tree=tree)
    assert rewritten.start.arguments == ("/usr/bin/python3.11",)


def test_the_environment_is_the_services_without_the_sessions_and_without_secrets() -> None:
    environment = [
        "LANG=de_DE.UTF-8",
        "SSH_CLIENT=1.2.3.4",
        "INVOCATION_ID=x",
        "API_TOKEN=a8Fk2Lq9Zx81mNpQ",
        "x y=1",
        "junk",
    ]
    start = _start(process("/opt/app/server", environment=environment)).start
    assert dict(start.environment).keys() == {"LANG", "PATH"}
    assert start.secret_environment == ("API_TOKEN",)
    assert "a8Fk2Lq9Zx81mNpQ" not in repr(start)


def test_a_secret_argument_is_handed_over_in_a_variable_and_arrives_as_it_was() -> None:
    seen = ("/bin/echo", '--password=it\'s $HOME "q" 7x', "--", "plain $HOME")
    start = _start(process("/bin/echo", *seen), tree=_tree("/bin/echo")).start
    assert start.secret_environment == ("ASSESS_ARGUMENT_1",)
    assert "it's" not in repr(start)
    env = {"ASSESS_ARGUMENT_1": seen[1]}
    run = subprocess.run(start.arguments, env=env, capture_output=True, text=True, check=True)
    assert run.stdout == f"{seen[1]} -- {seen[3]}\n"
    assert subprocess.run(start.arguments, env={}, capture_output=True).returncode != 0


def test_another_umask_is_set_before_the_program() -> None:
    start = _start(process("/bin/sh", "/bin/sh", "-c", "umask", umask=0o027), tree=_tree("/bin/sh")).start
    assert subprocess.run(start.arguments, capture_output=True, text=True, check=True).stdout.strip() == "0027"
    assert _start(process("/usr/sbin/mariadbd", umask=0o006)).start.arguments == ("/usr/sbin/mariadbd",)


def test_an_init_is_asked_for_where_sigterm_would_be_lost_or_children_left() -> None:
    deaf = process("/opt/app/server", catches=0)
    heard = process("/opt/app/server")
    assert _start(deaf).start.init
    assert not _start(heard).start.init
    assert _start(heard, replace(heard, pid=101)).start.init
    apache = process("/usr/sbin/apache2", "/usr/sbin/apache2", "-k", "start")
    assert not _start(apache, replace(apache, pid=101)).start.init


def test_supplementary_groups_are_kept() -> None:
    start = _start(process("/opt/app/server", uid=1000, groups=[1000, 44, 20])).start
    assert (start.user, start.groups) == ("1000:1000", (44, 20))


def _listening(port: int, workload: Workload) -> Workload:
    listener = Listener("tcp", "0.0.0.0", port, 0, 1, HERE)
    return replace(workload, listeners=(OwnedListener(listener, (100,)),))


def test_who_binds_a_privileged_port_without_the_capability_was_root_once() -> None:
    seen = process("/usr/bin/python3", "python3", "/opt/app/app.py", uid=1000)
    assert account(seen, _listening(80, make_workload()), "")[0]
    assert not account(seen, _listening(8080, make_workload()), "")[0]
    assert not account(replace(seen, capabilities=1 << 10), _listening(80, make_workload()), "")[0]
    allowed = systemd("app", User="app", AmbientCapabilities="cap_net_bind_service", ExecStart="x")
    assert not account(seen, _listening(80, make_workload(service=allowed)), "")[0]


_SCRIPT = """#!/bin/sh
DAEMON=/usr/local/sbin/printer
NAME="printer"
OPTIONS='-v --log /var/log/x'
PIDFILE=/run/$NAME.pid
start-stop-daemon --start --quiet --pidfile "$PIDFILE" --exec /usr/bin/perl \\
    --startas "$DAEMON" -- -q "${OPTIONS}" > /dev/null 2>&1 || return 2
"""


def test_a_process_that_hides_its_command_line_is_started_as_the_host_starts_it() -> None:
    tree = _tree("/usr/bin/perl", "/usr/local/sbin/printer")
    seen = process("/usr/bin/perl", "<img src=x onerror=alert(1)>")
    script = make_workload(service=sysv("printer", _SCRIPT))
    assert _start(seen, tree=tree, workload=script).start.arguments == (
        "/usr/local/sbin/printer", "-q", "-v --log /var/log/x"
    )  # fmt: skip
    unit = systemd(
        "printer",
        ExecStart="{ path=/usr/local/sbin/printer ; argv[]=/usr/local/sbin/printer -a b ; ignore_errors=no ; }",
    )
    assert _start(seen, tree=tree, workload=make_workload(service=unit)).start.arguments[-2:] == ("-a", "b")
    unknown = make_workload(service=sysv("printer", "start-stop-daemon --start --exec $(which printer) -- -q"))
    assert _start(seen, tree=tree, workload=unknown).start.arguments == ("/usr/bin/perl",)


def test_a_title_of_ruby_leaves_empty_arguments_behind_it() -> None:
    tree = _tree("/usr/bin/ruby3.1", "/usr/bin/puma")
    script = (
        'control() { start-stop-daemon "$@"; }\n'
        "curl -S -x /proxy http://localhost/\n"  # has options of the same letters
        "control --start --startas /usr/bin/puma -- -b tcp://0.0.0.0:80\n"
    )
    seen = process("/usr/bin/ruby3.1", "puma 5.6.5 (tcp://0.0.0.0:80) [app]", "", "", "")
    start = _start(seen, tree=tree, workload=make_workload(service=sysv("app", script))).start
    assert start.arguments == ("/usr/bin/puma", "-b", "tcp://0.0.0.0:80")
    plain = process("/usr/bin/ruby3.1", "/usr/bin/ruby3.1", "", "x")
    assert _start(plain, tree=tree).start.arguments == ("/usr/bin/ruby3.1", "", "x")


def test_a_units_stop_signal_is_kept() -> None:
    workload = make_workload(service=systemd("app", KillSignal="2", Type="simple", User="app"))
    start = _start(process("/opt/app/server", uid=1000), workload=workload).start
    assert start.stop_signal == "SIGINT"
    assert "Type=simple" in start.reason


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("start-stop-daemon --start --exec /opt/app/server", True),
        ("start-stop-daemon --start --chuid app --exec /opt/app/server", False),
        ("su - app -c /opt/app/server", False),
        ("/opt/app/wrapper.sh start", False),
    ],
)
def test_an_init_script_says_who_starts_it(text: str, root: bool) -> None:
    assert account(process("/opt/app/server", uid=1000), make_workload(service=sysv("app", text)), "")[0] is root


def test_a_unit_says_who_starts_it() -> None:
    seen = process("/opt/app/server", uid=1000)
    assert not account(seen, make_workload(service=systemd("a", User="app", ExecStart="/opt/app/server")), "")[0]
    assert account(seen, make_workload(service=systemd("a", ExecStart="{ path=/opt/app/server ; }")), "")[0]


def test_a_program_that_refuses_root_is_never_started_as_root() -> None:
    seen = process("/usr/lib/postgresql/15/bin/postgres", uid=106)
    assert account(seen, make_workload(service=sysv("postgresql", "exec postgres")), "process") == (False, "")
    assert _start(seen).start.stop_signal == "SIGINT"
