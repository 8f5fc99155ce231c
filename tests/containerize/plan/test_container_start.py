"""Services start in the foreground, as the account they need, with what they were told and without their secrets."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import replace

import pytest

from assess.model import Workload
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.process_listing import LiveProcess
from containerize.plan.container_start import Starting, make_start
from containerize.plan.foreground_start import daemon_for, daemons, foreground
from containerize.plan.start_account import account
from containerize.plan.start_environment import USUAL_PATH
from containerize.plan.start_service import StartSource
from containerize.plan.supervised_start import container_start
from containerize.secret_values.secret_sources import SecretTest
from containerize.start.init_script import init_script_start, script_itself
from containerize.start.managed_start import ManagedStart
from containerize.start.systemd_start import UnitFiles, systemd_start
from inventory.model.sockets import Listener, OwnedListener
from tests.containerize.closure.pretend_host import HERE, make_workload, process, systemd, sysv


def _tree(*paths: str, links: dict[str, str] | None = None) -> HostTree:
    entries = {path: FileEntry("f", 0o755, 0, 0, 1, 0, 0, "", "") for path in paths}
    entries |= {path: FileEntry("l", 0o777, 0, 0, 0, 0, 0, "", target) for path, target in (links or {}).items()}
    for path in list(entries):
        for depth in range(2, path.count("/") + 1):
            entries.setdefault("/" + "/".join(path.split("/")[1:depth]), FileEntry("d", 0o755, 0, 0, 0, 0, 0, "", ""))
    return HostTree(entries)


def _start(
    *processes: LiveProcess,
    tree: HostTree | None = None,
    workload: Workload | None = None,
    managed: ManagedStart | None = None,
) -> Starting:
    tree = tree or _tree(processes[0].executable)
    source = StartSource(managed)
    return make_start(workload or make_workload(), processes, tree, lambda _path: True, SecretTest(), source)


def _script(text: str) -> ManagedStart:
    """The start by an init script."""
    found = init_script_start("app", "/etc/init.d/app", text, {}, lambda _path: True)
    return found or script_itself("/etc/init.d/app")


def _unit(text: str, **environment: str) -> ManagedStart:
    """The start by a unit."""
    found = systemd_start(UnitFiles("app", (f"[Service]\n{text}",), environment=environment))
    assert found is not None
    return found


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
    assert _start(seen, tree=tree, managed=_script(_SCRIPT)).start.arguments == (
        "/usr/local/sbin/printer", "-q", "-v --log /var/log/x"
    )  # fmt: skip
    unit = _unit("ExecStart=/usr/local/sbin/printer -a b")
    assert _start(seen, tree=tree, managed=unit).start.arguments == ("/usr/local/sbin/printer", "-a", "b")
    unknown = _script("start-stop-daemon --start --exec $(which printer) -- -q")
    assert _start(seen, tree=tree, managed=unknown).start.arguments == ("/etc/init.d/app", "start")
    assert _start(seen, tree=tree).start.arguments == ("/usr/bin/perl",)


def test_a_title_of_ruby_leaves_empty_arguments_behind_it() -> None:
    tree = _tree("/usr/bin/ruby3.1", "/usr/bin/puma")
    script = (
        'control() { start-stop-daemon "$@"; }\n'
        "curl -S -x /proxy http://localhost/\n"  # has options of the same letters
        "control --start --startas /usr/bin/puma -- -b tcp://0.0.0.0:80\n"
    )
    seen = process("/usr/bin/ruby3.1", "puma 5.6.5 (tcp://0.0.0.0:80) [app]", "", "", "")
    start = _start(seen, tree=tree, managed=_script(script)).start
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


def test_a_forking_daemon_is_followed_by_the_supervisor() -> None:
    unit = _unit("Type=forking\nPIDFile=/var/run/app.pid\nExecStart=/opt/app/server -b\nUser=app\nUMask=027")
    found = _start(process("/opt/app/server", "/opt/app/server", "-b", uid=1000), managed=unit)
    assert found.needed
    assert found.start.user == "1000:1000"
    service = found.service
    assert (service.kind, service.pid_file, service.uid, service.umask) == ("forking", "/run/app.pid", 1000, 0o027)
    assert service.start[-1].argv == ("/opt/app/server", "-b")
    assert not found.as_root


def test_a_unit_that_stays_in_the_foreground_needs_no_supervisor() -> None:
    unit = _unit("Type=notify\nExecStart=/opt/app/server $OPTS ${NAME}\nEnvironment=OPTS='-a b' NAME='x y' MODE=1")
    seen = process("/opt/app/server", "/opt/app/server", "-a", "b", "x y", environment=["MODE=1", "SELF=set", "LANG=C"])
    found = _start(seen, managed=unit)
    assert not found.needed
    assert found.start.arguments == ("/opt/app/server", "-a", "b", "x y")
    assert dict(found.start.environment) == {
        "LANG": "C", "MODE": "1", "NAME": "x y", "OPTS": "-a b", "PATH": USUAL_PATH
    }  # fmt: skip


def test_a_running_process_wins_over_a_unit_that_was_changed_since() -> None:
    unit = _unit("ExecStart=/opt/app/server --port 90")
    found = _start(process("/opt/app/server", "/opt/app/server", "--port", "80"), managed=unit)
    assert found.start.arguments[1:] == ("--port", "80")
    assert [note for note in found.notes if "another command than the running process" in note]
    blanked = _start(process("/opt/app/server", "/opt/app/server", "--port", "**"), managed=unit)
    assert blanked.start.arguments[1:] == ("--port", "90")


def test_what_nothing_explains_and_init_adopted_may_have_left_the_foreground() -> None:
    found = _start(process("/opt/app/server", "/opt/app/server", "--detach"))
    assert found.helped == ("may leave the foreground",)
    assert (found.service.kind, found.service.start_seconds) == ("forking", 0)
    assert not _start(process("/opt/app/server", ppid=44)).helped


def test_commands_before_and_after_the_start_are_kept_where_they_matter() -> None:
    unit = _unit(
        "ExecStartPre=/usr/sbin/app -t\nExecStartPre=-/bin/mkdir -p /run/app\nExecStart=/opt/app/server\n"
        "ExecStartPost=/usr/bin/app-setup --now\nExecStop=/bin/kill -INT $MAINPID\nExecStartPre=/bin/systemctl start x"
    )
    found = _start(process("/opt/app/server"), managed=unit)
    assert found.needed == ("runs app-setup before or after its start",)
    assert [each.argv[0] for each in found.service.pre] == ["/usr/sbin/app", "/bin/mkdir"]
    assert found.service.stop[0].argv == ("/bin/kill", "-INT", "$MAINPID")
    assert [note for note in found.notes if "systemctl, which manages the host" in note]
    only_checks = _unit("ExecStartPre=/usr/sbin/app -t\nExecStart=/opt/app/server\nExecStartPre=/bin/mkdir /run/x")
    assert not _start(process("/opt/app/server"), managed=only_checks).needed


def test_sockets_of_the_manager_are_passed() -> None:
    socket = "[Socket]\nListenStream=80\nListenStream=/run/app.sock\nSocketMode=0660\nSocketUser=web\nListenFIFO=/x"
    unit = systemd_start(
        UnitFiles("app", ("[Service]\nExecStart=/opt/app/server\nUser=app",), (("app.socket", (socket,)),))
    )
    seen = process("/opt/app/server", uid=1000)
    found = make_start(
        make_workload(), [seen], _tree("/opt/app/server"), lambda _path: True, SecretTest(),
        StartSource(unit, users={"web": 33}),
    )  # fmt: skip
    assert found.needed == ("gets its sockets from its manager",)
    assert found.as_root
    assert (found.service.uid, found.service.socket_style) == (1000, "listen-fds")
    assert [(each.protocol, each.port, each.path, each.uid) for each in found.service.sockets] == [
        ("tcp", 80, "", 0), ("unix-stream", 0, "/run/app.sock", 33)
    ]  # fmt: skip
    assert [note for note in found.notes if "ListenFIFO" in note]


def test_numbers_that_the_supervisor_rejects_are_not_given_to_it() -> None:
    """It reads its settings when the container starts, and ends where one is beyond its limits."""
    socket = "[Socket]\nListenStream=80\nAccept=yes\nMaxConnections=4096"
    text = "[Service]\nExecStart=/opt/app/server\nNice=100\nLimitNOFILE=2000:1000\nLimitCORE=infinity:0"
    unit = systemd_start(UnitFiles("app", (text,), (("app.socket", (socket,)),)))
    service = _start(process("/opt/app/server"), managed=unit).service
    assert (service.instances, service.nice) == (1024, 19)
    assert [(each.name, each.soft, each.hard) for each in service.limits] == [("core", 0, 0), ("nofile", 1000, 1000)]
    script = _script("start-stop-daemon --start --pidfile app.pid --exec /opt/app/server")
    assert _start(process("/opt/app/server"), managed=script).service.pid_file == ""


def test_secrets_of_an_environment_file_are_named_and_not_told() -> None:
    unit = _unit(
        "EnvironmentFile=/etc/app.env\nExecStart=/opt/app/server", **{"/etc/app.env": "DSN=a8Fk2Lq9\nMODE=1\n"}
    )
    found = make_start(
        make_workload(), [process("/opt/app/server")], _tree("/opt/app/server"), lambda _path: True, SecretTest(),
        StartSource(unit, frozenset({"DSN"})),
    )  # fmt: skip
    assert found.start.secret_environment == ("DSN",)
    assert found.service.secrets == ("DSN",)
    assert dict(found.start.environment)["MODE"] == "1"
    assert "a8Fk2Lq9" not in repr(found)


def test_variables_of_the_manager_itself_are_taken_from_the_process() -> None:
    seen = process("/opt/app/server", environment=["MODE=1", "REGION=eu", "SHLVL=1"])
    unit = _unit("Environment=MODE=2\nExecStart=/opt/app/server")
    assert dict(_start(seen, managed=unit).start.environment) == {"MODE": "2", "PATH": USUAL_PATH}
    inherited = _start(seen, managed=replace(unit, inherits=True)).start
    assert dict(inherited.environment) == {"MODE": "2", "REGION": "eu", "PATH": USUAL_PATH}


def test_secret_variables_in_a_part_of_an_argument_are_not_told() -> None:
    unit = _unit(
        "EnvironmentFile=/etc/app.env\nExecStart=/opt/app/server --name=${NAME} --auth app:${API_PASSWORD}\n"
        "ExecStartPost=/usr/bin/curl -H 'X-Auth: ${API_PASSWORD}' http://127.0.0.1/\n"
        "ExecStop=/usr/bin/ctl -p${API_PASSWORD} stop\nExecStopPost=/usr/bin/ctl --name=${NAME}",
        **{"/etc/app.env": "NAME=office-server\nAPI_PASSWORD=correct-horse-battery\n"},
    )
    found = make_start(
        make_workload(), [process("/opt/app/server", *unit.arguments)], _tree("/opt/app/server"), lambda _path: True,
        SecretTest(), StartSource(unit),
    )  # fmt: skip
    _, spec = container_start([found], available=True)
    assert "correct-horse-battery" not in repr((found, spec))
    assert found.start.secret_environment == ("API_PASSWORD", "ASSESS_ARGUMENT_3")
    assert found.start.arguments[-3:] == ("--name=office-server", "--auth", "")
    assert [each.argv[1:] for each in found.service.post_stop] == [("--name=office-server",)]
    assert [note for note in found.notes if "runs ctl with a secret among its arguments" in note]


def test_a_known_foreground_form_gets_the_options_that_a_title_hides() -> None:
    tree = _tree("/usr/bin/redis-server")
    unit = _unit(
        "Type=notify\nExecStart=/usr/bin/redis-server /etc/r.conf --supervised systemd --daemonize no --port 7000"
    )
    found = _start(process("/usr/bin/redis-server", "/usr/bin/redis-server *:7000"), tree=tree, managed=unit)
    assert found.start.arguments == (
        "/usr/bin/redis-server", "/etc/r.conf", "--port", "7000", "--daemonize", "no", "--supervised", "no"
    )  # fmt: skip
    assert not found.needed


def test_the_account_is_the_one_of_the_unit_or_root() -> None:
    seen = process("/opt/app/server", uid=1000)
    assert _start(seen, managed=_unit("User=app\nExecStart=/opt/app/server")).start.user == "1000:1000"
    assert _start(seen, managed=_unit("ExecStart=/opt/app/server")).start.user == "0:0"
    assert _start(seen, managed=_script("start-stop-daemon --start --chuid app --exec /opt/app/server")).start.user == (
        "1000:1000"
    )
