"""A scan asks what its depth includes, and what it did not mean to ask is neither an answer nor a failure."""

from __future__ import annotations

import os

import pytest

from inventory.depth import Depth
from inventory.observation import Absent, Found, Unknown
from inventory.platforms import Platform
from inventory.probe.script import compose
from inventory.recording import Part, Recording, SectionRecording
from inventory.section import Section, Variant
from inventory.sections import SECTIONS
from inventory.store import snapshot_building
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Outcome, Scan
from tests.support.live import ask

NONCE = "0123456789abcdef0123456789abcdef"


def section(name: str, depth: Depth) -> Section[str]:
    variant = Variant(Platform.POSIX, "part a true", lambda recording: Found(recording.parts[0].content.decode()))
    return Section(name, name, (variant,), depth=depth)


EACH = tuple(section(f"a_{depth}", depth) for depth in Depth)


@pytest.mark.parametrize(
    ("depth", "asked"),
    [
        (Depth.QUICK, ["a_quick"]),
        (Depth.STANDARD, ["a_quick", "a_standard"]),
        (Depth.DEEP, ["a_quick", "a_standard", "a_deep"]),
    ],
)
def test_a_probe_asks_what_its_depth_includes_and_tells_it_to_fragments(depth: Depth, asked: list[str]) -> None:
    script = compose(EACH, NONCE, depth=depth)
    assert [name for name in ("a_quick", "a_standard", "a_deep") if f"\nsection {name} " in script] == asked
    assert f"\nBF_DEPTH={depth}\n" in script


def test_a_quick_look_has_what_tells_services_and_their_ports() -> None:
    quick = {section.name for section in SECTIONS if Depth.QUICK.includes(section.depth)}
    assert {"system", "processes", "sockets", "open_files", "services"} <= quick
    assert "packages" not in quick


def _result(depth: Depth, *names: str) -> HostResult:
    answered = tuple(SectionRecording(name, (Part("a", b"x"),)) for name in names)
    recording = Recording("web01", "posix", 1.0, answered, depth=depth)
    return HostResult("web01", "192.0.2.1", (), Platform.POSIX, Outcome.ANSWERED, recording=recording)


def test_what_a_depth_does_not_ask_leaves_the_host_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.sections.SECTIONS", EACH)
    result = _result(Depth.QUICK, "a_quick")
    snapshot = snapshot_building.build_snapshot(result, result.recording, Depth.QUICK)
    assert snapshot.status == "complete"
    assert snapshot.depth is Depth.QUICK
    assert snapshot.observation("a_standard") == Unknown(
        "not asked at depth quick; scan with --depth standard", asked=False
    )
    assert snapshot.observation("a_deep") == Unknown("not asked at depth quick; scan with --depth deep", asked=False)


def test_what_was_asked_and_did_not_answer_leaves_it_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.sections.SECTIONS", EACH)
    result = _result(Depth.STANDARD, "a_quick")
    snapshot = snapshot_building.build_snapshot(result, result.recording, Depth.STANDARD)
    assert snapshot.status == "partial"
    unknown = snapshot.observation("a_standard")
    assert isinstance(unknown, Unknown)
    assert unknown.asked


def test_a_scan_keeps_its_depth() -> None:
    with Store("sqlite://") as store:
        scan = store.begin("/hosts.ini", [], {"depth": "quick"})
        assert scan.depth is Depth.QUICK
        latest = store.latest()
        assert latest is not None
        assert latest.depth is Depth.QUICK


def test_a_scan_from_before_there_were_depths_is_a_standard_one() -> None:
    assert Scan(1, 0.0, None, "/hosts.ini", ()).depth is Depth.STANDARD


def test_a_quick_look_at_a_real_machine_lacks_nothing_that_it_meant_to_see() -> None:
    """What its sections leave out at that depth is no gap."""
    quick = [each for each in SECTIONS if Depth.QUICK.includes(each.depth) and each.variant(Platform.POSIX)]
    recordings = ask(*quick, depth=Depth.QUICK)
    for each in quick:
        observation = each.observe(recordings[each.name], Platform.POSIX)
        if each.name == "services" and isinstance(observation, Absent):
            continue  # a container may have no init
        assert isinstance(observation, Found), (each.name, observation)
        # A process that is about to end refuses some of itself even to root; that is no matter of depth.
        reasons = {gap.reason for gap in observation.gaps} - {"the kernel denied access even to root"}
        if os.geteuid() == 0:
            assert reasons == set(), (each.name, observation.gaps)
