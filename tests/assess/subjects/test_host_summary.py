"""What the first look leaves is what the second would find, and what is damaged is said so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from assess.engine import Rules, judge_host
from assess.planning.applications import ApplicationFinder
from assess.planning.placement.workload_sizing import sizing_of
from assess.rules import RULES
from assess.streaming.results import Results
from assess.subjects.estate_facts import index_host
from assess.subjects.estate_index import EstateIndex, Interner
from assess.subjects.host_facts import CachedHost, HostFacts
from assess.subjects.host_summary import HostSummary, PackedSummary, pack_summary, unpack_summary
from assess.workloads import find_workloads
from assess.workloads.package_owners import LIBC_PACKAGES, PackageOwners
from inventory.errors import WorkspaceError
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support import host_fixtures
from tests.support.estate_recordings import recorded_host
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN
from tests.support.windows_snapshots import wine

HOSTS = ("web01", "db01", "app01", "vm01")


def look_at(name: str) -> tuple[HostFacts, HostSummary]:
    snapshot = recorded_host(name)
    host = HostFacts(snapshot, find_workloads(snapshot))
    return host, HostSummary(host.workloads, host.to_cache())


@pytest.mark.parametrize("name", HOSTS)
def test_the_second_look_sees_what_the_first_saw(name: str) -> None:
    host, look = look_at(name)
    kept = unpack_summary(pack_summary(look))
    assert kept == look
    second = HostFacts(host.snapshot, kept.workloads, CachedHost(kept.facts, index_host(host, Interner())))
    assert second.processes == host.processes
    assert second.kernel_threads == host.kernel_threads
    assert second.utilisation_history == host.utilisation_history
    assert second.settings == host.settings
    assert second.java == host.java


def all_snapshots() -> list[Snapshot]:
    recorded = [recorded_host(name) for name in HOSTS]
    recorded += [recorded_host("app01", "odd"), wine()]
    return recorded + [host_fixtures.snapshot_of(host_fixtures.recording_of(name)) for name in host_fixtures.names()]


@pytest.mark.parametrize("snapshot", all_snapshots(), ids=lambda each: each.host)
def test_rules_and_plans_say_the_same_of_what_was_noted(snapshot: Snapshot) -> None:
    first = HostFacts(snapshot, find_workloads(snapshot))
    known = index_host(first, Interner())
    look = HostSummary(first.workloads, first.to_cache())
    try:
        kept = unpack_summary(pack_summary(look))
    except UnicodeEncodeError:  # text with bytes that are no UTF-8 is not kept
        kept = look
    second = HostFacts(snapshot, kept.workloads, CachedHost(kept.facts, known))
    estate = EstateIndex((known,), (TARGET,), TAKEN)
    once, twice = (judge_host(estate, host, Rules(RULES)) for host in (first, second))
    assert once.asked
    assert twice == once
    for workload in first.workloads:
        assert sizing_of(second, workload) == sizing_of(first, workload)
    applications = []
    for host in (first, second):
        finder = ApplicationFinder(Interner())
        for workload in host.workloads:
            finder.add(host, workload)
        applications.append(finder.applications())
    assert applications[0] == applications[1]


def test_threads_of_the_kernel_are_no_processes() -> None:
    host, _ = look_at("vm01")
    everybody = value_or_none(host.snapshot.processes) or ()
    assert len(host.processes) + sum(each.number for each in host.kernel_threads) == len(everybody)
    assert host.kernel_threads
    assert not any(each.kernel for each in host.processes)


def test_processes_without_order_are_read_again() -> None:
    snapshot = recorded_host("web01")
    processes = value_or_none(snapshot.processes) or ()
    turned = {**snapshot.observations, "processes": Found(processes[::-1])}
    host = HostFacts(replace(snapshot, observations=turned), ())
    assert host.to_cache().others is None


@pytest.mark.parametrize("name", HOSTS)
def test_what_is_noted_of_packages_is_what_the_database_says(name: str) -> None:
    host, look = look_at(name)
    database = PackageOwners(host.snapshot.packages)
    noted = PackageOwners(host.snapshot.packages, look.facts.packages)
    paths = [path for each in host.workloads for path in each.executables]
    assert any(database.owner_of(path) for path in paths)
    for path in (*paths, "/bin/sh", "/usr/bin/sh", "/nowhere"):
        owner = database.owner_of(path)
        assert noted.owner_of(path) == owner
        assert noted.installed(owner or "") == database.installed(owner or "")
    for each in host.workloads:
        assert noted.called(each.packages) == database.called(each.packages)
    assert noted.called(LIBC_PACKAGES) == database.called(LIBC_PACKAGES) != ()
    assert noted.called({"bash"}) == database.called({"bash"}) != ()


def test_what_is_noted_needs_no_database() -> None:
    _, look = look_at("web01")
    workload = next(each for each in look.workloads if each.kind == "service")

    class Unread(Found[object]):
        def __init__(self) -> None:
            object.__setattr__(self, "gaps", ())

    owners = PackageOwners(Unread(), look.facts.packages)  # type: ignore[arg-type]
    assert owners.seen
    for path in workload.executables:
        assert owners.installed(owners.owner_of(path) or "") is not None
    assert owners.called(workload.packages)
    with pytest.raises(AttributeError):
        owners.owner_of("/nowhere")


@pytest.mark.parametrize("damaged", [b"no frame", zstandard.compress(b"\x91\xc0"), zstandard.compress(b"\xa1\xff")])
def test_a_damaged_look_says_what_to_do(damaged: bytes, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="assess reparse"):
        unpack_summary(PackedSummary(damaged))
    results = Results.on_disk(tmp_path)
    results.add_summary(PackedSummary(damaged))
    with pytest.raises(WorkspaceError, match="assess reparse"):
        results.summary(0)
