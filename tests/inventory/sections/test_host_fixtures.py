"""Every host that somebody has put into tests/fixtures/hosts is understood as it was."""

from __future__ import annotations

import pytest

from inventory.recording import SectionRecording
from inventory.section import Section
from inventory.sections import SECTIONS
from tests.support.host_fixtures import FOLDER, expected, names, recording_of, snapshot_of, totals_of
from tests.support.live import REDACTOR

BY_NAME: dict[str, Section[object]] = {section.name: section for section in SECTIONS}


@pytest.fixture(params=names())
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_facts_are_as_many_as_they_were(host: str) -> None:
    totals = totals_of(snapshot_of(recording_of(host)))
    assert {section: totals.get(section) for section in expected(host)} == expected(host)


def test_what_was_answered_is_expected(host: str) -> None:
    """Or a section that is not understood would go unnoticed."""
    assert {section.section for section in recording_of(host).sections} <= {*expected(host)}


def test_redaction_has_nothing_more_to_do(host: str) -> None:
    assert recording_of(host).sections
    for recording in recording_of(host).sections:
        section = BY_NAME.get(recording.section)
        if section is not None:
            redacted: SectionRecording = section.redact(recording, REDACTOR)
            assert redacted == recording, recording.section


def test_every_bundle_has_its_expectations_and_the_other_way_round() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == names()
