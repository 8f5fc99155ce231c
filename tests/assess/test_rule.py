"""What makes a rule, and how it is found."""

import pytest

from assess.rule import BadRule, RuleAnswer, Scope, UnknownRule, find_rule, read_docstring, rule
from assess.rules import RULES

COMPLETE = """It is bad.

Why:
    Because
    of this.

    And that.
Remedy:
    Do something.
Source: a book
"""


def documented(docstring: str | None):  # type: ignore[no-untyped-def]
    def some_rule(subject: object) -> RuleAnswer:
        yield from ()

    some_rule.__doc__ = docstring
    return some_rule


def test_the_docstring_is_the_manual() -> None:
    made = rule("ABC001", scope=Scope.HOST, needs=("system",))(documented(COMPLETE))

    assert (made.id, made.name, made.needs) == ("ABC001", "some-rule", ("system",))
    assert (made.summary, made.why) == ("It is bad.", "Because of this.\n\nAnd that.")
    assert (made.remedy, made.source) == ("Do something.", "a book")


@pytest.mark.parametrize("part", ["Why", "Remedy", "Source"])
def test_a_rule_that_lacks_a_part_is_refused(part: str) -> None:
    with pytest.raises(BadRule, match=part.lower()):
        rule("ABC001", scope=Scope.HOST)(documented(COMPLETE.replace(part, "Other")))


def test_a_rule_without_docstring_or_with_a_bad_id_is_refused() -> None:
    with pytest.raises(BadRule, match="summary, why, remedy, source"):
        rule("ABC001", scope=Scope.HOST)(documented(None))
    with pytest.raises(BadRule, match="not a rule id"):
        rule("abc1", scope=Scope.HOST)(documented(COMPLETE))


def test_a_heading_inside_a_sentence_is_no_heading() -> None:
    assert read_docstring("Summary.\n\nWhy:\n    Why: not.\n")["why"] == "Why: not."


def test_a_rule_is_found_by_id_in_any_case_and_by_name() -> None:
    assert find_rule(RULES, "krn001") is find_rule(RULES, "wrong-architecture")


def test_every_former_name_finds_its_rule() -> None:
    renamed = [each for each in RULES if each.aliases]
    assert len(renamed) > 70
    for each in renamed:
        for former in each.aliases:
            assert find_rule(RULES, former) is find_rule(RULES, former.upper()) is each


def test_an_unknown_rule_is_an_error_that_says_what_comes_close() -> None:
    with pytest.raises(UnknownRule, match="did you mean wrong-architecture"):
        find_rule(RULES, "wrong-architectur")
    with pytest.raises(UnknownRule, match="assess rules"):
        find_rule(RULES, "??")
