"""Rows that a parser cannot read cost only themselves, and are counted."""

from __future__ import annotations

import pytest

from inventory.formats.unreadable_rows import ParseError, skip_row, skip_unreadable, unreadable_row
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.sections.files.directories import SECTION as DIRECTORIES
from inventory.sections.programs.processes import SECTION as PROCESSES
from tests.support.live import REDACTOR
from tests.support.recordings import answer, recorded

ROW = b"drwxr-xr-x 2 0 0 4096 Nov 24 13:27 /srv/a\n"


def test_rows_are_counted_within_and_raise_elsewhere() -> None:
    with skip_unreadable() as rows:
        unreadable_row("table:1 is no row")
        with skip_row:
            raise ParseError("table:2 is no row")
    assert (rows.count, rows.first) == (2, "table:1 is no row")
    assert [gap.what for gap in rows.gaps()] == ["2 rows"]
    with pytest.raises(ParseError, match="table:3"):
        unreadable_row("table:3 is no row")
    with pytest.raises(ParseError, match="table:4"), skip_row:
        raise ParseError("table:4 is no row")
    with pytest.raises(KeyError), skip_unreadable(), skip_row:
        raise KeyError("a bug is no odd row")


def test_an_answer_of_nothing_but_odd_rows_is_unknown() -> None:
    """It must not look like a host that has none of these things."""
    some = DIRECTORIES.observe(answer("directories", list=b"odd\n" + ROW + b"odder\n"), Platform.POSIX)
    none = DIRECTORIES.observe(answer("directories", list=b"odd\nodder\n"), Platform.POSIX)

    assert isinstance(some, Found)
    assert [directory.path for directory in some.value] == ["/srv/a"]
    assert [gap.reason for gap in some.gaps] == ["unknown format: list:1 is not a directory"]
    assert none == Unknown("the answer could not be read: list:1 is not a directory")


def test_what_redaction_cannot_place_is_not_kept_and_the_recording_says_so() -> None:
    recording = recorded("web01", "processes")
    parts = [
        Part(part.name, b"PASSWORD=Hunter2x\n" + part.content) if part.name == "cmdline" else part
        for part in recording.parts
    ]
    hidden = PROCESSES.redacted(SectionRecording("processes", tuple(parts)), REDACTOR, Platform.POSIX)
    again = PROCESSES.redacted(hidden, REDACTOR, Platform.POSIX)

    assert b"Hunter2x" not in hidden.to_text()
    for kept in (hidden, again):
        observation = PROCESSES.observe(kept, Platform.POSIX)
        assert isinstance(observation, Found)
        assert any("dropped rows that belong to no file: cmdline:1" in gap.reason for gap in observation.gaps)
    assert len(again.parts) == len(hidden.parts)
