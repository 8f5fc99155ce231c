"""What a workload must not lose."""

from assess.model import DataDirectory
from assess.workloads import find_workloads
from inventory.model.processes import Process
from tests.support.snapshots import HostBuilder


def data(host: HostBuilder) -> dict[str, DataDirectory]:
    (workload,) = [each for each in find_workloads(host.build()) if each.kind == "service"]
    return {each.path: each for each in workload.data}


def serving(executable: str, *arguments: str, uid: int = 101) -> tuple[HostBuilder, Process]:
    host = HostBuilder()
    host.init()
    return host, host.process(50, executable, *arguments, uid=uid)


def test_a_file_held_open_for_writing_makes_its_directory_data() -> None:
    host, server = serving("/usr/sbin/srvd")
    host.directory("/var/lib/srv", uid=101, mode=0o700)
    host.directory("/var/lib/srv/db", uid=101, mode=0o700)
    host.open(server, "/var/lib/srv/db/table.dat")

    found = data(host)

    assert list(found) == ["/var/lib/srv"]
    assert (found["/var/lib/srv"].uid, found["/var/lib/srv"].mode) == (101, 0o700)
    assert "/var/lib/srv/db/table.dat" in found["/var/lib/srv"].evidence[0].fact
    assert found["/var/lib/srv"].evidence[0].origin is not None


def test_a_file_that_is_only_read_or_has_no_name_any_more_makes_no_data() -> None:
    host, server = serving("/usr/sbin/srvd")
    host.open(server, "/var/lib/srv/db/table.dat", writable=False)
    host.open(server, "/var/lib/srv/tmp.dat", deleted=True)

    assert not data(host)


def test_what_is_made_anew_is_no_data() -> None:
    host, server = serving("/usr/sbin/srvd")
    for path in (
        "/run/srv/x",
        "/tmp/x/y",
        "/var/log/srv/x.log",
        "/dev/shm/x",
        "/var/cache/srv/x",
        "/var/lib/srv/srv.pid",
    ):
        host.open(server, path)

    assert not data(host)


def test_a_database_is_started_with_its_directory() -> None:
    host, _ = serving("/usr/sbin/mariadbd", "--basedir=/usr", "--datadir=/srv/db/mysql")
    assert list(data(host)) == ["/srv/db/mysql"]

    host, _ = serving("/usr/lib/postgresql/13/bin/postgres", "-D", "/var/lib/postgresql/13/main")
    assert list(data(host)) == ["/var/lib/postgresql/13/main"]


def test_a_database_is_configured_with_its_directory() -> None:
    host, _ = serving("/usr/sbin/mariadbd")
    host.init_script("mariadb", "exec /usr/sbin/mariadbd\n")
    host.package("mariadb-server", "/usr/sbin/mariadbd")
    host.config(
        "/etc/mysql/my.cnf",
        "[mysqld]",
        "#datadir = /var/lib/never",
        "datadir = /data/db",
        "lc-messages-dir = /usr/share/x",
    )

    found = data(host)

    assert list(found) == ["/data/db"]
    assert found["/data/db"].evidence[0].text == "datadir = /data/db"


def test_a_database_that_says_nothing_keeps_its_data_in_the_usual_place() -> None:
    host, _ = serving("/usr/sbin/mariadbd")
    host.directory("/var/lib/mysql", uid=101)
    assert list(data(host)) == ["/var/lib/mysql"]

    host, _ = serving("/usr/sbin/mariadbd")
    assert not data(host)


def test_a_configured_directory_that_the_account_may_write_is_data() -> None:
    host, _ = serving("/usr/sbin/srvd", "-c", "/etc/srv/srv.conf")
    host.config("/etc/srv/srv.conf", "uploads = /var/lib/shop/uploads", "skin = /var/lib/skins", "# old = /var/lib/old")
    host.directory("/var/lib/shop", uid=101, mode=0o750)
    host.directory("/var/lib/shop/uploads", uid=101, mode=0o750)
    host.directory("/var/lib/skins", uid=0)
    host.directory("/var/lib/old", uid=102, mode=0o777)

    assert list(data(host)) == ["/var/lib/shop"]


def test_that_root_may_write_everywhere_makes_nothing_data() -> None:
    host, _ = serving("/usr/sbin/srvd", "-c", "/etc/srv/srv.conf", uid=0)
    host.config("/etc/srv/srv.conf", "skin = /var/lib/skins")
    host.directory("/var/lib/skins", uid=0)

    assert not data(host)


def test_a_directory_among_code_is_data_only_below_the_code() -> None:
    host, server = serving("/usr/bin/python3", "/opt/app/server.py")
    host.config("/opt/app/server.py", "PORT = 80", code=True)
    host.open(server, "/opt/app/var/db/items.sqlite")
    host.open(server, "/opt/app/counter.txt")

    assert list(data(host)) == ["/opt/app/var"]


def test_one_directory_inside_another_is_told_once() -> None:
    host, server = serving("/usr/sbin/mariadbd", "--datadir=/var/lib/mysql")
    host.open(server, "/var/lib/mysql/shop/items.ibd")

    found = data(host)

    assert list(found) == ["/var/lib/mysql"]
    assert len(found["/var/lib/mysql"].evidence) == 2


def test_the_directory_of_a_configured_file_is_data_where_the_account_may_write() -> None:
    host, _ = serving("/usr/bin/python3", "/opt/app/app.py")
    host.config("/opt/app/config.ini", "database = /var/opt/app/inventory.db")
    host.directory("/var/opt/app", uid=101)

    assert list(data(host)) == ["/var/opt/app"]


def test_a_directory_of_the_services_own_account_is_data() -> None:
    host, _ = serving("/usr/bin/java", "-jar", "/opt/parts/parts.jar")
    host.directory("/var/lib/parts", uid=101)
    host.directory("/var/lib/others", uid=102)
    host.directory("/var/lib/shared/deeper", uid=101)
    host.directory("/var/cache/parts", uid=101)

    assert list(data(host)) == ["/var/lib/parts"]


def test_a_directory_of_an_account_of_two_services_is_neithers() -> None:
    host, _ = serving("/opt/one/one", uid=33)
    host.process(60, "/opt/two/two", uid=33)
    host.directory("/var/lib/web", uid=33)

    assert [each.data for each in find_workloads(host.build()) if each.kind == "service"] == [(), ()]


def test_postfix_keeps_its_queue_where_no_setting_says_otherwise() -> None:
    """Its master writes nothing there; the programs that do are started for each delivery."""
    host, master = serving("/usr/lib/postfix/sbin/master", "-w", uid=0)
    host.listen(master, 25)
    host.directory("/var/spool/postfix")
    host.directory("/var/lib/postfix", uid=103)
    host.directory("/srv/queue")
    usual = set(data(host))
    host.config("/etc/postfix/main.cf", "queue_directory = /srv/queue")
    host.package("postfix", "/usr/lib/postfix/sbin/master")

    assert usual == {"/var/lib/postfix", "/var/spool/postfix"}
    assert set(data(host)) == {"/var/lib/postfix", "/srv/queue"}
