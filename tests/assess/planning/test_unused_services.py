"""Services that nobody was seen to use, and how far to trust that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assess.export.export_document import to_document
from assess.model import Unused
from assess.planning.unused_services import observed_for, retire_candidates, strength_of, unused_services
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from inventory.model.sightings import ConnectionSighting, Sightings
from inventory.model.sockets import Sockets, UnixPeer
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import assess
from tests.support.snapshots import TAKEN, HostBuilder, origin

DAY = 86_400.0


def host() -> HostBuilder:
    """One service that listens."""
    built = HostBuilder()
    built.init()
    built.unit("wiki", 100)
    built.listen(built.process(100, "/usr/sbin/wikid", unit="wiki.service"), 8080)
    return built


def unused(snapshot: Snapshot, *clients: str) -> list[str]:
    facts = HostFacts(snapshot, find_workloads(snapshot))
    return [each.workload for each in unused_services(facts, {("web01", 8080): clients})]


def sampled(snapshot: Snapshot, seconds: float, *connections: ConnectionSighting) -> Snapshot:
    sightings = Sightings(2016, TAKEN, TAKEN + seconds, 0, (), connections)
    return replace(snapshot, sightings=Found(sightings))


def test_a_service_without_clients_is_a_candidate_with_what_that_rests_on() -> None:
    assessment = assess(host().build())

    (found,) = retire_candidates(assessment)

    assert (found.workload, found.samples, found.seconds) == ("web01/wiki", 1, 0.0)
    assert observed_for(found) == "1 scan, a glance"
    assert [each.fact for each in found.evidence] == [
        "no client was connected to 0.0.0.0:8080",
        "wikid (pid 100) held no connection, and no job belongs to it",
    ]
    (row,) = to_document(assessment)["retire_candidates"]
    assert (row["workload"], row["strength"], row["seconds"]) == ("web01/wiki", "weak", 0)


def client(built: HostBuilder) -> None:
    built.connect(built.processes[1], "10.0.0.9", 40000, local_port=8080)


def own_connection(built: HostBuilder) -> None:
    built.connect(built.processes[1], "10.0.0.9", 5432)


def job(built: HostBuilder) -> None:
    built.job("/usr/sbin/wikid --reindex")


def child(built: HostBuilder) -> None:
    built.process(9_000, "/usr/bin/convert", ppid=100, unit="wiki.service", start_seconds=999_900.0)


def busy(built: HostBuilder) -> None:
    built.processes[1] = replace(built.processes[1], cpu_seconds=100_000.0)


def datagrams(built: HostBuilder) -> None:
    """Nothing tells the clients of UDP."""
    built.listen(built.processes[1], 514, protocol="udp")


def unseen_peers(built: HostBuilder) -> None:
    built.listen_unix(built.processes[1], "/run/wiki.sock")


def companion(built: HostBuilder) -> None:
    built.listen_unix(built.processes[1], "/run/wiki.sock")
    built.listen(built.process(200, "/usr/sbin/frontd", "--back=/run/wiki.sock", unit="front.service"), 80)
    built.connect(built.processes[-1], "10.0.0.9", 40000, local_port=80)


def neighbour(built: HostBuilder) -> None:
    built.listen(built.process(200, "/usr/sbin/frontd", unit="front.service"), 80)
    built.connect(built.processes[-1], "10.0.0.9", 40000, local_port=80)
    built.config("/etc/front/front.conf", "backend http://127.0.0.1:8080/")


def no_descriptors(built: HostBuilder) -> None:
    built.unknown("open_files")


@pytest.mark.parametrize(
    "used",
    [client, own_connection, job, child, busy, datagrams, unseen_peers, companion, neighbour, no_descriptors],
)
def test_what_is_used_or_cannot_be_seen_is_none(used: Callable[[HostBuilder], None]) -> None:
    built = host()
    used(built)

    assert unused(built.build()) == []


def test_a_client_that_another_host_knows_of_counts() -> None:
    assert unused(host().build(), "app01/shop") == []


def with_peers(built: HostBuilder, peer_holder: int) -> Snapshot:
    """Its unix socket with one connection, whose other end process ``peer_holder`` has."""
    built.listen_unix(built.processes[1], "/run/wiki.sock")
    snapshot = built.build()
    sockets = snapshot.sockets
    assert isinstance(sockets, Found)
    built.process(300, "/usr/bin/wiki-client")
    holder = next(process for process in built.processes if process.pid == peer_holder)
    built.open(holder, "socket:[555]", descriptor=7)
    peers = (UnixPeer("/run/wiki.sock", "stream", 554, 555, origin("sockets")),)
    value: Sockets = replace(sockets.value, unix_peers=peers)
    snapshot = built.build()
    return replace(snapshot, observations={**snapshot.observations, "sockets": Found(value)})


def test_a_client_on_a_unix_socket_counts_and_its_own_processes_do_not() -> None:
    assert "web01/wiki" not in unused(with_peers(host(), 300))
    assert "web01/wiki" in unused(with_peers(host(), 100))


def test_a_connection_that_a_sample_saw_counts() -> None:
    seen = ConnectionSighting(
        "tcp", "10.77.0.11", 8080, "10.0.0.9", 0, True, 0, "/usr/sbin/wikid", TAKEN + 60, TAKEN + 60, 1
    )

    assert unused(sampled(host().build(), 7 * DAY)) == ["web01/wiki"]
    assert unused(sampled(host().build(), 7 * DAY, seen)) == []


@pytest.mark.parametrize(
    ("seconds", "strength", "words"),
    [
        (90.0, "weak", "2,017 samples over 90 seconds"),
        (3_000.0, "weak", "2,017 samples over 50 minutes"),
        (DAY - 1, "weak", "2,017 samples over 24.0 hours"),
        (DAY, "fair", "2,017 samples over 1.0 days"),
        (7 * DAY, "strong", "2,017 samples over 7.0 days"),
    ],
)
def test_the_length_of_the_observation_says_how_far_to_trust_it(seconds: float, strength: str, words: str) -> None:
    each = Unused("web01/wiki", 2017, seconds, ())

    assert (strength_of(each), observed_for(each)) == (strength, words)
