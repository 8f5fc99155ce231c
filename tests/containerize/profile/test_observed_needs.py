"""What a workload does that a plain container cannot is named, with what shows it; a usual one needs nothing."""

from __future__ import annotations

from assess.model import Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.estate_index import EstateIndex
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.grants.needs import needs_of
from containerize.host.process_listing import LiveProcess
from containerize.profile.observed_needs import (
    ObservedNeed,
    capabilities_and_devices,
    host_network,
    huge_pages,
    real_time_priority,
)
from inventory.model.processes import Memory
from tests.containerize.plans import make_plan
from tests.support.snapshots import HostBuilder


def facts(host: HostBuilder) -> tuple[tuple[Workload, ...], HostFacts, EstateIndex]:
    """The services of a host."""
    snapshot = host.build()
    found = HostFacts(snapshot, find_workloads(snapshot))
    members = tuple(each for each in found.workloads if each.kind == "service")
    return members, found, EstateFacts((found,), (), 0.0).known


def live(executable: str, uid: int, capabilities: int = 0, *opened: str) -> LiveProcess:
    return LiveProcess(50, 1, executable, uid, uid, (), None, 0, 0, capabilities, "/", (), (), opened=opened)


def service(*, protocol: str = "tcp", port: int = 8080, **process: object) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/s/s", **process), port, protocol=protocol)  # type: ignore[arg-type]
    return host


def test_a_usual_service_needs_nothing() -> None:
    assert capabilities_and_devices([live("/opt/s/s", 0, (1 << 41) - 1, "/dev/null")], *facts(service())) == ()
    assert host_network(*facts(service())) == ()
    assert (huge_pages(facts(service())[0]), real_time_priority(facts(service())[0])) == (0, 0)


def test_each_need_names_the_process_that_shows_it() -> None:
    processes = [live("/opt/s/s", 33, 1 << 12, "/dev/fuse"), live("/opt/s/other", 34, 1 << 12, "/dev/fuse")]
    assert capabilities_and_devices(processes, *facts(service())) == (
        ObservedNeed("CAP_NET_ADMIN", "/opt/s/s (user id 33) held it"),
        ObservedNeed("/dev/fuse", "/opt/s/s (user id 33) held it open"),
    )


def test_what_processes_of_root_do_shows_what_they_need() -> None:
    memory = Memory(None, None, None, None, None, None, None, 64 << 20)
    host = service(scheduling_policy=1, realtime_priority=40, memory=memory)
    found = dict(capabilities_and_devices([live("/opt/s/s", 0)], *facts(host)))
    assert found == {
        "CAP_SYS_NICE": "s (pid 50) runs in real time (policy fifo)",
        "CAP_IPC_LOCK": "s (pid 50) has 64 MiB in huge pages",
    }
    members, *_ = facts(host)
    assert (huge_pages(members), real_time_priority(members)) == (64 << 20, 40)
    assert "nice -5" in dict(capabilities_and_devices([], *facts(service(nice=-5))))["CAP_SYS_NICE"]


def test_a_raw_socket_needs_a_capability_and_other_protocols_than_ping_the_network_of_the_host() -> None:
    assert set(dict(capabilities_and_devices([], *facts(service(protocol="raw", port=1))))) == {"CAP_NET_RAW"}
    assert host_network(*facts(service(protocol="raw", port=1))) == ()
    (sentence,) = host_network(*facts(service(protocol="raw", port=112)))
    assert sentence == "The service holds a raw socket for VRRP. Process 50 holds a raw socket for VRRP."


def test_broadcasts_reach_the_network_of_the_host_alone() -> None:
    (sentence,) = host_network(*facts(service(protocol="udp", port=67)))
    assert "broadcast" in sentence
    assert "0.0.0.0:67/udp" in sentence


def test_the_evidence_is_what_a_person_reads() -> None:
    evidence = (("/dev/fuse", "x held it"), ("CAP_NET_ADMIN", "y held it"))
    plan = make_plan([], capabilities=("CAP_NET_ADMIN",), devices=("/dev/fuse",), evidence=evidence)
    assert [each.reason for each in needs_of(plan)] == ["x held it", "y held it"]
