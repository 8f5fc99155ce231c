"""No answer of a Windows host raises anything but ParseError."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inventory.platforms import Platform
from inventory.probe.windows_shells.questions import questions
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from tests.support.live import REDACTOR
from tests.support.windows_answers import HKLM, WINDOWS


def parts_of(section: str) -> list[str]:
    variant = WINDOWS[section].variant(Platform.WINDOWS)
    assert variant is not None
    return [each.part for each in questions(variant.fragment)]


PIECES = st.sampled_from(
    [
        HKLM,
        "\\X",
        "\n",
        "    ",
        "\t",
        "REG_SZ",
        "REG_DWORD",
        "0x1",
        "Name",
        "=",
        "\\N",
        "20260101",
        '"',
        ",",
        ":",
        "TCP",
        "1",
        "0.0.0.0:0",
        "<Task>",
        "</Task>",
        "<!-- \\x -->",
        "Blob",
        "REG_BINARY",
        "ff",
        "SQL",
        "\udcff",
        "\0",
        "é",
        "*",
        "(",
        "-",
    ]
)


@given(st.data())
def test_nothing_but_a_parse_error_comes_of_rubbish(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(WINDOWS)))
    texts = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=25).map("".join).map(encoded))
    parts = tuple(Part(part, data.draw(texts), data.draw(st.integers(0, 1))) for part in parts_of(name))
    recording = SectionRecording(name, parts)
    variant = WINDOWS[name].variant(Platform.WINDOWS)
    assert variant is not None
    redacted = WINDOWS[name].redacted(recording, REDACTOR, Platform.WINDOWS)
    for each in (recording, redacted, replace(recording, parts=())):
        try:
            variant.parse(each)
        except ParseError as error:
            assert str(error)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
