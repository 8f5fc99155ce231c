"""Applications, dependencies, placement and waves: of made estates, and of the recorded one whole."""

from __future__ import annotations

from assess.planning.model import DependencyKind, EstatePlan
from assess.planning.placement.placement_problem import PortMethod
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder


def web(name: str, address: str, *lines: str, version: str = "2.4.1") -> Snapshot:
    host = HostBuilder(name, address)
    host.init()
    server = host.process(100, "/usr/sbin/apache2", "-k", "start", unit="apache2.service")
    host.unit("apache2.service", 100)
    host.package("apache2", "/usr/sbin/apache2", version=version)
    host.listen(server, 80)
    host.config("/etc/apache2/sites.conf", *lines)
    return host.build()


def plan_of(*snapshots: Snapshot) -> EstatePlan:
    plan = assess(*snapshots).plan
    assert plan is not None
    return plan


SITE = ("ServerName shop.example", "DocumentRoot /srv/shop", "Timeout 30")


def test_alike_servers_are_one_application_and_what_differs_is_listed() -> None:
    twin = [
        web("web01", "10.77.0.11", *SITE, "Listen 10.77.0.11:80"),
        web("web02", "10.77.0.12", *SITE, "Listen 10.77.0.12:80"),
        web("web03", "10.77.0.13", *SITE, "Listen 10.77.0.13:80", version="2.4.9"),
    ]
    (application,) = plan_of(*twin).applications
    assert (application.name, application.instances, application.model) == ("apache2", 3, "web01/apache2")
    differences = {each.what: each.values for each in application.differences}
    assert differences["version of package apache2"] == (
        ("2.4.1", ("web01/apache2", "web02/apache2")),
        ("2.4.9", ("web03/apache2",)),
    )
    assert "command line" not in differences


def test_the_same_program_for_another_site_is_another_application() -> None:
    other = ("ServerName wiki.example", "DocumentRoot /srv/wiki", "Timeout 90")
    found = plan_of(web("web01", "10.77.0.11", *SITE), web("web02", "10.77.0.12", *other)).applications
    assert [each.name for each in found] == ["web01/apache2", "web02/apache2"]


def shop(line: str = "") -> tuple[Snapshot, Snapshot]:
    """A shop on app01 and its database on db01; connected unless a line is given."""
    database = HostBuilder("db01", "10.77.0.20")
    database.init()
    mysqld = database.process(200, "/usr/sbin/mysqld", unit="mysql.service")
    database.unit("mysql.service", 200)
    database.listen(mysqld, 3306)
    application = HostBuilder("app01", "10.77.0.21")
    application.init()
    program = application.process(300, "/opt/shop/bin/shop", unit="shop.service")
    application.unit("shop.service", 300)
    application.listen(program, 8080)
    if line:
        application.config("/opt/shop/shop.conf", line)
    else:
        application.connect(program, "10.77.0.20", 3306)
    return application.build(), database.build()


def test_a_connection_is_a_dependency_and_the_database_moves_later() -> None:
    plan = plan_of(*shop())
    (edge,) = plan.dependencies
    assert (edge.client, edge.server, edge.tie, edge.port) == (
        "app01/shop",
        "db01/mysql",
        DependencyKind.CONNECTION,
        3306,
    )
    order = [move.application for wave in plan.waves for move in wave.moves]
    assert order == ["shop", "mysql"]


def test_a_line_that_names_the_host_is_one_too() -> None:
    plan = plan_of(*shop("database = db01:3306"))
    (edge,) = plan.dependencies
    assert (edge.tie, edge.port) == (DependencyKind.CONFIGURATION, 3306)
    assert edge.evidence.text == "database = db01:3306"


def test_two_who_want_one_port_are_both_reached() -> None:
    one, other = web("web01", "10.77.0.11", *SITE), web("web02", "10.77.0.12", "ServerName wiki.example")
    ways = sorted(each.way for each in plan_of(one, other).ports if each.wished == 80)
    assert ways == [PortMethod.ADDRESS, PortMethod.SAME]


def test_the_recorded_estate_is_planned_whole() -> None:
    assessment = assess(*(recorded_host(host) for host in ("web01", "db01", "app01", "vm01")))
    plan = assessment.plan
    assert plan is not None
    services = {each.workload.id for each in assessment.workloads if each.workload.kind == "service"}
    assert {member for each in plan.applications for member in each.members} == services
    placed = {name for each in plan.placements for name in each.workloads}
    assert placed | {name for name, _ in plan.unplaced} == services
    moved = [move.application for wave in plan.waves for move in wave.moves]
    assert len(moved) == len(set(moved)) == len(plan.applications) - len(plan.staying)
    assert any(edge.server == "db01/mariadb" for edge in plan.dependencies)
