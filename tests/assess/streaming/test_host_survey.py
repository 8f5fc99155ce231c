"""What the first look at a host found out is kept, gives the same assessment, and ends with what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from assess.assessment import Assessment
from assess.assessor import Criteria, assess_estate, assess_hosts
from assess.export.export_document import to_document
from assess.policy.model import Policy, WorkloadOverride
from assess.streaming import host_survey
from assess.streaming.results import Results
from inventory.host import Host
from inventory.observation import Found
from inventory.snapshot import Snapshot
from inventory.store.cache.snapshot_cache import SnapshotCache
from inventory.store.database import Store
from inventory.store.database_tables import parsed_hosts, sampled_hosts, scan_hosts
from inventory.store.scan_records import HostResult, Outcome, Scan
from tests.support.estate_recordings import recorded_result
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN

HOSTS = ("web01", "db01", "app01", "vm01")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/assessment.db")


@pytest.fixture
def scan(store: Store) -> Scan:
    results = [recorded_result(name) for name in HOSTS]
    gone = HostResult("gone", "10.0.0.9", (), results[0].platform, Outcome.UNREACHABLE, "no route")
    scan = store.begin("/hosts.ini", [Host(each.host, each.address, each.groups) for each in (*results, gone)])
    for each in (*results, gone):
        store.save(scan, each)
    return store.finish(scan)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that were looked at for the first time from now on."""
    hosts: list[str] = []
    look = host_survey.facts_of

    def facts_of(snapshot: Snapshot, *rest: object) -> object:
        hosts.append(snapshot.host)
        return look(snapshot, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(host_survey, "facts_of", facts_of)
    return hosts


def assessed(
    snapshots: SnapshotCache, names: Mapping[str, Mapping[str, str]] | None = None, judgement: Policy | None = None
) -> Assessment:
    known = names or {}
    criteria = Criteria([TARGET], TAKEN, "hosts.ini", lambda host: known.get(host, {}), policy=judgement or Policy())
    return assess_hosts(snapshots, criteria, Results.on_disk(), surveys=snapshots)


def held(snapshots: Sequence[Snapshot], judgement: Policy | None = None) -> object:
    whole = assess_estate(snapshots, [TARGET], TAKEN, "hosts.ini", policy=judgement)
    return to_document(whole)


def test_the_second_assessment_looks_once_and_says_the_same(store: Store, scan: Scan, looked: list[str]) -> None:
    document = held(list(store.snapshots(scan)))
    assert to_document(assessed(SnapshotCache(store, scan))) == document
    assert looked == [*HOSTS, "gone"]
    looked.clear()
    assert to_document(assessed(SnapshotCache(store, scan))) == document
    assert looked == ["gone"], "of a host that did not answer nothing is kept"


def test_names_and_corrections_are_part_of_it(store: Store, scan: Scan, looked: list[str]) -> None:
    first = assessed(SnapshotCache(store, scan))
    workload = next(each.workload for each in first.workloads if each.workload.kind == "service")
    looked.clear()
    names = {workload.host: {workload.recognised_by[0]: "renamed"}}
    renamed = assessed(SnapshotCache(store, scan), names)
    assert looked == [workload.host, "gone"]
    assert f"{workload.host}/renamed" in {each.workload.id for each in renamed.workloads}
    looked.clear()
    said = Policy(path="brownfield.yaml", overrides=(WorkloadOverride(workload.id, criticality="high"),))
    corrected = assessed(SnapshotCache(store, scan), judgement=said)
    assert looked == [*HOSTS, "gone"]
    assert to_document(corrected) == held(list(store.snapshots(scan)), said)


def test_the_parts_of_a_workload_are_kept(store: Store, scan: Scan, looked: list[str]) -> None:
    said = Policy(path="brownfield.yaml", overrides=(WorkloadOverride("app01/label-printer", part_of="inventory-app"),))
    first = assessed(SnapshotCache(store, scan), judgement=said).workload("app01/inventory-app")
    looked.clear()
    again = assessed(SnapshotCache(store, scan), judgement=said).workload("app01/inventory-app")
    assert looked == ["gone"]
    assert first is not None
    assert again is not None
    assert [each.name for each in again.workload.units] == ["inventory-app", "label-printer"]
    assert again.workload == first.workload


def test_another_source_looks_for_itself(
    store: Store, scan: Scan, looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assessed(SnapshotCache(store, scan))
    looked.clear()
    monkeypatch.setattr(host_survey, "survey_version", lambda: "another")
    assessed(SnapshotCache(store, scan))
    assert looked == [*HOSTS, "gone"]


def test_the_version_is_that_of_source_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setattr("assess.__file__", str(package / "__init__.py"))
    versions = []
    try:
        for name, text in (("tables.toml", "a"), ("tables.toml", "b"), ("rules.py", "c"), ("notes.md", "d")):
            (package / name).write_text(text)
            host_survey.survey_version.cache_clear()
            versions.append(host_survey.survey_version())
    finally:
        host_survey.survey_version.cache_clear()
    assert len(set(versions)) == 3
    assert versions[2] == versions[3]


@pytest.mark.parametrize("column", ["address", "login", "taken"])
def test_another_row_is_noticed(store: Store, scan: Scan, looked: list[str], column: str) -> None:
    assessed(SnapshotCache(store, scan))
    looked.clear()
    with store.writing() as connection:
        values = {column: 5.0 if column == "taken" else "10.9.9.9"}
        connection.execute(sa.update(scan_hosts).where(scan_hosts.c.host == "db01").values(values))
    assert to_document(assessed(SnapshotCache(store, scan))) == held(list(store.snapshots(scan)))
    assert looked == ["db01", "gone"]


def test_a_host_that_is_asked_again_is_looked_at_again(store: Store, scan: Scan, looked: list[str]) -> None:
    assessed(SnapshotCache(store, scan))
    looked.clear()
    store.save(scan, replace(recorded_result("web01"), host="db01"))
    assert to_document(assessed(SnapshotCache(store, scan))) == held(list(store.snapshots(scan)))
    assert looked == ["db01", "gone"]


def test_what_is_damaged_is_made_anew(store: Store, scan: Scan, looked: list[str]) -> None:
    document = to_document(assessed(SnapshotCache(store, scan)))
    looked.clear()
    with store.writing() as connection:
        connection.execute(sa.update(parsed_hosts).values(survey=parsed_hosts.c.facts))
    assert to_document(assessed(SnapshotCache(store, scan))) == document
    assert looked == [*HOSTS, "gone"]


def test_nothing_is_kept_where_nothing_may_be(store: Store, scan: Scan, looked: list[str]) -> None:
    for _ in range(2):
        assessed(SnapshotCache(store, scan, keep=False))
    assert looked == [*HOSTS, "gone"] * 2


def test_later_looks_are_not_left_out(store: Store, scan: Scan, looked: list[str]) -> None:
    assessed(SnapshotCache(store, scan))
    looked.clear()
    with store.writing() as connection:
        web01 = connection.scalar(sa.select(scan_hosts.c.id).where(scan_hosts.c.host == "web01"))
        values = {"scan_host_id": web01, "looks": 3, "first": 1.0, "last": 2.0, "left_out": 0}
        connection.execute(sa.insert(sampled_hosts).values(values))
    again = assessed(SnapshotCache(store, scan))
    assert looked == ["web01", "gone"]
    assert isinstance(next(iter(again.hosts)).snapshot.sightings, Found)
