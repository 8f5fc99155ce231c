"""Where a workload's configuration and code lie."""

from assess.model import Workload
from assess.workloads import find_workloads
from tests.support.snapshots import HostBuilder


def service(host: HostBuilder) -> Workload:
    (workload,) = [each for each in find_workloads(host.build()) if each.kind == "service"]
    return workload


def shop() -> HostBuilder:
    """Apache with a page that reads an ini file, as old servers are."""
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/apache2", uid=33)
    host.package("apache2-bin", "/usr/sbin/apache2", source="apache2")
    host.package("libapache2-mod-php8.2", "/usr/lib/apache2/modules/libphp8.2.so", source="php8.2")
    host.map("/usr/lib/apache2/modules/libphp8.2.so", host.processes[-1])
    host.config("/etc/apache2/sites-enabled/shop.conf", "  DocumentRoot /var/www/shop/public")
    host.config("/var/www/shop/public/index.php", "$c = parse_ini_file('/etc/app/app.ini');", code=True)
    host.config("/etc/app/app.ini", "host = 10.77.0.12")
    host.config("/etc/php/8.2/apache2/php.ini", "upload_tmp_dir = /var/lib/app")
    host.config("/etc/other/other.conf", "port = 1")
    return host


def test_files_that_were_read_name_further_ones() -> None:
    assert service(shop()).configuration_roots == (
        "/etc/apache2",
        "/etc/php",
        "/var/www/shop/public",
        "/etc/app/app.ini",
    )


def test_comments_name_nothing() -> None:
    host = shop()
    host.config("/etc/apache2/conf.d/x.conf", "# see /etc/other/other.conf")

    assert "/etc/other/other.conf" not in service(host).configuration_roots


def test_a_directory_that_everybody_shares_is_nobodys_root() -> None:
    host = shop()
    host.config("/etc/apache2/conf.d/x.conf", "Include /etc/default", "Alias /x /usr/share/x", "Directory /")

    assert not {"/etc/default", "/etc", "/", "/usr/share/x"} & set(service(host).configuration_roots)


def test_a_program_of_opt_has_its_directory_there() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/python3", "/opt/inventory/bin/server.py", "--config=/etc/inventory.conf")
    host.config("/opt/inventory/bin/server.py", "PORT = 80", code=True)

    assert service(host).configuration_roots == ("/opt/inventory", "/etc/inventory.conf")


def test_what_a_unit_names_is_a_root() -> None:
    host = HostBuilder()
    host.process(50, "/usr/bin/python3", "/opt/meter/gateway.py", unit="meter.service")
    host.unit("meter", 50, EnvironmentFiles="/etc/measure/env (ignore_errors=no)", WorkingDirectory="/var/lib/meter")
    host.config("/etc/measure/env", "PORT=7400")

    assert "/etc/measure/env" in service(host).configuration_roots


def test_files_that_name_each_other_end() -> None:
    host = shop()
    host.config("/etc/a/a.conf", "include /etc/b/b.conf")
    host.config("/etc/b/b.conf", "include /etc/a/a.conf")
    host.config("/etc/apache2/conf.d/x.conf", "Include /etc/a/a.conf")

    assert {"/etc/a/a.conf", "/etc/b/b.conf"} <= set(service(host).configuration_roots)


def test_a_path_in_a_url_is_no_file() -> None:
    host = shop()
    host.config("/etc/apache2/conf.d/x.conf", "Redirect http://example.test/etc/other/other.conf")

    assert "/etc/other/other.conf" not in service(host).configuration_roots
