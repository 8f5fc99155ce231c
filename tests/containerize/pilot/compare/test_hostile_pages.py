"""Pages that were made to hang a comparison, or to end it."""

from __future__ import annotations

import pytest

from containerize.pilot.compare.bodies import decode, text_tree
from inventory import cpu_limit


@pytest.mark.timeout(60)
def test_a_page_of_unclosed_tags_is_compared_by_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "SECONDS", 0.3)
    tree = text_tree("html", "first\n" + "<a " * 100_000)
    assert tree.children[0].text.startswith("first")


def test_a_declaration_that_the_parser_does_not_know_is_compared_by_its_lines() -> None:
    assert text_tree("html", "<![[[[[[ x\ny").children


@pytest.mark.parametrize("charset", ["undefined", "punycode", "utf-7", "unicode_escape"])
def test_a_character_set_that_gives_no_text_is_not_believed(charset: str) -> None:
    body = b"+2AA- \\ud800"
    assert decode(f"text/html; charset={charset}", body) == body.decode()


def test_half_a_character_in_json_becomes_text() -> None:
    tree = text_tree("json", '{"\\ud800": "\\udfff"}').children[0]
    assert (tree.key, tree.text) == ("\\ud800", '"\\udfff"')
