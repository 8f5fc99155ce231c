"""Of a stored scan a command reads the hosts that it works on, each once, and surveys tell it the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assess.assessment import Assessment
from assess.commands.selection import WorkloadUnknown
from assess.pipeline import StoredEstate, assess_scan
from containerize.estate import Estate
from inventory.errors import WorkspaceError
from inventory.store.cache import snapshot_cache
from inventory.store.database import Store
from inventory.store.scan_records import Scan
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import keep_scan

HOSTS = ("web01", "db01", "app01")

CORRECTED = """\
version: 1
workloads:
  - match: app01/tomcat9
    name: shop
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/assessment.db") as opened:
        yield opened


@pytest.fixture
def scan(store: Store, tmp_path: Path) -> Scan:
    """A scan of three hosts, after a command that surveyed them under the names that the scan gave them."""
    done = keep_scan(store, [recorded_result(name) for name in HOSTS], str(tmp_path / "hosts.ini"))
    assert len(StoredEstate(store, done).known.hosts) == 3
    return done


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts whose facts are read from now on."""
    hosts: list[str] = []
    facts = snapshot_cache.SnapshotCache._facts

    def _facts(snapshots: object, stored: snapshot_cache.StoredHost, *rest: object) -> object:
        hosts.append(stored.row["host"])
        return facts(snapshots, stored, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshot_cache.SnapshotCache, "_facts", _facts)
    return hosts


def ids(assessment: Assessment) -> list[str]:
    return [each.workload.id for each in assessment.workloads]


def test_the_workloads_are_those_of_the_assessment(store: Store, scan: Scan, tmp_path: Path) -> None:
    (tmp_path / "brownfield.yaml").write_text(CORRECTED, "utf-8")
    estate, assessment = StoredEstate(store, scan), assess_scan(store, scan)
    assert "app01/shop" in ids(assessment)
    assert [each.id for host in estate.known.hosts for each in host.workloads] == ids(assessment)
    found = [each for host in HOSTS for each in estate.host(host).workloads]
    assert found == [each.workload for each in assessment.workloads]


def test_a_name_is_looked_up_without_reading_a_host(store: Store, scan: Scan, decoded: list[str]) -> None:
    estate = Estate(StoredEstate(store, scan), scan)
    assert [each.id for each in estate.named("app01/tomcat9")] == ["app01/tomcat9"]
    with pytest.raises(WorkloadUnknown, match="did you mean app01/tomcat9"):
        estate.named("app01/tomcat")
    assert decoded == []


def test_only_the_hosts_of_the_workloads_are_read_and_each_once(store: Store, scan: Scan, decoded: list[str]) -> None:
    estate = Estate(StoredEstate(store, scan), scan)
    assert [each.id for each in estate.find("app01/*")]
    assert estate.find("app01/tomcat9")[0] in estate.host("app01").workloads
    assert decoded == ["app01"]


def test_a_host_that_had_to_be_surveyed_is_not_read_again(
    store: Store, scan: Scan, decoded: list[str], tmp_path: Path
) -> None:
    (tmp_path / "brownfield.yaml").write_text(CORRECTED, "utf-8")
    estate = Estate(StoredEstate(store, scan), scan)
    assert [each.id for each in estate.find("app01/shop")] == ["app01/shop"]
    assert decoded == list(HOSTS)


def test_the_container_hosts_are_targets_and_no_other_host_is_read(
    store: Store, tmp_path: Path, decoded: list[str]
) -> None:
    results = [recorded_result("web01"), replace(recorded_result("vm01"), groups=("container_hosts",))]
    scan = keep_scan(store, results, str(tmp_path / "hosts.ini"))
    decoded.clear()
    assert [each.name for each in StoredEstate(store, scan).targets] == ["vm01"]
    assert decoded == ["vm01"]


def test_a_host_that_is_not_in_the_scan_is_an_error_that_says_so(store: Store, scan: Scan) -> None:
    with pytest.raises(WorkspaceError, match="has no host 'web09'"):
        StoredEstate(store, scan).host("web09")
