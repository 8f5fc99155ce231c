"""What the plan of ports knows of the protocols that are spoken on them."""

from __future__ import annotations

from assess.planning.placement.demands import demands_of
from assess.planning.placement.placement_problem import PortRequest
from assess.planning.port_map import port_plan
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from tests.support.judging import TARGET, assess
from tests.support.snapshots import TAKEN, HostBuilder


def wish(program: str, *arguments: str, port: int) -> PortRequest:
    """What the plan is given of the one port of a service."""
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, program, *arguments), port)
    snapshot = host.build()
    estate = EstateFacts((HostFacts(snapshot, find_workloads(snapshot, {})),), (TARGET,), TAKEN)
    demands = demands_of(estate.hosts[0], assess(snapshot).workloads, port_plan(estate))
    return next(each for demand in demands for each in demand.ports)


def test_a_port_whose_clients_cannot_be_told_is_not_movable() -> None:
    assert not wish("/usr/sbin/ypserv", port=834).movable
    assert not wish("/usr/sbin/asterisk", port=5060).movable
    assert wish("/opt/x/x", port=834).movable


def test_a_port_that_the_server_tells_its_clients_is_dearer_and_not_for_a_proxy() -> None:
    plain = wish("/usr/bin/java", "-jar", "shop.jar", port=9092)
    kafka = wish("/usr/bin/java", "kafka.Kafka", port=9092)

    assert kafka.movable
    assert kafka.move_cost > plain.move_cost
    assert (plain.by_name, kafka.by_name) == (True, False)
