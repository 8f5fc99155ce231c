"""A host that dies in the middle of any section: what it said before is kept, and of the rest it is said why not."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from inventory.depth import Depth
from inventory.observation import Absent, Found, Unknown
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.probe.framing import read_frames
from inventory.recording import Part, SectionRecording
from inventory.sections import SECTIONS
from inventory.sections.files.changed_files import SECTION as CHANGED_FILES
from inventory.snapshot import Snapshot
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.snapshot_building import build_snapshot
from tests.support.estate_recordings import recorded_result
from tests.support.live import NONCE, REDACTOR
from tests.support.replayed import BROKE, DyingHost, framed, opening

TAKEN = 1_700_000_000.0


@lru_cache(maxsize=1)
def answered() -> tuple[SectionRecording, ...]:
    """Every section that was recorded of web01, in the order in which it is asked."""
    recording = recorded_result("web01").recording
    assert recording is not None
    return recording.sections


NAMES = [section.section for section in answered()]
ASKED = [section for section in SECTIONS if section.variant(Platform.POSIX) is not None]


def seen(number: int, dies_at: float) -> Snapshot:
    """What is known of a host that died in its section ``number``."""
    transport = DyingHost(answered()[: number + 1], dies_at)
    recording = run_probe(
        transport, Platform.POSIX, REDACTOR, "web01", lambda: TAKEN, ProbeOptions(timeout=1.0, depth=Depth.DEEP)
    )
    result = HostResult("web01", "web01", (), Platform.POSIX, Outcome.ANSWERED, taken=TAKEN, user="root")
    return build_snapshot(result, recording, Depth.DEEP)


@lru_cache(maxsize=1)
def whole() -> Snapshot:
    """What is known where all of them arrived."""
    result = recorded_result("web01")
    return build_snapshot(result, result.recording, Depth.DEEP)


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
@pytest.mark.parametrize(
    "dies_at", [0.0, 0.02, 0.5, 1.0], ids=["before", "at the begin", "in the middle", "at the end"]
)
def test_what_was_answered_is_kept_and_the_rest_is_unknown_and_says_why(number: int, dies_at: float) -> None:
    snapshot = seen(number, dies_at)
    for name in NAMES[:number]:
        assert snapshot.observation(name) == whole().observation(name), name
    for name in {section.name for section in ASKED} - {*NAMES[: number + 1]}:
        observation = snapshot.observation(name)
        assert isinstance(observation, Unknown), name
        assert observation.reason == BROKE
    died_in = snapshot.observation(NAMES[number])
    if isinstance(died_in, Found):
        assert died_in.gaps, f"{NAMES[number]} is said to be whole, but its end never came"
    else:
        assert isinstance(died_in, Unknown), f"{NAMES[number]} is said to be absent, but its end never came"
        assert died_in.reason
    assert snapshot.status == "partial"


def test_a_section_that_is_cut_off_stays_so_in_the_store() -> None:
    """Or reading the recording again would make a whole answer of half a one."""
    (cut,) = read_frames(opening(NONCE) + framed(answered()[0], NONCE), b"", NONCE).sections.values()
    assert cut.unfinished
    assert SectionRecording.from_compressed(cut.section, cut.compressed()) == cut


def test_a_section_that_was_not_through_is_not_absent() -> None:
    """What came of it may say of nothing that it is not there."""
    none = SectionRecording("changed_files", (Part("tools", b""),))
    assert isinstance(CHANGED_FILES.observe(none, Platform.POSIX), Absent)
    assert isinstance(CHANGED_FILES.observe(replace(none, unfinished=True), Platform.POSIX), Unknown)
