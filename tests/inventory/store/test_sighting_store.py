"""What looks have seen is counted once, comes back, and has an end; the same on every database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from inventory.host import Host
from inventory.model.sightings import Sightings
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.scan.sample import sample_of
from inventory.scan.sampling import sampling_to_resume
from inventory.store import sighting_store as sightings_store
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Outcome, Scan
from inventory.store.sighting_store import SightingStore
from tests.support.snapshots import busy

HOSTS = [Host("web01", "10.77.0.11")]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store(database_url) as store:
        yield store


def scanned(store: Store) -> Scan:
    scan = store.begin("/hosts.ini", HOSTS)
    store.save(scan, HostResult("web01", "10.77.0.11", (), Platform.POSIX, Outcome.ANSWERED))
    return store.finish(scan)


def seen_of(store: Store) -> Sightings:
    scan = store.latest()
    assert scan is not None
    observation = store.snapshot(scan, "web01").sightings
    assert isinstance(observation, Found)
    return observation.value


def test_first_and_last_and_how_often(store: Store) -> None:
    scan = scanned(store)
    kept = SightingStore(store)
    for taken, snapshot in ((10.0, busy()), (20.0, busy(extra=("/usr/bin/nightly", "-x"))), (30.0, busy())):
        kept.add(scan, "web01", taken, sample_of(snapshot))
    seen = seen_of(store)
    assert (seen.looks, seen.first, seen.last, seen.left_out) == (3, 10.0, 30.0, 0)
    times = {each.name: (each.first, each.last, each.times) for each in seen.processes}
    assert times["appd"] == (10.0, 30.0, 3)
    assert times["nightly"] == (20.0, 20.0, 1)


def test_a_look_counts_once(store: Store) -> None:
    scan = scanned(store)
    for _ in range(2):
        SightingStore(store).add(scan, "web01", 10.0, sample_of(busy()))
    assert seen_of(store).looks == 1


def test_it_does_not_grow_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings_store, "MAX_SIGHTINGS", {"process": 3, "connection": 2})
    scan = scanned(store)
    for number in range(6):
        snapshot = busy((f"10.0.0.{number}", 443), extra=(f"/usr/bin/job-{'abcdef'[number]}",))
        SightingStore(store).add(scan, "web01", float(number), sample_of(snapshot))
    observation = store.snapshot(scan, "web01").sightings
    assert isinstance(observation, Found)
    seen = observation.value
    assert (len(seen.processes), len(seen.connections)) == (3, 2)
    assert {each.name for each in seen.processes} >= {"appd", "job-a"}, "what was there first stays"
    (gap,) = observation.gaps
    assert gap.what == f"{seen.left_out} sightings"


def test_text_of_a_host_comes_back(store: Store) -> None:
    scan = scanned(store)
    odd = "/opt/\udcff\x1b[31m"
    SightingStore(store).add(scan, "web01", 1.0, sample_of(busy(extra=(odd, "a\nb"))))
    assert odd in [each.executable for each in seen_of(store).processes]


def test_looks_that_were_broken_off_are_taken_up_until_their_time_is_over(store: Store) -> None:
    scan = scanned(store)
    assert sampling_to_resume(store, "/hosts.ini", HOSTS, 0.0) is None
    sampling = SightingStore(store).begin(scan, 60.0, 1000.0, 2000.0)
    SightingStore(store).looked(scan)
    assert sampling_to_resume(store, "/hosts.ini", HOSTS, 1500.0) == (scan, replace(sampling, looks=1))
    assert sampling_to_resume(store, "/hosts.ini", HOSTS, 2000.0) is None
    assert sampling_to_resume(store, "/hosts.ini", [*HOSTS, Host("db01", "")], 1500.0) is None
    assert sampling_to_resume(store, "/other.ini", HOSTS, 1500.0) is None
    SightingStore(store).end(scan, 1600.0)
    assert sampling_to_resume(store, "/hosts.ini", HOSTS, 1700.0) is None
