"""The port map."""

from assess.model import PortUse
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder


def rows(*hosts: HostBuilder) -> dict[tuple[str, str, int], PortUse]:
    plan = assess(*(host.build() for host in hosts)).port_plan
    return {(row.workload or row.host, row.address, row.port): row for row in plan}


def web() -> HostBuilder:
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    server = host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf")
    host.listen(server, 80)
    host.connect(server, "10.77.0.12", 3306)
    host.config("/etc/nginx/nginx.conf", "  listen 80;")
    return host


def database() -> HostBuilder:
    host = HostBuilder("db01", "10.77.0.12")
    host.init()
    server = host.process(50, "/usr/sbin/mariadbd")
    host.listen(server, 3306)
    host.connect(server, "10.77.0.11", 40000, local="10.77.0.12", local_port=3306)
    host.connect(server, "192.168.7.7", 51000, local="10.77.0.12", local_port=3306)
    return host


def test_a_row_says_where_the_number_is_set_and_who_connects() -> None:
    plan = rows(web(), database())

    assert plan["web01/nginx", "0.0.0.0", 80].set_in == "/etc/nginx/nginx.conf:1"
    assert plan["db01/mariadbd", "0.0.0.0", 3306].clients == ("192.168.7.7", "web01/nginx")
    assert plan["db01/mariadbd", "0.0.0.0", 3306].set_in == "nothing found that sets it"


def test_a_port_that_one_service_wants_is_no_conflict() -> None:
    assert rows(web())["web01/nginx", "0.0.0.0", 80].wanted_by == ("web01/nginx",)


def test_a_conflict_names_all_and_the_rows_share_it() -> None:
    other = web()
    other.name, other.address = "web02", "10.77.0.21"
    plan = rows(web(), other)

    first, second = plan["web01/nginx", "0.0.0.0", 80], plan["web02/nginx", "0.0.0.0", 80]
    assert first.wanted_by == ("web01/nginx", "web02/nginx")
    assert first.wanted_by is second.wanted_by


def test_loopback_and_host_functions_are_shown_and_want_nothing() -> None:
    host = web()
    host.listen(host.processes[-1], 8005, address="127.0.0.1")
    host.listen(host.process(60, "/usr/sbin/sshd"), 22)
    plan = rows(host)

    assert plan["web01/nginx", "127.0.0.1", 8005].wanted_by == ()
    assert plan["web01/sshd", "0.0.0.0", 22].wanted_by == ()


def test_a_listener_whose_process_could_not_be_seen_is_shown_without_one() -> None:
    host = web()
    host.listen(host.processes[-1], 9999)
    host.files = [file for file in host.files if file.inode != host.listeners[-1].inode]

    row = rows(host)["web01", "0.0.0.0", 9999]
    assert (row.workload, row.process) == ("", "")
    assert "could not be identified" in row.set_in


def test_sockets_of_many_workers_are_one_row() -> None:
    host = web()
    host.listen(host.processes[-1], 80)

    assert [row.port for row in assess(host.build()).port_plan] == [80]
