"""Lines that findings quote are those of the recording."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inventory.observation import Origin
from inventory.recording import Part, SectionRecording
from inventory.store.quoted_lines import QuotedLines


@given(st.lists(st.one_of(st.binary(max_size=12), st.sampled_from([b"", b"\n", b"\xe2\x82", b"\xe2\x82\xac"]))))
def test_as_all_lines_of_the_part_are(pieces: list[bytes]) -> None:
    part = Part("status", b"\n".join(pieces))
    quote = QuotedLines(lambda host, section: SectionRecording(section, (part,)))
    lines = part.lines()
    found = [quote("web01", Origin("processes", "status", number)) for number in range(1, len(lines) + 1)]
    assert found == lines
    assert quote("web01", Origin("processes", "status", 0)) == ""
    assert quote("web01", Origin("processes", "status", len(lines) + 1)) == ""


def test_what_was_not_answered_has_no_lines() -> None:
    assert QuotedLines(lambda host, section: None)("web01", Origin("processes", "status", 1)) == ""
    quote = QuotedLines(lambda host, section: SectionRecording(section, ()))
    assert quote("web01", Origin("processes", "status", 1)) == ""
