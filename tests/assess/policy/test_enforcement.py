"""What a judgement changes in an assessment."""

from __future__ import annotations

import pytest

from assess.assessment import Assessment
from assess.assessor import assess_estate, names_of
from assess.model import Severity
from assess.policy.policy_file import parse_policy
from assess.rules import RULES
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN, HostBuilder

KNOWN = tuple((rule.id, rule.name, *rule.aliases) for rule in RULES)


def judged(text: str, *snapshots: Snapshot) -> Assessment:
    judgement = parse_policy(f"version: 1\n{text}".encode(), "brownfield.yaml", KNOWN)
    return assess_estate(snapshots, [TARGET], TAKEN, "hosts.ini", policy=judgement)


def host(name: str = "app01") -> Snapshot:
    built = HostBuilder(name, "10.77.0.21")
    built.init()
    main = built.process(300, "/opt/portal/bin/portal", "--quick", unit="portal.service", uid=33)
    built.unit("portal.service", 300)
    built.listen(main, 8080)
    built.config("/opt/portal/portal.conf", "tls = off")
    built.process(400, "/opt/helper/helper", unit="helper.service")
    built.unit("helper.service", 400)
    return built.build()


RULE = """
rules:
  - {{id: LOC001, name: own-rule, severity: major, when: {when}, message: Found it., remedy: Mend it.}}
"""


def found_by_own_rule(when: str, *snapshots: Snapshot) -> list[str | None]:
    return [each.workload for each in judged(RULE.format(when=when), *snapshots).findings if each.rule == "LOC001"]


@pytest.mark.parametrize(
    "when",
    [
        '{process: {executable: "/opt/portal/*"}}',
        '{process: {command: "*--quick*", name: portal}}',
        "{listener: {port: 8080, protocol: tcp}}",
        '{listener: {port: ">= 8000"}}',
        "{listener: {port: [80, 8080]}}",
        '{configuration: {path: "*.conf", text: "tls*off"}}',
        "{all: [{listener: {port: 8080}}, {none: [{listener: {port: 443}}]}]}",
        "{any: [{listener: {port: 1}}, {workload: {name: portal}}]}",
    ],
)
def test_a_condition_that_holds(when: str) -> None:
    assert found_by_own_rule(when, host()) == ["app01/portal"]


@pytest.mark.parametrize(
    "when",
    [
        "{listener: {port: 80}}",
        '{listener: {port: "< 8080"}}',
        "{process: {name: portal, user: nobody}}",
        '{host: {kernel: "< 3.10"}}',
    ],
)
def test_a_condition_that_does_not(when: str) -> None:
    assert found_by_own_rule(when, host()) == []


def test_what_could_not_be_seen_is_undetermined_for_own_rules_too() -> None:
    built = HostBuilder("app01", "10.77.0.21")
    built.init()
    built.process(300, "/opt/portal/bin/portal", unit="portal.service")
    built.unit("portal.service", 300)
    built.unknown("configuration")
    assessment = judged(RULE.format(when="{configuration: {text: x}}"), built.build())
    (workload,) = [each for each in assessment.workloads if each.workload.kind == "service"]
    assert "LOC001" in {each.rule for each in workload.undetermined}


def test_own_rules_on_a_real_host() -> None:
    found = found_by_own_rule('{package: {name: "apache2*", version: ">= 2.4"}}', recorded_host("web01"))
    assert found == ["web01/apache2"]


WAIVER = """
waivers:
  - {{rule: {rule}, workload: "app*/portal", reason: We know., until: {until}}}
"""


def test_an_accepted_finding_is_a_note_and_costs_nothing() -> None:
    plain = judged(RULE.format(when="{listener: {port: 8080}}"), host())
    rule = RULE.format(when="{listener: {port: 8080}}")
    assessment = judged(rule + WAIVER.format(rule="own-rule", until="2099-01-01"), host())
    (finding,) = [each for each in assessment.findings if each.rule == "LOC001"]
    assert (finding.severity, finding.waived) == (Severity.INFO, "We know.")
    assert finding.message.startswith("Accepted until 2099-01-01 (We know.); else it would be major.")
    before, after = plain.workload("app01/portal"), assessment.workload("app01/portal")
    assert before is not None and after is not None
    assert after.score == before.score + 20


def test_a_waiver_may_use_a_rules_former_name() -> None:
    former = {rule.id: rule.aliases[0] for rule in RULES if rule.aliases}
    found = next(
        each for each in judged("", host()).findings if each.rule in former and each.workload == "app01/portal"
    )
    assessment = judged(WAIVER.format(rule=former[found.rule], until="2099-01-01"), host())
    waived = [each.waived for each in assessment.findings if (each.rule, each.workload) == (found.rule, found.workload)]
    assert waived == ["We know."]
    assert not assessment.notices


def test_a_waiver_that_has_ended_is_told_and_no_more_than_that() -> None:
    rule = RULE.format(when="{listener: {port: 8080}}")
    assessment = judged(rule + WAIVER.format(rule="LOC001", until="2001-01-01"), host())
    (finding,) = [each for each in assessment.findings if each.rule == "LOC001"]
    assert (finding.severity, finding.waived) == (Severity.MAJOR, "")
    assert finding.message == "Found it. (Its waiver ended on 2001-01-01: We know.)"


def test_a_waiver_of_nothing_is_noticed() -> None:
    (notice,) = judged(WAIVER.format(rule="NET001", until="2099-01-01"), host()).notices
    assert notice == "brownfield.yaml:4: the waiver of NET001 is about nothing that was found"


def test_a_workload_is_what_people_say() -> None:
    text = """
workloads:
  - {match: app01/portal, name: shop, criticality: high}
  - {match: app01/helper, part_of: shop}
"""
    assessment = judged(text, host())
    (workload,) = [each for each in assessment.workloads if each.workload.kind == "service"]
    assert (workload.workload.id, workload.workload.criticality) == ("app01/shop", "high")
    assert [process.pid for process in workload.workload.processes] == [300, 400]
    assert "shop" not in names_of(assessment).get("app01", {}).values()


def test_a_workload_knows_the_parts_that_start_by_themselves() -> None:
    text = """
workloads:
  - {match: app01/helper, part_of: portal}
  - {match: app01/portal, name: shop}
"""
    workload = judged(text, host()).workload("app01/shop")
    assert workload is not None
    assert [each.name for each in workload.workload.units] == ["portal", "helper"]
    assert [each.main_pid for each in workload.workload.units] == [300, 400]
    (whole,) = (
        judged("workloads: [{match: app01/helper, part_of: nothing}]", host()).workload("app01/helper").workload.units
    )
    assert (whole.name, whole.parts) == ("helper", ())


def test_no_workload_is_called_as_a_part_of_another() -> None:
    text = """
workloads:
  - {match: app01/helper, part_of: portal}
  - {match: app01/portal, name: shop}
  - {match: app01/init, name: helper}
"""
    assert judged(text, host()).workload("app01/helper") is None


def test_a_host_function_is_not_judged() -> None:
    assessment = judged("workloads: [{match: app01/helper, kind: host function}]", host())
    workload = assessment.workload("app01/helper")
    assert workload is not None
    assert workload.workload.kind == "host function"
