"""The table of cases names rules and programs that exist, and is the one in the documents."""

from __future__ import annotations

import re
from pathlib import Path

from assess.rules import RULES

from .image import APPLETS, PROGRAMS
from .machine import WANTED
from .page import reality_page
from .table import KERNEL, REALITY

DOCS = Path(__file__).parents[3] / "docs/reference"


def test_each_case_is_of_a_rule_and_has_a_name_of_its_own() -> None:
    assert {case.rule for case in REALITY} <= {rule.id for rule in RULES}
    assert len({case.key for case in REALITY}) == len(REALITY)


def test_many_rules_about_the_kernel_are_tried() -> None:
    assert len({case.rule for case in KERNEL}) >= 15


def test_remedies_are_those_that_the_manual_of_the_rule_names() -> None:
    """Where the manual names options of the engine, the start that works uses one of them."""
    remedies = {rule.id: rule.remedy for rule in RULES}
    for case in REALITY:
        named = set(re.findall(r"--[a-z-]+", remedies[case.rule]))
        assert not named or named & set(case.remedied.options.split()), case.key


def test_each_program_is_in_the_image_and_each_source_is_used() -> None:
    sources = {path.stem for path in PROGRAMS.glob("*.c")}
    trials = [trial for case in REALITY for trial in (case.without, case.remedied)]
    started = {trial.command.split()[0] for trial in trials}
    started |= {trial.neighbour.command.split()[0] for trial in trials if trial.neighbour}
    assert sources <= started
    assert started - sources <= {*APPLETS, "raw-for-another-machine"}


def test_no_case_passes_whatever_happens() -> None:
    """The start that fails is told from the one that works by what is printed or by a status of its own."""
    for case in REALITY:
        assert case.without.says or case.without.status
        assert case.remedied.status == 0
        assert case.without != case.remedied


def test_what_a_case_wants_can_be_looked_for() -> None:
    assert {case.wants for case in REALITY} - {""} == set(WANTED)


def test_the_page_in_the_documents_is_that_of_the_table() -> None:
    assert (DOCS / "reality.md").read_text(encoding="utf-8") == reality_page()
