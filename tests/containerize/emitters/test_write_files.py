"""What is written is listed, replaces what was there, holds no secret, and is the same each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from assess.cli import assess
from containerize.commands.building_options import FORMS
from containerize.emitters import EMITTERS, emitters_named, fitting
from containerize.emitters.emission import Emission
from containerize.emitters.host_names import label, unique_labels
from containerize.emitters.write_files import remove_others, write_all
from containerize.profile.job_schedules import scheduled_jobs
from inventory.model.cron import CronJob
from inventory.observation import Origin
from tests.containerize.emitters.cases import emission, hostile_emission


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_everything_that_is_written_is_listed_and_in_the_places_of_its_emitter(tmp_path: Path) -> None:
    written = write_all(emission(), EMITTERS, tmp_path)
    assert sorted(each.path for each in written) == sorted(files(tmp_path))
    places = {each.name: each.places for each in EMITTERS}
    assert all(each.path.partition("/")[0] in places[each.emitter] for each in written)
    tops = [place for each in EMITTERS for place in each.places]
    assert len(tops) == len(set(tops))


@pytest.mark.parametrize("given", [emission(), hostile_emission()], ids=["plain", "hostile"])
def test_it_is_the_same_each_time(given: Emission, tmp_path: Path) -> None:
    write_all(given, EMITTERS, tmp_path / "one")
    write_all(given, EMITTERS, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_another_build_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    write_all(emission(), EMITTERS, tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "kept").write_text("by whoever deploys it")
    small = replace(
        emission(), plan=replace(emission().plan, volumes=(), ports=()), seen=replace(emission().seen, system_calls=())
    )
    remove_others(EMITTERS, fitting(small), tmp_path)
    write_all(small, fitting(small), tmp_path)
    left = files(tmp_path)
    assert not {"seccomp.json", "haproxy/blue-green.cfg"} & set(left)
    assert not any(path.endswith((".volume", "claims.yaml")) for path in left)
    assert "secrets/kept" in left


def test_a_name_that_is_not_utf_8_stops_nothing(tmp_path: Path) -> None:
    write_all(hostile_emission("caf\udce9"), EMITTERS, tmp_path)
    assert "/data/caf?" in files(tmp_path)["stack.yaml"]


def test_emitters_are_chosen_by_name_whatever_the_case() -> None:
    assert [each.name for each in emitters_named(["Quadlet", "containerfile"])] == ["Containerfile", "quadlet"]
    with pytest.raises(KeyError):
        emitters_named(["helm"])


def test_the_option_names_every_emitter() -> None:
    assert ", ".join(each.name for each in EMITTERS) == FORMS
    result = CliRunner().invoke(assess, ["build", "a/b", "--emit", "compose,helm"], standalone_mode=False)
    assert isinstance(result.exception, click.UsageError)
    assert "'helm'" in result.exception.message


def test_no_secret_of_a_job_is_in_any_file(tmp_path: Path) -> None:
    """The inventory puts a token in its place; a command with one is of no use, and its token of none either."""
    job = CronJob("/etc/cron.d/x", "root", "@daily", "/bin/x -p<redacted:0123abcd>", Origin("cron", "tables", 1))
    write_all(replace(emission(), seen=replace(emission().seen, jobs=scheduled_jobs([job], None))), EMITTERS, tmp_path)
    assert not any("0123abcd" in text for text in files(tmp_path).values())


def test_values_of_variables_are_only_in_the_containerfile_and_only_those_without_secrets(tmp_path: Path) -> None:
    plan = emission().plan
    start = replace(plan.start, environment=(("LANG", "de_DE.plain"),), secret_environment=("TOKEN",))
    write_all(replace(emission(), plan=replace(plan, start=start)), EMITTERS, tmp_path)
    assert [path for path, text in files(tmp_path).items() if "de_DE.plain" in text] == ["Containerfile"]


def test_long_names_stay_apart() -> None:
    long = [f"/{'a' * 80}/{end}" for end in ("x", "y")]
    made = unique_labels("web01-app", long).values()
    assert len(set(made)) == 2
    assert all(len(each) <= 63 for each in made)
    assert label("9lives/x") == "n-9lives-x"
