"""What the scan saw of a service is what the files beside its image rest on."""

from __future__ import annotations

import pytest

from assess.model import Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.profile.workload_profile import WorkloadProfile, profile_of
from inventory.model.sysctls import Sysctl
from inventory.model.use import CgroupUse, CpuTime, Hour
from inventory.model.use import Use as HostUse
from inventory.observation import Found, Unknown
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder, origin


@pytest.fixture(scope="module")
def hosts() -> tuple[HostFacts, ...]:
    return tuple(facts(recorded_host(name)) for name in ("web01", "db01", "app01"))


def facts(snapshot: Snapshot) -> HostFacts:
    return HostFacts(snapshot, find_workloads(snapshot))


def seen(hosts: tuple[HostFacts, ...], name: str, peers: tuple[tuple[str, int, str], ...] = ()) -> WorkloadProfile:
    estate = EstateFacts(hosts, (), 0.0)
    host = next(each for each in hosts if each.name == name.partition("/")[0])
    return profile_of((workload(host, name),), host, estate, peers, ())


def workload(host: HostFacts, name: str) -> Workload:
    return next(each for each in host.workloads if each.id == name)


def test_use_is_that_of_its_processes(hosts: tuple[HostFacts, ...]) -> None:
    found = seen(hosts, "web01/apache2")
    members = workload(hosts[0], "web01/apache2").processes
    assert found.use is not None
    assert found.use.processes == len(members)
    assert found.use.resident_bytes == sum(each.rss_bytes for each in members)
    assert found.use.peak_bytes >= found.use.resident_bytes
    assert found.use.threads >= sum(each.threads for each in members) >= len(members)
    assert found.use.busy_bytes == pytest.approx(found.use.resident_bytes, abs=1)
    assert found.use.busy_by == "what was resident during the scan"
    assert found.use.cpus is not None
    assert 0 <= found.use.cpus < 1
    assert found.use.cpus_by == "the average since start"
    assert found.distribution[0] == "debian"


def test_busy_hours_of_the_host_raise_what_is_asked_for_and_not_the_peaks() -> None:
    """Of 40 hours 4 were at 80 % of the memory, the others at 40 %: p95 is 0.8, the mean 0.44."""
    plain, busy = HostBuilder(), HostBuilder()
    for host in (plain, busy):
        host.init()
        host.listen(host.process(10, "/usr/sbin/nginx", unit="nginx.service"), 80)
    here = origin("use")
    shares = (0.8 if number % 10 == 0 else 0.4 for number in range(40))
    hours = tuple(
        Hour(n * 3600.0, share / 4, None, None, share, None, None, None, None, None, here)
        for n, share in enumerate(shares)
    )
    group = CgroupUse("system.slice/nginx.service", 1.0, None, 1, 300 << 20, 3, 40, 0, None, None, here)
    idle = CpuTime(0, 0, 0, 0, 0, 0, 0, 0)
    busy.overrides["use"] = Found(HostUse(1.0, idle, (0, 0, 0), (), (), (), (), (), (), (group,), hours, here))
    (before, after) = (seen((facts(each.build()),), "web01/nginx").use for each in (plain, busy))
    assert before is not None and after is not None
    assert after.busy_bytes == pytest.approx(before.busy_bytes * 0.8 / 0.44, rel=0.01)
    assert (after.busy_by, after.cpus_by) == ("p95 of 40 hours by sysstat",) * 2
    assert (before.threads, after.threads) == (1, 40)
    assert (after.peak_bytes, after.group_peak_bytes) == (before.peak_bytes, 300 << 20)


def test_a_peer_has_the_address_of_its_host_or_is_named_as_unknown(hosts: tuple[HostFacts, ...]) -> None:
    peers = (("db01", 3306, "db01/mariadb"), ("10.1.2.3", 25, ""), ("nobody.example", 80, ""))
    found = seen(hosts, "web01/apache2", peers)
    assert set(found.destinations) == {("10.1.2.3", 25, ""), ("10.77.0.12", 3306, "db01/mariadb")}
    assert found.names_without_address == ("nobody.example:80",)


def test_clients_are_told_by_the_workload_that_holds_the_other_end() -> None:
    server, client = HostBuilder("web01", "10.77.0.11"), HostBuilder("app01", "10.77.0.13")
    for host in (server, client):
        host.init()
    web = server.process(10, "/usr/sbin/nginx", unit="nginx.service")
    server.listen(web, 80)
    for number, address in enumerate(("10.77.0.13", "127.0.0.1", "192.0.2.9")):
        server.connect(web, address, 40000 + number, local_port=80)
    shop = client.process(20, "/opt/shop/shop", unit="shop.service")
    client.connect(shop, "10.77.0.11", 80)
    found = seen((facts(server.build()), facts(client.build())), "web01/nginx")
    assert [(each.address, each.port, each.workload) for each in found.clients] == [
        ("10.77.0.13", 80, "app01/shop"),
        ("192.0.2.9", 80, ""),
    ]


def test_only_settings_that_a_container_would_lack_are_taken() -> None:
    host = HostBuilder()
    host.init()
    web = host.process(10, "/usr/sbin/nginx", unit="nginx.service")
    host.listen(web, 80)
    rows = (
        ("net.ipv4.tcp_keepalive_time", "600", "7200"),
        ("net.ipv4.tcp_fin_timeout", "60", "60"),
        ("vm.swappiness", "1", "60"),
        ("net.core.somaxconn", "128", "4096"),
        ("net.ipv4.tcp_syn_retries", "a\x1bb", "6"),
    )
    host.overrides["sysctls"] = Found(
        tuple(
            Sysctl(name, value, "/etc/sysctl.conf", origin("sysctls"), value, default=default)
            for name, value, default in rows
        )
    )
    found = seen((facts(host.build()),), "web01/nginx")
    assert found.sysctls == (("net.ipv4.tcp_keepalive_time", "600"),)


def test_calls_that_engines_refuse_are_known_by_their_descriptors() -> None:
    host = HostBuilder()
    host.init()
    web = host.process(10, "/usr/sbin/nginx", unit="nginx.service")
    host.listen(web, 80)
    host.open(web, "anon_inode:[io_uring]")
    host.open(web, "anon_inode:[eventpoll]")
    found = seen((facts(host.build()),), "web01/nginx")
    assert [each.name for each in found.system_calls] == ["io_uring_enter", "io_uring_register", "io_uring_setup"]
    assert found.system_calls[0].reason == "nginx held a descriptor of io_uring"


def test_what_nobody_could_look_at_is_said() -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(10, "/usr/sbin/nginx", unit="nginx.service"), 80)
    host.overrides["cron"] = Unknown("only root may read it")
    found = seen((facts(host.build()),), "web01/nginx")
    assert ("cron", "only root may read it") in found.unseen
    assert "once" in found.looks
