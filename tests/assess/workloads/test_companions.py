"""What cannot live without what."""

import pytest

from assess.workloads import find_workloads
from inventory.model.libraries import MappedFile
from tests.support.snapshots import HostBuilder, origin


def companions(host: HostBuilder) -> dict[str, tuple[str, ...]]:
    return {each.name: each.companions for each in find_workloads(host.build()) if each.companions}


def web_and_php() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", uid=33)
    host.process(60, "/usr/sbin/php-fpm8.2", "--fpm-config", "/etc/php/8.2/fpm/php-fpm.conf")
    host.listen_unix(host.processes[-1], "/run/php/php8.2-fpm.sock")
    host.config("/etc/php/8.2/fpm/php-fpm.conf", "listen = /run/php/php8.2-fpm.sock")
    return host


def test_the_php_behind_a_unix_socket_is_a_companion() -> None:
    host = web_and_php()
    host.config("/etc/nginx/nginx.conf", "  fastcgi_pass unix:/var/run/php/php8.2-fpm.sock;")
    workload = next(each for each in find_workloads(host.build()) if each.name == "nginx")

    assert workload.companions == ("web01/php-fpm8.2",)
    ((name, evidence),) = workload.companion_evidence
    assert name == "web01/php-fpm8.2"
    assert evidence.text.strip().startswith("fastcgi_pass")
    assert companions(host) == {"nginx": ("web01/php-fpm8.2",)}


def test_a_socket_that_nobody_names_ties_nothing() -> None:
    assert not companions(web_and_php())


def test_a_socket_named_in_a_comment_ties_nothing() -> None:
    host = web_and_php()
    host.config("/etc/nginx/nginx.conf", "#  fastcgi_pass unix:/run/php/php8.2-fpm.sock;")

    assert not companions(host)


def test_the_socket_of_a_host_function_makes_no_companion() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", uid=33)
    host.process(60, "/usr/sbin/rsyslogd")
    host.listen_unix(host.processes[-1], "/run/systemd/journal/dev-log")
    host.config("/etc/nginx/nginx.conf", "error_log syslog:server=unix:/run/systemd/journal/dev-log;")

    assert not companions(host)


def test_a_socket_on_the_command_line_ties() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/a/a", "--db=/run/b/b.sock")
    host.process(60, "/opt/b/b")
    host.listen_unix(host.processes[-1], "/run/b/b.sock")

    assert companions(host) == {"a": ("web01/b",)}


def front_and_worker(path: str) -> HostBuilder:
    """Two services of one application; the file names the socket where the worker listens."""
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/python3", "/opt/survey/front.py")
    host.process(60, "/usr/bin/python3", "/opt/survey/worker.py")
    host.listen_unix(host.processes[-1], "/run/survey/worker.sock")
    host.config("/opt/survey/worker.py", "SOCKET = '/run/survey/worker.sock'")
    host.config(path, "socket = '/run/survey/worker.sock'")
    return host


def test_a_service_of_the_same_application_is_tied_by_its_program_or_by_what_both_read() -> None:
    for path in ("/opt/survey/front.py", "/opt/survey/settings.ini"):
        assert companions(front_and_worker(path)) == {"front": ("web01/worker",)}


def test_the_program_that_listens_ties_nobody_to_itself() -> None:
    assert not companions(front_and_worker("/opt/survey/worker.py"))


def test_a_pipe_ties_both_ends() -> None:
    host = HostBuilder()
    host.init()
    writer, reader = host.process(50, "/opt/a/a"), host.process(60, "/opt/b/b")
    host.open(writer, "pipe:[777]", descriptor=7, writable=True)
    host.open(reader, "pipe:[777]", descriptor=8, writable=False)

    assert companions(host) == {"a": ("web01/b",), "b": ("web01/a",)}


def test_the_pipe_of_standard_output_comes_from_whoever_started_both() -> None:
    host = HostBuilder()
    host.init()
    for pid, writable in ((50, True), (60, False)):
        host.open(host.process(pid, f"/opt/{pid}/x{pid}"), "pipe:[777]", descriptor=1, writable=writable)

    assert not companions(host)


def test_shared_memory_ties_whoever_maps_it() -> None:
    host = HostBuilder()
    host.init()
    first, second = host.process(50, "/opt/a/a"), host.process(60, "/opt/b/b")
    host.mapped.append(MappedFile("/SYSV00001234", (first.pid, second.pid), False, True, origin("libraries")))
    host.mapped.append(MappedFile("/usr/lib/libc.so.6", (first.pid, second.pid), True, False, origin("libraries", 2)))

    assert companions(host) == {"a": ("web01/b",), "b": ("web01/a",)}


