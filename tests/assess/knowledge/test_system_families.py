"""Confidence is capped on systems on which nothing was proven, and a cap makes no verdict of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.assessment import Assessment
from assess.export.export_document import to_document
from assess.knowledge.system_families import families, family_of
from assess.knowledge.system_tables import scoring
from inventory.observation import Found, Unknown, value_or_none
from inventory.snapshot import Snapshot
from reports.view.page import page_of
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder
from tests.support.windows_snapshots import wine


def of_family(snapshot: Snapshot, identity: str, version: str = "", like: tuple[str, ...] = ()) -> Snapshot:
    """The host with another os-release."""
    system = value_or_none(snapshot.system)
    assert system is not None and system.distribution is not None
    distribution = replace(system.distribution, id=identity, version=version, like=like)
    found = Found(replace(system, distribution=distribution))
    return replace(snapshot, observations={**snapshot.observations, "system": found})


def host(identity: str, version: str = "", like: tuple[str, ...] = ()) -> Snapshot:
    return of_family(HostBuilder("host01").build(), identity, version, like)


@pytest.mark.parametrize(
    ("snapshot", "family"),
    [
        (host("debian", "12"), "Debian 11 and later"),
        (host("debian", "13.1"), "Debian 11 and later"),
        (host("debian", "7"), "Other systems with dpkg"),
        (host("debian"), "Other systems with dpkg"),
        (host("ubuntu", "24.04", ("debian",)), "Other systems with dpkg"),
        (host("rhel", "9.4", ("fedora",)), "RPM hosts"),
        (host("oddlinux", "3", ("rhel", "centos", "fedora")), "RPM hosts"),
        (host("alpine", "3.20.1"), "Alpine"),
        (host("arch"), "Any other system"),
        (wine(), "Windows"),
        (replace(host("debian", "12"), observations={"system": Unknown("timed out")}), "Any other system"),
    ],
)
def test_a_host_is_of_the_first_family_that_fits(snapshot: Snapshot, family: str) -> None:
    assert family_of(snapshot).name == family


def test_every_cap_has_a_reason_and_lets_a_service_be_judged() -> None:
    for each in families():
        assert bool(each.reason) is (each.cap < 1)
        assert scoring().unknown.confidence_below <= each.cap <= 1
        assert each.proven


def confidences(assessment: Assessment) -> dict[str, float]:
    return {each.workload.id: each.confidence for each in assessment.workloads if each.workload.kind == "service"}


@pytest.mark.parametrize(("identity", "version"), [("rhel", "9.4"), ("alpine", "3.20.1")])
def test_a_host_is_judged_alike_with_less_confidence(
    identity: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = of_family(recorded_host("web01"), identity, version)
    capped = assess(snapshot)
    cap = family_of(snapshot).cap
    monkeypatch.setattr("assess.assessor.family_of", lambda _snapshot: families()[1])
    proven = assess(snapshot)
    assert [(each.verdict, each.score, each.reasons) for each in capped.workloads] == [
        (each.verdict, each.score, each.reasons) for each in proven.workloads
    ]
    assert set(confidences(proven).values()) == {1.0}
    assert set(confidences(capped).values()) == {cap}


def test_page_and_export_say_where_confidence_is_capped_and_why() -> None:
    assessment = assess(recorded_host("web01"), host("rhel", "9.4"))
    rows = {each["name"]: each for each in to_document(assessment)["families"]}
    assert rows["Debian 11 and later"] | {"proven": ""} == {
        "name": "Debian 11 and later", "confidence_cap": 1.0, "reason": None, "proven": "", "hosts": ["web01"],
    }  # fmt: skip
    assert (rows["RPM hosts"]["confidence_cap"], rows["RPM hosts"]["hosts"]) == (0.75, ["host01"])
    page = page_of(assessment)
    assert [(row.name, row.cap) for row in page.gaps.families] == [("Debian 11 and later", ""), ("RPM hosts", "75 %")]
    assert "Confidence limited to 75 % on RPM hosts (host01)" in [sentence.text for sentence in page.summary.coverage]
