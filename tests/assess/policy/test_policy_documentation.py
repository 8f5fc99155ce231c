"""The example and the tables of the page are true."""

from __future__ import annotations

import re
from pathlib import Path

from assess.policy.conditions import KINDS
from assess.policy.policy_file import parse_policy

PAGE = (Path(__file__).parents[3] / "docs/howto/judgement.md").read_text()


def test_the_example_is_a_judgement() -> None:
    match = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    first = re.search(r"^(priorities: .*?) *#", PAGE, re.MULTILINE)
    assert first is not None
    whole = f"{match[1]}\n{first[1]}\n".encode()
    judgement = parse_policy(whole, "example", [("NET001", "shared-port")])
    assert judgement.priorities.order == ("security", "cost")
    assert (len(judgement.rules), len(judgement.waivers), len(judgement.overrides)) == (1, 1, 3)


def test_every_kind_of_fact_is_listed_with_its_fields() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert list(rows) == [kind.name for kind in KINDS]
    for kind in KINDS:
        said = re.sub(r"\(.*?\)", "", rows[kind.name])
        assert re.findall(r"`(\w+)`", said) == list(kind.fields)
