"""Answers of Windows as text and tables, whatever the code page, the shell and the language."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.windows_registry import first, key, keys, rewrite_values
from inventory.formats.windows_tables import escaped, moment, records, rewrite_cells, rows, unescaped
from inventory.privacy.windows_redaction import redact_commands, redact_windows
from inventory.probe.windows_shells.decoding import code_page, plain, text
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from tests.support.live import REDACTOR


class TestDecoding:
    def test_our_script_s_escapes(self) -> None:
        assert plain(b"M%u00FCller %u0025\r\n%uD83D%uDE00") == "Müller %\n😀".encode()

    def test_half_a_pair_is_kept(self) -> None:
        assert plain(b"%uD83D.") == b"\xed\xa0\xbd."

    @pytest.mark.parametrize(
        ("said", "codec"),
        [
            (b"Active code page: 437\r\n", "cp437"),
            (b"Aktive Codepage: 850.\r\n", "cp850"),
            ("Page de codes active\xa0: 65001\r\n".encode("cp1252"), "utf-8"),
            (b"Active code page: 936\r\n", "gbk"),
            (b"Active code page: 0\r\n", "cp850"),
            (b"", "cp850"),
            (b"99999", "cp850"),
        ],
    )
    def test_the_code_page_in_any_language(self, said: bytes, codec: str) -> None:
        assert code_page(said) == codec

    def test_what_wmic_writes(self) -> None:
        assert text("Name=Größe\r\r\n".encode("cp850"), "cp850") == "Name=Größe\n".encode()
        assert text(codecs.BOM_UTF16_LE + "Name=Größe\r\n".encode("utf-16-le"), "cp850") == "Name=Größe\n".encode()
        assert text("Name=Größe und mehr\r\n".encode("utf-16-le"), "cp850") == "Name=Größe und mehr\n".encode()

    @given(st.binary(max_size=200), st.sampled_from(["cp437", "cp850", "gbk", "cp932", "utf-8"]))
    def test_any_bytes_become_text(self, content: bytes, codec: str) -> None:
        text(content, codec).decode("utf-8", "surrogatepass")
        plain(content)


class TestTables:
    def test_rows_of_powershell(self) -> None:
        part = Part("p", b"Name\tPath\tList\nA\tC:\\\\x\\ty\ta\\ab\nB\t\\N\t\n")
        first_row, second = rows(part)

        assert (first_row.text("Name"), first_row.text("Path")) == ("A", "C:\\x\ty")
        assert first_row.items("List") == ("a", "b")
        assert second.text("Path") == ""
        assert (first_row.line, second.line) == (2, 3)

    def test_values_of_wmic(self) -> None:
        part = Part("p", b'\n\nName=A\nList={"1.2.3.4","fe80::1"}\nText=one\ntwo\n\n\nName=B\nText=\n\n')
        first_row, second = rows(part)

        assert first_row.items("List") == ("1.2.3.4", "fe80::1")
        assert first_row.text("Text") == "one\ntwo"
        assert (first_row.line, second.line) == (3, 9)
        assert second.text("Name") == "B"

    def test_a_question_that_failed_has_no_rows(self) -> None:
        assert rows(Part("p", b"Access denied\n", 1)) == []
        assert rows(None) == []

    def test_times_of_both_worlds_are_the_same(self) -> None:
        assert moment("20260131130000.500000+060", "p:1") == moment("2026-01-31T12:00:00Z", "p:1") == 1769860800.0
        for wrong in ("20261331130000.000000+060", "yesterday", ""):
            with pytest.raises(ParseError, match="p:1"):
                moment(wrong, "p:1")

    @given(st.text(max_size=40))
    def test_a_cell_survives_escaping(self, cell: str) -> None:
        assert unescaped(escaped(cell)) == cell

    def test_cells_are_rewritten_by_name(self) -> None:
        def change(name: str, value: bytes) -> bytes:
            return b"x\ty" if name == "Path" else value

        assert (
            rewrite_cells(Part("p", b"Name\tPath\nA\tB\nC\t\\N\n"), change).content == b"Name\tPath\nA\tx\\ty\nC\t\\N\n"
        )
        assert rewrite_cells(Part("p", b"\nName=A\nPath=B\n"), change).content == b"\nName=A\nPath=x\ty\n"

    @given(st.one_of(st.binary(max_size=120), st.text('Name=\t\n\\Na,"{}', max_size=60).map(str.encode)))
    def test_nothing_but_a_parse_error_comes_of_rubbish(self, content: bytes) -> None:
        for reader in (rows, records):
            try:
                reader(Part("p", content))
            except ParseError as error:
                assert str(error)


class TestRegistry:
    ANSWER = (
        b"\r\n! REG.EXE VERSION 3.0\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n"
        b"\tOld\tREG_SZ\tvalue with  spaces\r\n    New Name    REG_DWORD    0x1f\r\n"
        b"    (Standard)    REG_SZ    \r\n    Many    REG_MULTI_SZ    a\\0b\\0\r\n    Long    REG_SZ    one\r\ntwo\r\n"
        b"\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\\Below\r\n"
    ).replace(b"\r\n", b"\n")

    def test_both_forms_and_what_goes_on(self) -> None:
        found = keys(Part("p", self.ANSWER))
        top = found[0]

        assert [each.name for each in found] == ["X", "Below"]
        assert top.text("old") == "value with  spaces"
        assert top.number("New Name") == 31
        assert top.number("Old") is None
        many = top.value("Many")
        assert many is not None
        assert many.items == ("a", "b")
        assert top.text("Long") == "one\ntwo"
        assert many.line == 8

    def test_a_key_is_found_under_its_short_name(self) -> None:
        below = key(Part("p", self.ANSWER), "HKLM\\software\\x\\below")
        assert below is not None
        assert below.values == ()
        assert first(Part("p", b"ERROR: nothing\n")) is None

    def test_values_are_rewritten_by_name(self) -> None:
        changed = rewrite_values(Part("p", self.ANSWER), lambda name, value: b"?" if name == "Long" else value)
        assert b"Long    REG_SZ    ?\n?\n" in changed.content
        assert b"one" not in changed.content

    @given(st.one_of(st.binary(max_size=120), st.text("HKEY_LM\\ \t\nREG_SZ01x", max_size=80).map(str.encode)))
    def test_any_answer_can_be_read(self, content: bytes) -> None:
        for each in keys(Part("p", content)):
            assert all(value.line > each.line for value in each.values)
        rewrite_values(Part("p", content), lambda _, value: value)


class TestRedaction:
    @pytest.mark.parametrize(
        "command",
        [
            r"C:\Shop\shop.exe /pwd Hunter2Horse",
            r'"C:\Program Files\Shop\shop.exe" /Token "Hunter2Horse" /port 80',
            r"shop.exe /password:Hunter2Horse",
            r"schtasks /create /rp Hunter2Horse",
            r"psexec64.exe -u a -p Hunter2Horse cmd",
            r"net use z: \\files\x /user:corp\svc Hunter2Horse",
            r"net use \\files\x Hunter2Horse /user:corp\svc",
            r"osql.exe -Usa -PHunter2Horse",
            r"Server=db;User Id=sa;Password=Hunter2Horse;",
            r"<Arguments>/pwd Hunter2Horse</Arguments>",
        ],
    )
    def test_secrets_that_programs_of_windows_are_given(self, command: str) -> None:
        for hidden in (
            redact_commands(command.encode(), REDACTOR),
            redact_windows(
                SectionRecording(
                    "services", (Part("services", b"Name\tPathName\nA\t" + escaped(command).encode() + b"\n"),)
                ),
                REDACTOR,
            ).to_text(),
        ):
            assert b"Hunter2Horse" not in hidden
            assert b"<redacted" in hidden

    def test_what_is_no_secret_stays(self) -> None:
        for command in (
            rb"shop.exe /port 8080 /p 8080",
            rb"C:\pass\x.exe -k netsvcs -p",
            rb"net use z: \\files\x /persistent:yes",
        ):
            assert redact_commands(command, REDACTOR) == command

    @given(st.binary(max_size=80))
    def test_doing_it_again_changes_nothing(self, content: bytes) -> None:
        once = redact_windows(SectionRecording("x", (Part("p", content),)), REDACTOR)
        assert redact_windows(once, REDACTOR) == once
