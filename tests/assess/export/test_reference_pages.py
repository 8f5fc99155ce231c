"""The pages that are made from the code."""

from pathlib import Path

from assess.export.reference_pages import main, pages, stale, write
from assess.rules import RULES

DOCS = Path(__file__).parents[3] / "docs"


def test_the_pages_in_the_repository_are_those_of_the_code() -> None:
    assert stale(DOCS) == []


def test_every_rule_has_a_page_with_all_its_parts() -> None:
    made = pages()
    for rule in RULES:
        page = made[Path("rules") / f"{rule.name}.md"]
        assert all(text in page for text in (rule.id, rule.summary, rule.why, rule.remedy, rule.source))
        assert f"({rule.name}.md)" in made[Path("rules/README.md")]


def test_writing_makes_pages_and_removes_those_of_rules_that_are_no_more(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "rules" / "gone.md").write_text("old")
    (tmp_path / "schema.md").write_text("edited")
    assert stale(tmp_path) == ["rules/gone.md", "schema.md"]

    write(tmp_path)
    assert stale(tmp_path) == []


def test_an_unknown_option_is_a_usage_error() -> None:
    assert main(["--wrong"]) == 2
