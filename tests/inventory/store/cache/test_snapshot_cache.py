"""Facts are parsed once: what is kept is what was parsed, and never outlives what it was made of."""

from __future__ import annotations

import gc
import pickle
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from inventory.host import Host
from inventory.observation import Found, Gap
from inventory.recording import Part
from inventory.snapshot import Snapshot
from inventory.store.cache import fact_encoding, snapshot_cache
from inventory.store.cache.fact_encoding import decoded, encoded
from inventory.store.cache.snapshot_cache import SnapshotCache
from inventory.store.database import Store
from inventory.store.database_tables import parsed_hosts
from inventory.store.scan_records import HostResult, Outcome, Scan
from tests.support import host_fixtures
from tests.support.estate_recordings import recorded_host, recorded_result
from tests.support.windows_snapshots import wine

HOSTS = ("web01", "db01", "app01", "vm01")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/assessment.db")


def scan_of(store: Store, *results: HostResult) -> Scan:
    scan = store.begin("/hosts.ini", [Host(each.host, each.address, each.groups) for each in results])
    for each in results:
        store.save(scan, each)
    return store.finish(scan)


def kept_rows(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(parsed_hosts)) or 0)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts whose recordings are parsed from now on."""
    parsed: list[str] = []
    build = snapshot_cache.recording_of

    def recording_of(row: object, *rest: object) -> object:
        parsed.append(row["host"])  # type: ignore[index]
        return build(row, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshot_cache, "recording_of", recording_of)
    return parsed


def all_snapshots() -> list[Snapshot]:
    recorded = [recorded_host(name) for name in HOSTS]
    recorded += [recorded_host("app01", "odd"), wine()]
    return recorded + [host_fixtures.snapshot_of(host_fixtures.recording_of(name)) for name in host_fixtures.names()]


@pytest.mark.parametrize("snapshot", all_snapshots(), ids=lambda each: each.host)
def test_what_is_read_again_is_what_was_parsed(snapshot: Snapshot) -> None:
    asked: list[str] = []

    def parse(section: str) -> object:
        asked.append(section)
        return snapshot.observations[section]

    blob = encoded(snapshot.status, snapshot.observations)
    assert blob is not None
    read = decoded(blob, parse)  # type: ignore[arg-type]
    assert read is not None
    status, observations = read
    assert status == snapshot.status
    assert list(observations) == list(snapshot.observations)
    for name, observation in snapshot.observations.items():
        assert repr(observations[name]) == repr(observation), name
    assert observations == snapshot.observations
    odd = [name for name in asked if not _odd(snapshot.observations[name])]
    assert not odd, "only text that is no UTF-8 cannot be written"


def _odd(observation: object) -> bool:
    return "\\udc" in repr(observation)


def test_nothing_is_parsed_a_second_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    parsed = counted(monkeypatch)
    first = list(SnapshotCache(store, scan))
    assert parsed == list(HOSTS)
    second = list(SnapshotCache(store, scan))
    assert parsed == list(HOSTS)
    assert repr([dict(each.observations) for each in second]) == repr([dict(each.observations) for each in first])
    assert first == second == list(store.snapshots(scan))


def test_a_small_scan_stays_in_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    snapshots = SnapshotCache(store, scan, keep=False, use=False)
    parsed = counted(monkeypatch)
    one = snapshots.host("db01")
    first = list(snapshots)
    assert list(snapshots) == first
    assert snapshots.host("db01") is one
    assert sorted(parsed) == sorted(HOSTS)


def test_a_large_scan_does_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    monkeypatch.setattr(snapshot_cache, "HELD", 3)
    snapshots = SnapshotCache(store, scan)
    assert snapshots.host("db01") is not snapshots.host("db01")


def test_a_host_that_is_asked_again_is_parsed_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    list(SnapshotCache(store, scan))
    other = replace(recorded_result("web01"), host="db01")
    store.save(scan, other)
    parsed = counted(monkeypatch)
    assert list(SnapshotCache(store, scan)) == list(store.snapshots(scan))
    assert parsed == ["db01"]


def test_another_recording_under_the_same_row_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, recorded_result("web01"))
    list(SnapshotCache(store, scan))
    with store.writing() as connection:
        connection.execute(sa.text("DELETE FROM sections WHERE section = 'packages'"))
    parsed = counted(monkeypatch)
    assert list(SnapshotCache(store, scan)) == list(store.snapshots(scan))
    assert parsed == ["web01"]


def test_other_parsers_read_for_themselves(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, recorded_result("web01"))
    list(SnapshotCache(store, scan))
    monkeypatch.setattr(snapshot_cache, "parser_version", lambda: "another")
    parsed = counted(monkeypatch)
    list(SnapshotCache(store, scan))
    list(SnapshotCache(store, scan))
    assert parsed == ["web01"]


def test_the_version_is_that_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    (package / "sections").mkdir(parents=True)
    (package / "__init__.py").touch()
    parser = package / "sections" / "packages.py"
    versions = set()
    monkeypatch.setattr("inventory.__file__", str(package / "__init__.py"))
    try:
        for text in ("one", "other", "other"):
            parser.write_text(text)
            fact_encoding.parser_version.cache_clear()
            versions.add(fact_encoding.parser_version())
    finally:
        fact_encoding.parser_version.cache_clear()
    assert len(versions) == 2


def test_damaged_facts_are_parsed_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scan_of(store, recorded_result("web01"))
    whole = list(SnapshotCache(store, scan))
    with store.writing() as connection:
        facts = connection.scalar(sa.select(parsed_hosts.c.facts))
        assert facts is not None
        for damaged in (b"", b"rubbish", facts[:-9], facts[:40] + bytes([facts[40] ^ 1]) + facts[41:]):
            assert decoded(damaged, lambda name: Found(name)) is None
        connection.execute(sa.update(parsed_hosts).values(facts=facts[:-9]))
    parsed = counted(monkeypatch)
    assert list(SnapshotCache(store, scan)) == whole
    assert parsed == ["web01"]


def test_what_is_known_of_a_section_costs_no_look_at_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = recorded_host("web01")
    blob = encoded(snapshot.status, snapshot.observations)
    assert blob is not None
    read = decoded(blob, snapshot.observation)
    assert read is not None
    found = read[1]["sysctls"]
    with monkeypatch.context() as patched:
        patched.setattr(fact_encoding, "_value", lambda *_: pytest.fail("facts were decoded"))
        assert isinstance(read[1]["packages"], Found)
        assert read[1]["open_files"].gaps == snapshot.open_files.gaps  # type: ignore[union-attr]
    assert found == snapshot.sysctls
    assert snapshot.sysctls == found
    assert hash(found) == hash(snapshot.sysctls)
    assert pickle.loads(pickle.dumps(found)) == snapshot.sysctls  # noqa: S301 - our own bytes
    assert found != Found(())
    with pytest.raises(AttributeError):
        found.values  # type: ignore[union-attr]  # noqa: B018


def test_facts_that_were_not_looked_at_go_with_their_snapshot() -> None:
    snapshot = recorded_host("web01")
    blob = encoded(snapshot.status, snapshot.observations)
    assert blob is not None
    read = decoded(blob, snapshot.observation)
    assert read is not None
    was = gc.isenabled()
    gc.disable()
    try:
        observations = read[1]
        gone = weakref.ref(observations)
        assert all(observations.values())
        del observations, read
        assert gone() is None
    finally:
        if was:
            gc.enable()


def test_kept_facts_are_replaced_as_any_others_are() -> None:
    snapshot = recorded_host("web01")
    whole = snapshot.observations["mounts"]
    blob = encoded(snapshot.status, {"mounts": whole})
    assert blob is not None
    read = decoded(blob, lambda name: whole)
    assert read is not None
    kept = read[1]["mounts"]
    assert isinstance(kept, Found)
    assert replace(kept, gaps=(Gap("/srv", "refused"),)) == Found(whole.value, (Gap("/srv", "refused"),))
    assert replace(kept, value=None).value is None


def test_only_the_last_scan_is_kept(store: Store) -> None:
    old = scan_of(store, *(recorded_result(name) for name in HOSTS))
    list(SnapshotCache(store, old))
    assert kept_rows(store) == 4
    new = scan_of(store, recorded_result("web01"))
    list(SnapshotCache(store, old))
    list(SnapshotCache(store, new))
    assert kept_rows(store) == 1
    list(SnapshotCache(store, old))
    assert kept_rows(store) == 1


def test_dropped_and_not_kept(store: Store) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    list(SnapshotCache(store, scan, keep=False))
    assert kept_rows(store) == 0
    snapshots = SnapshotCache(store, scan)
    list(snapshots)
    assert kept_rows(store) == 4
    snapshots.drop()
    assert kept_rows(store) == 0


def test_text_that_is_no_utf8_is_parsed_where_it_is_asked_for(store: Store) -> None:
    result = recorded_result("web01")
    assert result.recording is not None
    sections = tuple(
        replace(each, parts=tuple(_latin1(part) for part in each.parts)) if each.section == "configuration" else each
        for each in result.recording.sections
    )
    scan = scan_of(store, replace(result, recording=replace(result.recording, sections=sections)))
    first = list(SnapshotCache(store, scan))
    assert "\\udcfc" in repr(first[0].configuration)
    (again,) = SnapshotCache(store, scan)
    assert kept_rows(store) == 1
    assert repr(again.configuration) == repr(first[0].configuration)
    assert again == first[0]


def _latin1(part: Part) -> Part:
    return replace(part, content=part.content.replace(b"Listen 80", b"Listen 80 # f\xfcr"))


def test_hosts_without_an_answer_are_what_they_are(store: Store) -> None:
    gone = HostResult("gone", "10.0.0.9", (), recorded_result("web01").platform, Outcome.UNREACHABLE, "no route")
    hosts = [Host("web01", "10.0.0.1"), Host("gone", "10.0.0.9"), Host("later", "10.0.0.10")]
    scan = store.begin("/hosts.ini", hosts)
    store.save(scan, recorded_result("web01"))
    store.save(scan, gone)
    for _ in range(2):
        assert list(SnapshotCache(store, scan)) == list(store.snapshots(scan))


def test_the_lines_of_a_host_are_at_hand(store: Store) -> None:
    scan = scan_of(store, *(recorded_result(name) for name in HOSTS))
    snapshots = SnapshotCache(store, scan)
    for snapshot in snapshots:
        assert snapshots.section(snapshot.host, "packages") == _section(store, scan, snapshot.host)
    other = SnapshotCache(store, scan)
    assert other.section("db01", "packages") == _section(store, scan, "db01")
    assert other.section("db01", "no such section") is None


def _section(store: Store, scan: Scan, host: str) -> object:
    recording = store.recording(scan, host)
    assert recording is not None
    return recording.section("packages")