def test_a_file_of_a_server_that_is_read_through_memory_ties_the_reader_to_it() -> None:
    host = HostBuilder()
    host.init()
    cache, log = host.process(50, "/usr/sbin/varnishd"), host.process(60, "/usr/bin/varnishncsa")
    for number, path in enumerate(("/var/lib/varnishd/_.vsm/_.Log", "/var/lib/dpkg/info", "/var/cache/varnishd/x"), 1):
        host.mapped.append(MappedFile(path, (cache.pid, log.pid), False, False, origin("libraries", number)))

    assert companions(host) == {"varnishncsa": ("web01/varnishd",)}


def mail() -> HostBuilder:
    """Postfix, and Dovecot with sockets in Postfix's queue directory."""
    host = HostBuilder()
    host.init()
    queue = "/var/spool/postfix"
    host.listen(host.process(50, "/usr/lib/postfix/sbin/master", unit="postfix.service", working_directory=queue), 25)
    host.process(60, "/usr/sbin/dovecot", "-F", unit="dovecot.service", working_directory="/run/dovecot")
    for name in ("auth", "dovecot-lmtp"):
        host.listen_unix(host.processes[-1], f"{queue}/private/{name}")
    host.listen_unix(host.processes[-1], "/run/dovecot/anvil")
    return host


def test_who_puts_a_socket_into_the_directory_of_another_is_its_companion() -> None:
    assert companions(mail()) == {"postfix": ("web01/dovecot",)}


def test_two_services_of_one_directory_are_not_tied_by_a_socket_in_it() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/ruby", "/srv/shop/sidekiq", working_directory="/srv/shop")
    host.process(60, "/usr/bin/ruby", "/srv/shop/puma", working_directory="/srv/shop")
    host.listen_unix(host.processes[-1], "/srv/shop/tmp/puma.sock")

    assert not companions(host)


def php_and_database(path: str, *lines: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/apache2", "-k", "start", unit="apache2.service")
    host.process(60, "/usr/sbin/mariadbd", unit="mariadb.service")
    host.listen_unix(host.processes[-1], "/run/mysqld/mysqld.sock")
    host.config("/etc/apache2/sites-enabled/shop.conf", "DocumentRoot /srv/shop")
    host.config("/srv/shop/index.php", "require 'settings.php';", code=True)
    host.config(path, *lines)
    return host


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/srv/shop/wp-config.php", ("define( 'DB_HOST', 'localhost' );",)),
        ("/srv/shop/.env", ("DB_CONNECTION=mysql", "DB_HOST=localhost", "DB_PORT=3306")),
        ("/srv/shop/settings.php", ("  'driver' => 'mysql',", "  'host' => 'localhost',")),
        ("/srv/shop/configuration.php", ("public $dbtype = 'mysqli';", "public $host = 'localhost';")),
        ("/srv/shop/db.inc", ('$link = mysqli_connect("localhost", $user, $password);',)),
        ("/srv/shop/db.php", ("new PDO('mysql:host=localhost;dbname=shop', $user)",)),
        ("/srv/shop/config.inc.php", ("$config['db_dsnw'] = 'mysql://roundcube:***@localhost/roundcube';",)),
        ("/srv/shop/report.pl", ('DBI->connect("DBI:mysql:database=shop;host=localhost")',)),
    ],
)
def test_localhost_of_php_is_the_socket_of_the_database(path: str, lines: tuple[str, ...]) -> None:
    assert companions(php_and_database(path, *lines)) == {"apache2": ("web01/mariadb",)}


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/srv/shop/wp-config.php", ("define( 'DB_HOST', 'db01' );",)),
        ("/srv/shop/wp-config.php", ("// define( 'DB_HOST', 'localhost' );",)),
        ("/srv/shop/.env", ("DB_CONNECTION=pgsql", "DB_HOST=localhost")),
        ("/srv/shop/mail.php", ("'host' => 'localhost',", "'port' => 25,")),
        ("/srv/shop/app.py", ("DB_HOST = 'localhost'",)),
        ("/srv/shop/db.php", ("new PDO('mysql:host=localhost:3307')",)),
    ],
)
def test_other_hosts_and_other_databases_are_not(path: str, lines: tuple[str, ...]) -> None:
    assert not companions(php_and_database(path, *lines))


def apart(host: HostBuilder) -> dict[str, list[tuple[str, str]]]:
    """By service: (companion, path of its socket) where the two can run in different containers."""
    found = find_workloads(host.build())
    return {each.name: [(tie.companion, tie.path) for tie in each.socket_ties] for each in found if each.socket_ties}


