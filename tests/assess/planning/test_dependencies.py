"""Who depends on whom, where the owner of a port was not seen, and what is no dependency."""

from __future__ import annotations

from dataclasses import replace

from assess.assessment import Assessment
from assess.planning.model import Dependency, DependencyKind
from inventory.model.sockets import UnixPeer
from inventory.snapshot import Snapshot
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, origin


def data_host(*lines: str, unseen: int = 5432) -> HostBuilder:
    """A host with nginx on port 80, PostgreSQL, and a listener whose owner could not be seen."""
    host = HostBuilder("data01", "10.77.0.30")
    host.init()
    host.listen(host.process(50, "/usr/sbin/nginx", unit="nginx.service"), 80)
    server = host.process(60, "/usr/lib/postgresql/15/bin/postgres", unit="postgresql.service", uid=101)
    host.unit("postgresql.service", 60)
    if unseen:
        inode = host.listen(server, unseen).inode
        host.files = [file for file in host.files if file.inode != inode]
    host.config("/etc/postgresql/postgresql.conf", *lines)
    return host


def shop(*lines: str) -> HostBuilder:
    host = HostBuilder("app01", "10.77.0.31")
    host.init()
    host.process(300, "/opt/shop/bin/shop", unit="shop.service")
    host.unit("shop.service", 300)
    host.config("/opt/shop/shop.conf", *lines)
    return host


def edges(*hosts: HostBuilder | Snapshot) -> list[tuple[str, str, DependencyKind, int | None, bool]]:
    found = [each if isinstance(each, Snapshot) else each.build() for each in hosts]
    return [(each.client, each.server, each.tie, each.port, each.likely) for each in all_edges(assess(*found))]


def all_edges(assessment: Assessment) -> tuple[Dependency, ...]:
    assert assessment.plan is not None
    return assessment.plan.dependencies


UNIDENTIFIED = ("app01/shop", "unidentified listener tcp/5432 on data01", DependencyKind.CONFIGURATION, 5432, False)


def test_a_configured_port_without_a_known_owner_is_not_the_only_service_there_is() -> None:
    assert edges(shop("database = data01:5432"), data_host()) == [UNIDENTIFIED]
    assert edges(shop("db_host = data01", "db_port = 5432"), data_host()) == [UNIDENTIFIED]


def test_a_connection_to_a_listener_without_a_known_owner_is_kept() -> None:
    host = shop()
    host.connect(host.processes[-1], "10.77.0.30", 5432)

    assert edges(host, data_host()) == [
        ("app01/shop", "unidentified listener tcp/5432 on data01", DependencyKind.CONNECTION, 5432, False)
    ]


def test_a_connection_to_a_host_whose_listeners_were_not_seen_is_kept() -> None:
    host = shop()
    host.connect(host.processes[-1], "10.77.0.30", 5432)
    server = data_host()
    server.unknown("sockets")

    assert edges(host, server) == [
        ("app01/shop", "unidentified listener tcp/5432 on data01", DependencyKind.CONNECTION, 5432, False)
    ]


def test_configuration_names_a_likely_owner() -> None:
    server = data_host("port = 5432  # (change requires restart)")
    host = shop()
    host.connect(host.processes[-1], "10.77.0.30", 5432)

    assert edges(host, server) == [("app01/shop", "data01/postgresql", DependencyKind.CONNECTION, 5432, True)]
    (edge,) = all_edges(assess(host.build(), server.build()))
    assert "likely" in edge.evidence.fact


def test_the_setting_of_a_client_makes_it_no_likely_owner() -> None:
    server = data_host()
    client = server.process(70, "/opt/report/bin/report", unit="report.service", uid=500)
    server.unit("report.service", client.pid)
    server.config("/opt/report/report.conf", "db_port = 5432", "database = 127.0.0.1:5432")

    of_report = ("data01/report", *UNIDENTIFIED[1:])
    assert edges(shop("database = data01:5432"), server) == [UNIDENTIFIED, of_report]


def test_two_possible_owners_are_none() -> None:
    server = data_host("port = 5432")
    other = server.process(70, "/opt/report/bin/report", unit="report.service", uid=500)
    server.unit("report.service", other.pid)
    server.config("/opt/report/report.conf", "port = 5432")

    assert edges(shop("database = data01:5432"), server) == [UNIDENTIFIED]


def test_a_port_that_nothing_listens_on_means_no_other_service() -> None:
    server = data_host(unseen=0)

    assert edges(shop("database = data01:5432"), server) == []
    assert edges(shop("db_host = data01", "db_port = 5432"), server) == []
    assert edges(shop("http_proxy = http://data01/"), server) == [
        ("app01/shop", "data01/nginx", DependencyKind.CONFIGURATION, 80, False)
    ]
    assert edges(shop("proxy_host = data01"), server) == [
        ("app01/shop", "data01/nginx", DependencyKind.CONFIGURATION, None, False)
    ]


def test_a_host_with_unidentified_listeners_has_no_only_service() -> None:
    assert edges(shop("upstream = data01"), data_host()) == []


