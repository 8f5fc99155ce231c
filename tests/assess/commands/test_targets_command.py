"""The command ``assess targets``."""

import json

from click.testing import CliRunner

from assess.cli import assess
from assess.targets.target_profiles import profiles


def test_profiles_are_listed_one_a_line() -> None:
    result = CliRunner().invoke(assess, ["targets"])

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [each.target.name for each in profiles()]
    assert all(each.what in line for each, line in zip(profiles(), lines, strict=True))


def test_what_is_not_known_is_null_for_machines() -> None:
    rows = {row["name"]: row for row in json.loads(CliRunner().invoke(assess, ["targets", "--json"]).stdout)["targets"]}

    assert rows["rhel-10"]["ia32_emulation"] is None
    assert rows["windows-2022"]["os_build"] == "10.0.20348"
    assert all(row["source"] for row in rows.values())
