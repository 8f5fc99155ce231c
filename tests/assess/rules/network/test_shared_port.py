"""NET001."""

from dataclasses import replace

import pytest

from assess.model import Severity, Verdict
from assess.planning.effort import Work, effort
from assess.planning.model import EstatePlan, PlannedPort
from assess.planning.placement.placement_problem import PortMethod
from assess.planning.settled_ports import SettledPorts
from assess.rules.network.shared_port import shared_port
from tests.support.judging import TARGET, assess, judge
from tests.support.snapshots import HostBuilder


def web(name: str, port: int = 80, address: str = "0.0.0.0", protocol: str = "tcp") -> HostBuilder:
    host = HostBuilder(name)
    host.init()
    host.listen(host.process(50, "/usr/sbin/nginx"), port, address=address, protocol=protocol)
    return host


def test_every_service_that_wants_the_port_is_told_of_the_others() -> None:
    said = judge(shared_port, web("a").build(), web("b", protocol="tcp6", address="::").build())

    assert said.about == [("a/nginx", Severity.INFO), ("b/nginx", Severity.INFO)]
    assert said.messages == [
        "Port 80/tcp is also used by b/nginx. The plan keeps the port.",
        "Port 80/tcp is also used by a/nginx. The plan keeps the port, on a separate address.",
    ]
    assert said.findings[0].evidence[0].origin is not None


def test_a_port_that_the_plan_keeps_for_its_clients_makes_no_work() -> None:
    alone, rivals = assess(web("a").build()), assess(web("a").build(), web("b").build())

    before, after = alone.workload("a/nginx"), rivals.workload("a/nginx")
    assert before is not None
    assert after is not None
    assert (after.verdict, after.score, after.reasons) == (before.verdict, before.score, before.reasons)


@pytest.mark.parametrize(
    ("way", "number", "said"),
    [
        (PortMethod.MOVED, 10080, "The plan moves it to port 10080, so its clients must be changed."),
        (PortMethod.STUCK, 80, "The plan has no solution for it."),
    ],
)
def test_a_port_that_the_plan_moves_is_work(way: PortMethod, number: int, said: str) -> None:
    rivals = assess(web("a").build(), web("b").build())
    before = rivals.workload("a/nginx")
    assert before is not None
    moved = PlannedPort("a/nginx", "tcp", 80, number, way, "box", 1)
    unsettled = tuple(replace(each, message="It is used twice.") for each in before.findings)

    after = SettledPorts(EstatePlan(ports=(moved,)), (TARGET,)).workload(replace(before, findings=unsettled), ())

    (finding,) = [each for each in after.findings if each.rule == "NET001"]
    assert (finding.severity, finding.message) == (Severity.MAJOR, f"It is used twice. {said}")
    assert after.verdict is Verdict.NEEDS_WORK
    assert finding.message in after.reasons
    assert after.score == before.score - 20


def test_an_accepted_finding_stays_accepted() -> None:
    rivals = assess(web("a").build(), web("b").build()).workload("a/nginx")
    assert rivals is not None
    accepted = tuple(replace(each, waived="known") for each in rivals.findings)
    moved = PlannedPort("a/nginx", "tcp", 80, 10080, PortMethod.MOVED, "box", 1)

    after = SettledPorts(EstatePlan(ports=(moved,)), (TARGET,)).workload(replace(rivals, findings=accepted), ())

    assert (after.verdict, after.findings) == (rivals.verdict, accepted)


def test_clients_of_moved_ports_are_work() -> None:
    work = Work(False, (("image", 2.0),))

    assert effort(work, 1, moved_ports=2).parts == (("image", 2.0), ("clients of moved ports", 10.0))


def test_other_ports_other_transports_and_loopback_do_not_clash() -> None:
    hosts = (
        web("a").build(),
        web("b", 81).build(),
        web("c", protocol="udp").build(),
        web("d", address="127.0.0.1").build(),
    )

    assert judge(shared_port, *hosts).silent


def test_host_functions_want_no_port_because_they_stay() -> None:
    hosts = []
    for name in ("a", "b"):
        host = HostBuilder(name)
        host.init()
        host.listen(host.process(50, "/usr/sbin/sshd"), 22)
        hosts.append(host.build())

    assert judge(shared_port, *hosts).silent


def test_one_service_with_several_sockets_on_a_port_does_not_clash_with_itself() -> None:
    host = web("a")
    host.listen(host.processes[-1], 80, protocol="tcp6", address="::")
    host.listen(host.processes[-1], 80)

    assert judge(shared_port, host.build()).silent


def test_two_services_of_one_host_on_different_addresses_clash_on_a_host_with_one() -> None:
    host = web("a", address="10.0.0.1")
    host.listen(host.process(60, "/usr/sbin/lighttpd"), 80, address="10.0.0.2")

    assert len(judge(shared_port, host.build()).findings) == 2


def test_many_are_counted_and_not_all_named() -> None:
    said = judge(shared_port, *(web(f"h{number:02}").build() for number in range(30)))

    assert len(said.findings) == 30
    assert "and 24 more" in said.messages[0]


def test_a_host_whose_owners_of_sockets_could_not_be_seen_is_undetermined() -> None:
    blind = web("b")
    blind.unknown("open_files", "not root")

    said = judge(shared_port, web("a").build(), blind.build())

    assert [(each.workload, each.section) for each in said.undetermined] == [("b/nginx", "open_files")]
