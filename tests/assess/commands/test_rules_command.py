"""The command ``assess rules``."""

import json

import pytest
from click.testing import CliRunner

from assess.cli import assess
from assess.rules import RULES


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(assess, ["rules", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_all_rules_are_listed_one_a_line() -> None:
    status, output, _ = run()

    assert status == 0
    assert [line.split()[0] for line in output.splitlines()] == sorted(rule.id for rule in RULES)


def test_the_list_is_json_for_machines() -> None:
    status, output, _ = run("--json")

    assert status == 0
    assert {row["name"] for row in json.loads(output)["rules"]} == {rule.name for rule in RULES}


@pytest.mark.parametrize("asked", ["NET003", "net003", "hard-coded-port", "port-fixed-in-code"])
def test_a_rule_is_explained_by_id_name_or_former_name(asked: str) -> None:
    status, output, _ = run(asked)

    assert status == 0
    assert all(word in output for word in ("hard-coded-port (NET003)", "Why", "Remedy", "Source"))


def test_one_rule_is_json_too() -> None:
    ((row,),) = [json.loads(run("NET003", "--json")[1])["rules"]]

    assert {"id", "name", "scope", "needs", "summary", "why", "remedy", "source"} == set(row)


def test_an_unknown_rule_is_a_usage_error_with_a_hint() -> None:
    status, _, errors = run("port-fixed-in-cod")

    assert status == 2
    assert "did you mean hard-coded-port" in errors


def test_a_workspace_is_accepted_as_on_every_command() -> None:
    assert run("--workspace", "/nowhere", "NET003")[0] == 0
