"""What every rule must keep."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import assess.rules
from assess.rule import Rule
from assess.rules import RETIRED, RULES
from inventory.snapshot import Snapshot

TESTS = Path(__file__).parent


def every_rule_of_the_package() -> list[Rule]:
    """The rules that the files under assess/rules define."""
    found: dict[str, Rule] = {}
    for module in pkgutil.walk_packages(assess.rules.__path__, "assess.rules."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Rule):
                found[value.id] = value
    return list(found.values())


def test_the_list_is_whole() -> None:
    assert sorted(each.id for each in RULES) == sorted(each.id for each in every_rule_of_the_package())


def test_ids_names_and_former_names_are_unique_and_retired_ids_stay_retired() -> None:
    ids = [each.id for each in RULES]

    assert len(set(ids)) == len(ids)
    names = [name for each in RULES for name in (each.name, *each.aliases)]
    assert len(set(names)) == len(names)
    assert not RETIRED & set(ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_stands_in_a_file_of_its_name_and_has_a_test(rule: Rule) -> None:
    module = rule.check.__module__

    assert module.rpartition(".")[2] == rule.name.replace("-", "_")
    assert any(rule.id in path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_a_rule_needs_exists(rule: Rule) -> None:
    known = {name for name in dir(Snapshot) if not name.startswith("_")} | {"listeners", "connections"}

    assert set(rule.needs) <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_texts_of_a_rule_are_sentences(rule: Rule) -> None:
    for text in (rule.summary, rule.why, rule.remedy, rule.source):
        assert re.match(r"[A-Z`/]", text) and text.rstrip().endswith("."), text
    assert len(rule.summary) < 130
