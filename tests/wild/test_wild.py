"""The service files are complete, samples can be drawn again, and groups stay below half an hour."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.wild import groups, results
from tests.wild.cli import main
from tests.wild.errors import WildError
from tests.wild.forecast import forecast_of
from tests.wild.measure import Settings
from tests.wild.places import MEASURED, SERVICES
from tests.wild.results import Result
from tests.wild.run import is_regression
from tests.wild.service_file import Case, load, load_all

FILES = sorted(SERVICES.glob("*.toml"))
GOOD = """
summary = "a service"
releases = ["bookworm"]
init = "systemd"
check = 'curl "http://$HOST/"'
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_service_file_is_complete_and_its_scripts_are_sh(path: Path) -> None:
    service = load(path)
    for script in (service.setup, service.start, service.check):
        done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    # A check that only opens a port proves nothing: it looks into what came back.
    assert any(word in service.check for word in ("grep", "test ", "[ ", "cmp", "assert", "diff")), "compares nothing"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.replace("bookworm", "sid"), "Invalid enum value 'sid'"),
        (GOOD.replace('["bookworm"]', "[]"), "releases is empty"),
        (GOOD.replace('"bookworm"', '"bookworm", "bookworm"'), "a release is named twice"),
        (GOOD.replace("$HOST", "127.0.0.1"), "check does not use $HOST"),
        (GOOD + "port = 80\n", "unknown field `port`"),
        (GOOD + 'grants = ["--allow-everything"]\n', "grants takes"),
        (GOOD.replace('init = "systemd"\n', ""), "missing required field `init`"),
    ],
)
def test_a_wrong_service_file_is_one_plain_error(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "it.toml").write_text(GOOD)
    assert load(tmp_path / "it.toml").summary == "a service"
    (tmp_path / "it.toml").write_text(text)
    with pytest.raises(WildError, match=r"it\.toml") as error:
        load(tmp_path / "it.toml")
    assert reason in str(error.value)


def test_an_unknown_service_is_a_plain_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "no-such-service"]) == 3
    assert "has no service no-such-service" in capsys.readouterr().err


def case(name: str, release: str = "bookworm") -> Case:
    service = load(FILES[0])
    return Case(name, release, service)  # type: ignore[arg-type]


def result(name: str, seconds: float, outcome: str = "works") -> Result:
    return Result(
        service=name,
        release="bookworm",
        init="systemd",
        summary="x",
        commit="c",
        key="k",
        outcome=outcome,  # type: ignore[arg-type]
        seconds=seconds,
    )


def test_a_group_is_planned_for_less_than_half_an_hour_and_none_is_left_out() -> None:
    cases = [case(f"s{number:03d}") for number in range(50)]
    known = {each.case: each for each in (result(f"s{number:03d}", 60 * (number % 8)) for number in range(0, 50, 3))}
    made = groups.groups(cases, known)
    assert [each for group in made for each in group] == cases
    for group in made:
        assert sum(max(120.0, known[each.id].seconds if each.id in known else 0) for each in group) < 30 * 60


def test_a_sample_is_drawn_again_by_its_seed_and_prefers_other_services() -> None:
    cases = [case(f"s{number}", release) for number in range(12) for release in ("bullseye", "bookworm")]
    drawn = groups.sample(cases, 10, 7)
    assert drawn == groups.sample(list(reversed(cases)), 10, 7)
    assert drawn != groups.sample(cases, 10, 8)
    assert len({each.name for each in drawn}) == 10
    assert len(groups.sample(cases, 100, 7)) == 24


def test_results_survive_a_line_that_a_killed_run_cut(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    results.append(path, result("one", 1))
    with path.open("ab") as file:
        file.write(b'{"service":"tw')
    assert [each.service for each in results.read(path)] == ["one"]
    results.append(path, result("one", 2))
    assert results.latest(results.read(path)) == {"one@bookworm": result("one", 2)}


def test_the_forecast_of_a_build_that_failed_is_that_it_fails() -> None:
    assert forecast_of(["ready"], [], built=False) == "fails"
    assert forecast_of(["ready"], ["minor"], built=True) == "works"
    assert forecast_of(["ready", "needs work"], ["major"], built=True) == "unknown"
    assert forecast_of(["stay"], [], built=True) == "fails"
    assert forecast_of([], [], built=None) == "unknown"


def test_a_run_with_an_end_cuts_its_limits_and_one_without_does_not() -> None:
    endless = Settings(pilot=True, legacy_only=False, ends=None, say=print)
    assert endless.within(600) == 600 and not endless.over
    near = Settings(pilot=True, legacy_only=False, ends=time.monotonic() + 5, say=print)
    assert 55 < near.within(600) <= 65 and near.within(20) == 20 and not near.over
    past = Settings(pilot=True, legacy_only=False, ends=time.monotonic() - 500, say=print)
    assert past.within(600) == 10 and past.over


def test_only_a_service_that_is_listed_as_working_can_be_a_regression() -> None:
    listed = {each.case: each for each in (result("good", 1), result("bad", 1, "fails"))}
    assert is_regression(result("good", 1, "fails"), listed)
    assert not is_regression(result("bad", 1, "fails"), listed)
    assert not is_regression(result("new", 1, "fails"), listed)
    assert not is_regression(result("good", 1, "not measured"), listed)


def test_every_recorded_result_belongs_to_a_service_file() -> None:
    cases = {each.id for each in load_all(SERVICES)}
    assert {each.case for each in results.read(MEASURED)} <= cases
