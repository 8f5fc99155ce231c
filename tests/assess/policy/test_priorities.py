"""What comes first changes scores, density, replicas and advice; effort is counted from findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.assessment import Assessment
from assess.assessor import assess_estate
from assess.planning.effort import effort_of
from assess.policy.model import Policy
from assess.policy.priorities import NAMES, Priorities, UnknownPriority, priorities_of
from tests.support.estate_recordings import recorded_host
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN

HOSTS = tuple(recorded_host(name) for name in ("web01", "db01", "app01"))


def judged(*order: str) -> Assessment:
    judgement = Policy(priorities=Priorities(order))
    return assess_estate(HOSTS, (TARGET,), TAKEN, "hosts.ini", policy=judgement)


def score(assessment: Assessment, name: str) -> int:
    found = assessment.workload(name)
    assert found is not None
    return found.score


def test_findings_weigh_what_comes_first() -> None:
    assert score(judged("security"), "web01/apache2") < score(judged(), "web01/apache2")


def test_the_second_counts_half() -> None:
    assert Priorities(("security",)).weight("SEC001") == 2.0
    assert Priorities(("cost", "security")).weight("SEC001") == 1.5
    assert Priorities(("cost",)).weight("SEC001") == 1.0


def test_density_follows() -> None:
    plans = {name: judged(name).plan for name in ("cost", "performance")}
    fills = {name: plan.placements[0].fill["memory"] for name, plan in plans.items() if plan is not None}
    assert fills["cost"] < fills["performance"]


def test_what_keeps_no_state_is_planned_twice_for_scalability() -> None:
    web, database = judged().workload("web01/apache2"), judged().workload("db01/mariadb")
    assert web is not None and database is not None
    wanted = Priorities(("scalability",))
    assert wanted.replicas(database.workload) == 1
    assert wanted.replicas(replace(web.workload, data=())) == 2


@pytest.mark.parametrize("name", NAMES)
def test_each_gives_advice_and_says_what_it_changed(name: str) -> None:
    plan = judged(name).plan
    assert plan is not None
    assert {each.because for said in plan.advice.values() for each in said} == {name}
    assert any(sentence.lower().startswith(f"{name} first: ") for sentence in plan.rests_on)


def test_nothing_first_gives_none() -> None:
    plan = judged().plan
    assert plan is not None
    assert plan.advice == {}


def test_what_is_past_its_end_gets_a_kernel_of_its_own() -> None:
    plan = judged("security").plan
    assert plan is not None
    assert any("separate kernel" in each.text for each in plan.advice["app01/inventory-app"])


def test_a_wrong_word_is_met_with_the_right_ones() -> None:
    with pytest.raises(UnknownPriority, match="security, cost, performance, scalability"):
        priorities_of("security,speed")


def test_effort_is_the_sum_of_its_parts_and_grows_with_instances() -> None:
    each = judged().workload("app01/inventory-app")
    assert each is not None
    one, three = effort_of(each), effort_of(each, 3)
    assert one.low < one.high
    assert round(sum(hours for _, hours in one.parts) * 0.7, 1) == one.low
    assert three.parts[-1] == ("2 further instances", 1.0)


def test_what_stays_is_no_work() -> None:
    function = next(each for each in judged().workloads if each.workload.kind == "host function")
    assert effort_of(function).high == 0
