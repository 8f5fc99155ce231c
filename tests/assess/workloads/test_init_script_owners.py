"""Which init script owns a tree, and so lends its name."""

from assess.model import Workload
from assess.workloads import find_workloads
from tests.support.snapshots import HostBuilder

INIT_ONLY = 1


def only(host: HostBuilder) -> Workload:
    """The one workload that is not init."""
    (workload,) = [each for each in find_workloads(host.build()) if each.main_pid != INIT_ONLY]
    return workload


def started() -> HostBuilder:
    host = HostBuilder()
    host.init()
    return host


def test_mariadb_is_called_like_its_script_and_its_server_is_the_main_process() -> None:
    host = started()
    wrapper = host.process(50, "/usr/bin/dash", "/usr/bin/mysqld_safe")
    server = host.process(60, "/usr/sbin/mariadbd", "--datadir=/var/lib/mysql", ppid=50, uid=101)
    host.process(61, "/usr/bin/logger", "-t", "mysqld", ppid=50)
    host.listen(server, 3306)
    host.init_script("mariadb", "MYADMIN=/usr/bin/mysqladmin\n/usr/bin/mysqld_safe > /dev/null 2>&1 &\n")
    host.init_script("rsync", "DAEMON=/usr/bin/rsync\n")

    workload = only(host)

    assert (workload.name, workload.main_pid) == ("mariadb", server.pid)
    assert wrapper in workload.processes


def test_apache_is_called_like_the_script_of_the_package_that_its_executables_package_is_a_part_of() -> None:
    host = started()
    host.process(50, "/usr/sbin/apache2")
    host.package("apache2-bin", "/usr/sbin/apache2", source="apache2")
    host.package("apache2", "/etc/init.d/apache2", source="apache2")
    host.package("ssl-cert", "/etc/init.d/ssl-cert")
    host.init_script("apache2", "echo\n")

    assert only(host).name == "apache2"


def test_the_package_alone_names_a_program_of_another_name() -> None:
    host = started()
    host.process(50, "/usr/sbin/srvd")
    host.package("thing-bin", "/usr/sbin/srvd", source="thing")
    host.package("thing", "/etc/init.d/thing", source="thing")
    host.init_script("thing", "echo\n")

    workload = only(host)

    assert workload.name == "thing"
    assert "thing-bin owns /usr/sbin/srvd" in workload.named_by


def test_a_unit_of_the_package_names_the_program_where_systemd_does_not_run() -> None:
    host = started()
    host.process(50, "/usr/sbin/srvd")
    host.package("srv", "/usr/sbin/srvd", "/lib/systemd/system/serving.service")
    host.unit("serving")

    assert only(host).name == "serving"


def test_a_package_with_several_scripts_lends_none_of_their_names() -> None:
    host = started()
    host.process(50, "/usr/sbin/srvd")
    host.package("srv", "/usr/sbin/srvd", "/etc/init.d/one", "/etc/init.d/two")
    host.init_script("one", "echo\n")
    host.init_script("two", "echo\n")

    assert only(host).name == "srvd"


def test_tomcat_is_tied_to_its_script_by_the_directory_in_its_arguments() -> None:
    host = started()
    host.process(
        50,
        "/usr/lib/jvm/java-11-openjdk-amd64/bin/java",
        "-Dcatalina.base=/var/lib/tomcat9",
        "-classpath",
        "/usr/share/tomcat9/bin/bootstrap.jar",
        "org.apache.catalina.startup.Bootstrap",
        "start",
        uid=998,
    )
    host.init_script("tomcat9", "NAME=tomcat9\nCATALINA_BASE=/var/lib/$NAME\n")
    host.init_script("jetty9", "JETTY=/var/lib/jetty9\n")

    assert only(host).name == "tomcat9"


def test_the_pid_file_of_a_script_is_surer_than_a_name_in_another() -> None:
    host = started()
    server = host.process(50, "/usr/sbin/srvd", "-c", "/etc/srv/b.conf")
    host.init_script("a", "DAEMON=/usr/sbin/srvd\n")
    host.init_script("b", "PIDFILE=/var/run/srv-b.pid\n")
    host.pid_file("/run/srv-b.pid", server)

    assert only(host).name == "b"


def test_a_script_that_names_the_configuration_is_surer_than_one_that_names_the_executable() -> None:
    host = started()
    host.process(50, "/usr/sbin/srvd", "-c", "/etc/srv/b.conf")
    host.init_script("a", "DAEMON=/usr/sbin/srvd\n")
    host.init_script("b", "DAEMON=/usr/sbin/srvd\nCONF=/etc/srv/b.conf\n")

    assert only(host).name == "b"


def test_a_shell_that_every_script_names_ties_nothing() -> None:
    host = started()
    host.process(50, "/bin/dash", "/opt/x/loop.sh")
    host.init_script("other", "exec /bin/dash\n")

    assert only(host).name == "loop"


def test_an_interpreted_program_is_tied_by_the_path_of_its_script() -> None:
    host = started()
    host.process(50, "/usr/bin/python3.9", "/opt/inventory/server.py")
    host.init_script("inventory-app", "PROGRAM=/opt/inventory/server.py\npython3 $PROGRAM &\n")

    assert only(host).name == "inventory-app"