def test_a_database_can_run_in_another_container_with_the_directory_of_its_socket() -> None:
    host = php_and_database("/srv/shop/wp-config.php", "define( 'DB_HOST', 'localhost' );")

    assert apart(host) == {"apache2": [("web01/mariadb", "/run/mysqld/mysqld.sock")]}
    (apache,) = (each for each in find_workloads(host.build()) if each.name == "apache2")
    assert not apache.inseparable


def test_dovecot_can_run_in_another_container_with_the_directory_in_the_queue() -> None:
    private = "/var/spool/postfix/private"

    assert apart(mail()) == {
        "postfix": [("web01/dovecot", f"{private}/auth"), ("web01/dovecot", f"{private}/dovecot-lmtp")]
    }


def test_a_service_with_a_directory_inside_that_of_another_is_its_companion() -> None:
    host = mail()
    places = "/var/spool/postfix/opendkim"
    host.process(70, "/usr/sbin/opendkim", "-f", unit="opendkim.service", working_directory=places)
    host.listen_unix(host.processes[-1], f"{places}/opendkim.sock")

    assert companions(host) == {"postfix": ("web01/dovecot", "web01/opendkim")}
    assert ("web01/opendkim", f"{places}/opendkim.sock") in apart(host)["postfix"]


def test_php_must_share_the_container_because_the_web_server_names_its_files() -> None:
    host = web_and_php()
    host.config("/etc/nginx/nginx.conf", "  upstream php { server unix:/run/php/php8.2-fpm.sock; }")

    assert companions(host) == {"nginx": ("web01/php-fpm8.2",)}
    assert not apart(host)


def proxy_and_application(path: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", uid=33)
    host.process(60, "/opt/shop/bin/shop")
    host.listen_unix(host.processes[-1], path)
    host.config("/etc/nginx/nginx.conf", f"  proxy_pass http://unix:{path}:/;")
    return host


def test_an_application_behind_a_socket_can_run_in_another_container() -> None:
    assert apart(proxy_and_application("/run/shop/shop.sock")) == {"nginx": [("web01/shop", "/run/shop/shop.sock")]}


@pytest.mark.parametrize("path", ["/run/shop.sock", "/tmp/shop.sock", "/opt/shop/shop.sock", "/run/shop/../shop.sock"])
def test_a_socket_in_a_directory_that_holds_more_keeps_both_in_one_container(path: str) -> None:
    host = proxy_and_application(path)

    assert not apart(host)


def test_memory_that_two_services_share_keeps_both_in_one_container() -> None:
    host = proxy_and_application("/run/shop/shop.sock")
    pids = tuple(process.pid for process in host.processes[-2:])
    host.mapped.append(MappedFile("/SYSV00001234", pids, False, True, origin("libraries")))

    assert companions(host)["nginx"] == ("web01/shop",)
    assert not apart(host)


def application_and_postgresql(*lines: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/python3", "/opt/survey/app.py")
    host.process(60, "/usr/lib/postgresql/15/bin/postgres", unit="postgresql.service")
    host.listen_unix(host.processes[-1], "/run/postgresql/.s.PGSQL.5432")
    host.config("/opt/survey/settings.py", *lines)
    return host


@pytest.mark.parametrize(
    "lines",
    [
        ("URL = 'postgresql:///survey'",),
        ("URL = 'postgresql+psycopg2://survey@/survey'",),
        ("psycopg2.connect('dbname=survey user=survey')",),
        ("'ENGINE': 'django.db.backends.postgresql',", "'NAME': 'survey',", "'HOST': '',"),
        ("'ENGINE': 'django.db.backends.postgresql',", "'NAME': 'survey',"),
        ("psycopg2.connect('host=/var/run/postgresql dbname=survey')",),
    ],
)
def test_postgresql_without_a_host_is_its_socket(lines: tuple[str, ...]) -> None:
    socket = ("web01/postgresql", "/run/postgresql/.s.PGSQL.5432")
    assert apart(application_and_postgresql(*lines)) == {"survey": [socket]}


@pytest.mark.parametrize(
    "lines",
    [
        ("URL = 'postgresql://db01/survey'",),
        ("psycopg2.connect('host=db01 dbname=survey')",),
        ("'ENGINE': 'django.db.backends.postgresql',", "'HOST': 'db01',"),
        ("URL = 'mysql:///survey'",),
    ],
)
def test_postgresql_on_another_host_is_not(lines: tuple[str, ...]) -> None:
    assert not companions(application_and_postgresql(*lines))
