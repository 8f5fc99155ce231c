"""Lines beyond all measure are cut, and the facts say so."""

from __future__ import annotations

import pytest

from inventory.formats import line_limit
from inventory.formats.line_limit import LONGEST, LONGEST_DOCUMENT, with_short_lines
from inventory.observation import Found, Gap
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.recording import Part, SectionRecording
from inventory.sections import SECTIONS
from tests.support import host_fixtures
from tests.support.recordings import FOLDER, answer, recorded
from tests.support.windows_snapshots import RECORDED

_REDACTOR = Redactor(b"k" * 32)
_MOUNTS = next(section for section in SECTIONS if section.name == "mounts")
_TABLE = b"/dev/sda1 / ext4 rw 0 0\n"


def test_a_long_line_is_cut_with_a_gap_that_counts_it() -> None:
    long = b"/etc/exports:/srv " + b"x" * 70_000
    kept = _MOUNTS.redacted(answer("mounts", table=_TABLE, files=long + b"\n" + long), _REDACTOR, Platform.POSIX)
    part = kept.part("files")
    assert part is not None
    assert [len(line) for line in part.content.split(b"\n")] == [LONGEST, LONGEST]
    stored = SectionRecording.from_text("mounts", kept.to_text())
    observation = _MOUNTS.observe(stored, Platform.POSIX)
    assert isinstance(observation, Found)
    assert observation.gaps == (Gap("files", "2 lines longer than 64 KiB were cut"),)


def test_a_recording_of_an_earlier_version_is_cut_when_it_is_read() -> None:
    observation = _MOUNTS.observe(
        answer("mounts", table=_TABLE, files=b"/etc/exports:" + b" " * 400_000 + b"\n"), Platform.POSIX
    )
    assert isinstance(observation, Found)
    assert observation.gaps == (Gap("files", "1 line longer than 64 KiB was cut"),)


@pytest.mark.parametrize("around", [b"", b"short\n", b"\n" * 100_000, b"y" * LONGEST + b"\n"])
def test_lines_at_the_limit_stay(around: bytes) -> None:
    content = around + b"x" * LONGEST + b"\n" + around
    made = answer("demo", only=content)
    assert with_short_lines(made) is made
    cut = with_short_lines(answer("demo", only=content.replace(b"x\n", b"xx\n")))
    assert cut.parts == made.parts
    assert [gap.reason for gap in line_limit.gaps(cut)] == ["1 line longer than 64 KiB was cut"]


@pytest.mark.parametrize("truncated", [False, True])
def test_a_secret_that_a_cut_goes_through_does_not_stay_in_half(truncated: bool) -> None:
    """https://user:Sup3r without what follows the password looks like no login."""
    begin = b"/etc/exports:" if truncated else b"/etc/exports:" + b"x " * (LONGEST // 2 - 22)
    half = begin + b" https://shop:Sup3rSecretWinter"
    whole = half if truncated else half + b"9@db01.corp.example/"
    parts = (Part("table", _TABLE), Part("files", whole, truncated=truncated))
    kept = _MOUNTS.redacted(SectionRecording("mounts", parts), _REDACTOR, Platform.POSIX)
    part = kept.part("files")
    assert part is not None
    assert b"Sup3r" not in part.content
    assert _MOUNTS.redacted(kept, _REDACTOR, Platform.POSIX) == kept


def test_a_document_in_one_line_stays_whole() -> None:
    content = b"{" + b" " * (LONGEST_DOCUMENT - 2) + b"}"
    made = answer("demo", files=content)
    assert with_short_lines(made, frozenset({"files"})) is made
    assert with_short_lines(made) is not made


def test_no_line_of_a_real_host_is_cut() -> None:
    recordings = [recorded(path.parent.name, path.stem) for path in FOLDER.glob("*/*.txt")]
    recordings += [SectionRecording.from_text(path.stem, path.read_bytes()) for path in RECORDED.glob("*.txt")]
    recordings += [each for name in host_fixtures.names() for each in host_fixtures.recording_of(name).sections]
    assert len(recordings) > 200
    assert all(with_short_lines(each) is each for each in recordings)


def test_parts_that_are_called_documents_exist() -> None:
    parts = {part.name for path in FOLDER.glob("*/*.txt") for part in recorded(path.parent.name, path.stem).parts}
    parts |= {
        part.name
        for name in host_fixtures.names()
        for s in host_fixtures.recording_of(name).sections
        for part in s.parts
    }
    named = {name for section in SECTIONS for variant in section.variants for name in variant.documents}
    assert named <= parts | {"machines"}


def test_a_record_is_made_once() -> None:
    cut = with_short_lines(SectionRecording("demo", (Part("a", b"x" * 100_000),), b"complaint"))
    assert cut.errors == b"complaint\nassess: 1 line of a longer than 64 KiB was cut\n"
    assert with_short_lines(cut) is cut


def test_a_number_that_python_could_read_but_not_print_is_cut() -> None:
    """Of 4,299 digits, in KiB: in bytes it has more digits than Python prints, which ended the report of all hosts."""
    section = next(section for section in SECTIONS if section.name == "system")
    sent = answer("system", machine=b"m\n", clock=b"1\n", tables=b"/proc/meminfo:MemTotal: %s kB\n" % (b"9" * 4299))
    observation = section.observe(section.redacted(sent, _REDACTOR, Platform.POSIX), Platform.POSIX)
    assert isinstance(observation, Found)
    assert str(observation.value)
    assert Gap("tables", "1 number longer than 1000 digits was cut") in observation.gaps


def test_numbers_at_the_limit_stay() -> None:
    made = answer("demo", only=b"a" + b"7" * 1000 + b" " + b"8" * 1000 + b"\n")
    assert with_short_lines(made) is made
