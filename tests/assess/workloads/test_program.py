"""Which program a process runs."""

from dataclasses import replace

import pytest

from assess.workloads.program import Program, is_shell, program_of
from tests.support.snapshots import HostBuilder


def run(executable: str | None, *arguments: str, directory: str = "/", name: str = "") -> Program:
    return program_of(HostBuilder().process(10, executable, *arguments, working_directory=directory, name=name))


@pytest.mark.parametrize(
    ("executable", "arguments", "directory", "script", "name"),
    [
        ("/usr/sbin/nginx", ("-g", "daemon off;"), "/", "", "nginx"),
        ("/usr/bin/python3.9", ("/opt/inventory/server.py",), "/", "/opt/inventory/server.py", "inventory"),
        (
            "/usr/bin/python3.9",
            ("-u", "-W", "ignore", "/opt/shop/bin/report.py"),
            "/",
            "/opt/shop/bin/report.py",
            "report",
        ),
        ("/usr/bin/python2.7", ("manage.py", "runserver"), "/srv/shop", "/srv/shop/manage.py", "shop"),
        ("/usr/bin/python3.11", ("-m", "http.server", "80"), "/", "http.server", "server"),
        ("/usr/bin/python3.11", ("-c", "import x"), "/", "", "python3.11"),
        ("/usr/bin/perl", ("-w", "/usr/sbin/munin-node"), "/", "/usr/sbin/munin-node", "munin-node"),
        ("/bin/sh", ("-e", "/usr/bin/mysqld_safe"), "/", "/usr/bin/mysqld_safe", "mysqld_safe"),
        ("/bin/sh", ("-s",), "/", "", "sh"),
        ("/bin/bash", ("-c", "sleep 5"), "/", "", "bash"),
        ("/bin/bash", ("-lc", "exec /opt/shop/serve -v"), "/", "", "bash"),
        ("/bin/bash", ("-euo", "pipefail", "/opt/shop/watch.sh"), "/", "/opt/shop/watch.sh", "watch"),
        ("/bin/bash", ("-O", "extglob", "+o", "posix", "/opt/shop/watch.sh"), "/", "/opt/shop/watch.sh", "watch"),
        ("/bin/bash", ("--rcfile", "/opt/shop/rc", "-i"), "/", "", "bash"),
        ("/bin/sh", ("-", "/opt/shop/watch.sh"), "/", "/opt/shop/watch.sh", "watch"),
        ("/usr/bin/node", ("--require", "x", "/srv/api/server.js"), "/", "/srv/api/server.js", "api"),
        ("/usr/bin/php8.2", ("-d", "x=1", "/srv/q/worker.php"), "/", "/srv/q/worker.php", "worker"),
        ("/usr/lib/jvm/j/bin/java", ("-Xmx1g", "-jar", "/opt/ci/jenkins.war"), "/", "/opt/ci/jenkins.war", "jenkins"),
        (
            "/usr/lib/jvm/j/bin/java",
            ("-cp", "/a.jar", "org.apache.catalina.startup.Bootstrap", "start"),
            "/",
            "org.apache.catalina.startup.Bootstrap",
            "Bootstrap",
        ),
    ],
)
def test_the_script_is_the_program_of_an_interpreter(
    executable: str, arguments: tuple[str, ...], directory: str, script: str, name: str
) -> None:
    program = run(executable, *arguments, directory=directory)

    assert (script, name) == (program.script, program.name)


@pytest.mark.parametrize(
    ("arguments", "script", "shell"),
    [
        (("/usr/sbin/crond", "-f", "-L", "/var/log/cron.log"), "crond", False),
        (("nc", "-lk", "-p", "8080"), "nc", False),
        (("/sbin/init",), "init", False),
        (("/bin/sh", "/opt/stock/ledger.sh"), "/opt/stock/ledger.sh", True),
        (("-ash",), "", True),
        (("busybox", "httpd", "-p", "80"), "httpd", True),
    ],
)
def test_a_link_to_busybox_is_a_program_of_its_own(arguments: tuple[str, ...], script: str, *, shell: bool) -> None:
    process = replace(HostBuilder().process(10, "/bin/busybox"), arguments=arguments)

    assert (program_of(process).script, is_shell(process)) == (script, shell)


def test_without_root_the_arguments_stand_in_for_the_executable() -> None:
    process = HostBuilder().process(10, "/usr/sbin/nginx")

    assert program_of(replace(process, executable=None)).executable == "/usr/sbin/nginx"
    assert program_of(replace(process, executable=None, arguments=("nginx: worker process",))).executable == "nginx"


def test_a_script_in_directories_of_no_meaning_keeps_its_own_name() -> None:
    assert run("/usr/bin/python3", "/app/server.py").name == "server"


def test_a_daemon_that_gave_itself_a_title_is_called_by_it() -> None:
    process = HostBuilder().process(10, "/usr/bin/perl", arguments=("munin-node: idle",))

    assert program_of(process).name == "munin-node"


def test_the_shell_of_a_login_has_no_title() -> None:
    assert program_of(HostBuilder().process(10, "/bin/bash", arguments=("-bash",))).name == "bash"