def test_a_likely_owner_counts_for_a_conflict() -> None:
    other = HostBuilder("data02", "10.77.0.32")
    other.init()
    other.listen(other.process(60, "/usr/lib/postgresql/15/bin/postgres", unit="postgresql.service"), 5432)
    assessment = assess(data_host("port = 5432").build(), other.build())

    row = next(row for row in assessment.port_plan if row.host == "data01" and row.port == 5432)
    assert (row.workload, row.likely_owner) == ("", "data01/postgresql")
    assert row.wanted_by == ("data01/postgresql", "data02/postgresql")
    messages = {each.workload: each.message for each in assessment.findings if each.rule == "NET001"}
    likely = "Port 5432/tcp (likely used here) is also used by data02/postgresql."
    assert messages["data01/postgresql"].startswith(likely)
    assert messages["data02/postgresql"].startswith("Port 5432/tcp is also used by data01/postgresql (likely).")
    assert assessment.plan is not None
    assert {port.workload for port in assessment.plan.ports if port.wished == 5432} == {
        "data01/postgresql",
        "data02/postgresql",
    }


def name_server(path: str, *lines: str) -> HostBuilder:
    host = HostBuilder("ns01", "10.77.0.53")
    host.init()
    host.listen(host.process(53, "/usr/sbin/named", unit="named.service"), 53)
    host.unit("named.service", 53)
    host.config(path, *lines)
    return host


def test_a_zone_that_names_a_host_is_no_dependency() -> None:
    server = replace(data_host(unseen=0))
    zone = (
        "@ 3600 IN NS data01.",
        "data01 IN A 10.77.0.30",
        "www 300 IN CNAME data01",
        "_db._tcp IN SRV 0 5 80 data01",
        "mail A 10.77.0.30",
        "@ IN MX 10 data01.example.net.",
        "30 IN PTR data01.example.net.",
    )
    assert edges(name_server("/etc/named/db.example", *zone), server) == []
    assert edges(name_server("/etc/named/named.conf", "forwarders { 10.77.0.30; };"), server) == [
        ("ns01/named", "data01/nginx", DependencyKind.CONFIGURATION, None, False)
    ]


def test_records_of_other_name_servers_and_leases_are_no_dependencies() -> None:
    server = data_host(unseen=0)
    for line in (
        "address=/data01/10.77.0.30",
        "host-record=data01,10.77.0.30",
        "dhcp-host=52:54:00:12:34:56,data01,10.77.0.30",
        'local-data: "data01. A 10.77.0.30"',
        'local-data-ptr: "10.77.0.30 data01"',
        "fixed-address 10.77.0.30;",
        "host data01 { hardware ethernet 52:54:00:12:34:56; fixed-address 10.77.0.30; }",
        "=data01.example.net:10.77.0.30:86400",
    ):
        assert edges(name_server("/etc/named/records", line), server) == [], line


def test_the_owner_of_a_socket_that_was_connected_is_a_peer() -> None:
    host = HostBuilder()
    host.init()
    server = host.process(50, "/opt/a/bin/server", unit="server.service")
    client = host.process(60, "/opt/b/bin/client", unit="client.service")
    host.open(server, "socket:[901]", descriptor=7)
    host.open(client, "socket:[902]", descriptor=7)
    host.unix_peers = [
        UnixPeer("/run/a/server.sock", "stream", 901, 902, origin("sockets", 1, "unix-peers")),
        UnixPeer("", "stream", 902, 901, origin("sockets", 2, "unix-peers")),
    ]
    assessment = assess(host.build())

    assert edges(host) == [("web01/client", "web01/server", DependencyKind.COUPLED, None, False)]
    assert not any(each.rule == "CPL001" for each in assessment.findings)
    assert assessment.plan is not None
    (placement,) = assessment.plan.placements
    assert set(placement.workloads) == {"web01/client", "web01/server"}


def test_a_setting_that_names_a_port_of_its_own_host_is_an_edge_to_the_service_there() -> None:
    host = HostBuilder("lb01", "10.77.0.11")
    host.init()
    proxy = host.process(50, "/usr/sbin/haproxy")
    host.listen(proxy, 80, address="10.77.0.11")
    queue = host.process(60, "/usr/bin/memcached")
    host.listen(queue, 11211, address="127.0.0.1")
    tunnel = host.process(70, "/usr/bin/stunnel4")
    host.listen(tunnel, 443)
    host.config(
        "/etc/stunnel4/tls.conf",
        "accept = 10.77.0.11:443",
        "connect = 10.77.0.11:80",
        "connect = localhost:11211",
        "; connect = 127.0.0.1:80",
    )

    assert edges(host) == [
        ("lb01/stunnel4", "lb01/haproxy", DependencyKind.CONFIGURATION, 80, False),
        ("lb01/stunnel4", "lb01/memcached", DependencyKind.CONFIGURATION, 11211, False),
    ]


def test_what_a_line_says_in_a_comment_behind_it_is_not_in_force() -> None:
    server = data_host(unseen=0)

    assert edges(shop("upstream = shop  # was data01"), server) == []
    assert edges(shop("upstream = here // was 10.77.0.30"), server) == []
    assert edges(shop("upstream = http://data01/#top"), server) == [
        ("app01/shop", "data01/nginx", DependencyKind.CONFIGURATION, 80, False)
    ]
