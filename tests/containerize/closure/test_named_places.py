"""Directories that nothing names and no package owns, found by the name of the service."""

from __future__ import annotations

import pytest

from containerize.closure.named_places import own_names
from containerize.closure.starting_points import library_path
from tests.containerize.closure.pretend_host import PretendHost, make_workload, process, systemd

BEAM = "/usr/lib/erlang/bin/beam.smp"


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("rabbitmq-server", {"rabbitmq-server", "rabbitmq"}),
        ("mariadb-server-10.5", {"mariadb-server-10.5", "mariadb-server", "mariadb"}),
        ("nagios4-core", {"nagios4-core", "nagios4", "nagios"}),
        ("apt-cacher-ng", {"apt-cacher-ng"}),
    ],
)
def test_names_lose_their_version_and_their_part(package: str, names: set[str]) -> None:
    assert set(own_names(make_workload("x1", packages=[package]))) - {"x1"} == names


def test_the_settings_of_rabbitmq_are_in_its_image() -> None:
    """Its program belongs to Erlang, and its directory was made when it was installed."""
    host = PretendHost()
    host.package("erlang-base", BEAM)
    host.package("rabbitmq-server", "/usr/sbin/rabbitmq-server", "/lib/systemd/system/rabbitmq-server.service")
    host.file("/etc/rabbitmq/rabbitmq.conf", "listeners.tcp.default = 5673")
    workload = make_workload("rabbitmq-server", service=systemd("rabbitmq-server"))
    assert "/etc/rabbitmq/rabbitmq.conf" in host.close(process(BEAM, uid=110), workload=workload).claims


def test_directories_for_logs_and_state_are_there_with_their_owner() -> None:
    host = PretendHost()
    host.package("shopd", "/usr/sbin/shopd")
    host.directory("/var/log/shop", uid=110)
    host.directory("/var/lib/shop/queue", uid=110)
    host.directory("/var/lib/shop", uid=110)
    host.directory("/var/lib/other", uid=111)
    host.file("/var/lib/shop/queue/1", "state", uid=110)
    host.directory("/var/cache/parts", uid=0)
    unit = systemd("shopd", CacheDirectory="parts", ConfigurationDirectory="shopping:alias")
    host.file("/etc/shopping/shop.conf", "x")
    found = host.close(process("/usr/sbin/shopd", uid=110), workload=make_workload("shopd", service=unit))
    assert {"/var/log/shop", "/var/lib/shop", "/var/lib/shop/queue", "/var/cache/parts", "/etc/shopping/shop.conf"} <= (
        set(found.claims)
    )
    assert not {"/var/lib/shop/queue/1", "/var/lib/other"}.intersection(found.claims)


@pytest.mark.parametrize(
    "settings",
    ["PerlSwitches -I/srv/lib/perl", "WSGIPythonPath /srv/lib/perl", "env[PERL5LIB] = /usr/x:/srv/lib/perl",
     'include_path = ".:/usr/share/php:/srv/lib/perl"', "module_path = '/srv/lib/perl'"],
)  # fmt: skip
def test_search_paths_in_settings_are_followed(settings: str) -> None:
    host = PretendHost()
    host.package("web", "/usr/sbin/web", conffiles={"/etc/web/web.conf": f"{settings}\n"})
    host.file("/srv/lib/perl/Shop/Order.pm", "1;")
    assert "/srv/lib/perl/Shop/Order.pm" in host.close(process("/usr/sbin/web")).claims


def test_libraries_come_from_the_path_in_the_environment() -> None:
    live = process("/opt/x/run", environment=["LD_LIBRARY_PATH=/opt/oracle/lib:relative:/opt/x/lib/"])
    assert library_path([live]) == ("/opt/oracle/lib", "/opt/x/lib")
