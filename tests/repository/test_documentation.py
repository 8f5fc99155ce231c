"""The pages in docs/: those that are made from the code are current, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

from assess.rules import RULES
from docs.generate import REFERENCE, main, pages, stale, write

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})


def test_the_pages_in_the_repository_are_those_of_the_code() -> None:
    assert stale(REFERENCE) == []


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


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor[1:] in anchors(file), f"{target}{anchor}"


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text("utf-8")
    unnamed = [
        str(path)
        for page in PAGES
        if (path := page.relative_to(ROOT / "docs") if page.is_relative_to(ROOT / "docs") else None)
        and path.parts[0] != "decisions"
        and path.parts[:2] != ("reference", "rules")
        and str(path) not in ("README.md",)
        and f"({path})" not in index
    ]
    assert unnamed == []
