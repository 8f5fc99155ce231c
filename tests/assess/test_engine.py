"""How rules are asked."""

from dataclasses import replace

import pytest

from assess.assessor import assess_estate
from assess.model import Evidence, Severity
from assess.rule import Hit, Rule, RuleAnswer, Scope, Undecided
from assess.rules import RULES
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Absent, Found, Gap
from inventory.platforms import Platform
from tests.support.judging import TARGET, Verdicts, target
from tests.support.snapshots import TAKEN, HostBuilder, unreachable


def finds_all(subject: WorkloadSubject) -> RuleAnswer:
    yield Hit(Severity.MINOR, "found", (Evidence("a fact"),))


def breaks(subject: WorkloadSubject) -> RuleAnswer:
    yield Hit(Severity.MINOR, "half", (Evidence("a fact"),))
    raise KeyError("surprise")


def made(check: object, scope: Scope = Scope.WORKLOAD, needs: tuple[str, ...] = (), rule_id: str = "TST001") -> Rule:
    return Rule(rule_id, "test", scope, needs, "s", "w", "general remedy", "src", check)  # type: ignore[arg-type]


def host() -> HostBuilder:
    builder = HostBuilder()
    builder.init()
    builder.process(50, "/opt/x/x")
    return builder


def ask(rule: Rule, *snapshots: object, targets: tuple[object, ...] = (TARGET,)) -> Verdicts:
    return Verdicts(assess_estate(snapshots, targets, TAKEN, "hosts.ini", rules=(rule,)), rule)  # type: ignore[arg-type]


def test_a_finding_carries_the_rule_and_its_subject_and_the_general_remedy() -> None:
    (finding,) = ask(made(finds_all), host().build()).findings

    assert (finding.rule, finding.host, finding.workload, finding.target) == ("TST001", "web01", "web01/x", None)
    assert finding.remedy == "general remedy"


def test_host_functions_are_not_asked_about() -> None:
    assert [each.workload for each in ask(made(finds_all), host().build()).findings] == ["web01/x"]


def test_a_rule_about_one_platform_is_asked_of_its_hosts_only() -> None:
    rule = replace(made(finds_all, needs=("domain",)), platform=Platform.WINDOWS)

    assert ask(rule, host().build()).silent, "a Linux host knows of no domain, and that is no gap"
    windows = HostBuilder("win01", platform="windows")
    windows.process(50, "D:\\Shop\\shop.exe", uid=-1, session=0, ppid=4)
    assert ask(rule, windows.build()).missing == {"domain"}


def test_rules_of_the_kernel_are_about_linux_and_those_of_windows_about_windows() -> None:
    platforms = {each.id[:3]: each.platform for each in RULES}

    assert platforms["KRN"] is Platform.POSIX
    assert platforms["WIN"] is Platform.WINDOWS
    assert platforms["NET"] is None


def test_who_holds_a_socket_of_windows_is_known_without_open_files() -> None:
    rule = made(finds_all, needs=("listeners",))
    for platform, decided in (("windows", True), ("posix", False)):
        builder = HostBuilder(platform=platform)
        builder.process(50, "D:\\Shop\\shop.exe", uid=-1, session=0, ppid=4)
        builder.unknown("open_files")
        assert ask(rule, builder.build()).missing == (set() if decided else {"open_files"})


def test_a_rule_about_targets_is_asked_for_each() -> None:
    said = ask(made(finds_all, Scope.WORKLOAD_ON_TARGET), host().build(), targets=(TARGET, target(name="box2")))

    assert [each.target for each in said.findings] == ["box", "box2"]


def test_an_unknown_section_makes_a_rule_undetermined_and_an_absent_one_is_for_the_rule() -> None:
    builder = host()
    builder.unknown("cron", "not root")
    (undetermined,) = ask(made(finds_all, needs=("cron",)), builder.build()).undetermined
    assert (undetermined.section, undetermined.reason, undetermined.failed) == ("cron", "not root", False)

    builder.overrides["cron"] = Absent("no cron here")
    assert ask(made(finds_all, needs=("cron",)), builder.build()).findings


def test_joined_facts_need_their_sections() -> None:
    builder = host()
    builder.unknown("open_files", "not root")

    assert [each.section for each in ask(made(finds_all, needs=("listeners",)), builder.build()).undetermined] == [
        "open_files"
    ]


def test_a_rule_that_fails_is_shown_and_stops_no_other() -> None:
    good = made(finds_all, rule_id="TST002")
    assessment = assess_estate((host().build(),), (TARGET,), TAKEN, "hosts.ini", rules=(made(breaks), good))

    assert Verdicts(assessment, good).findings
    (failed,) = Verdicts(assessment, made(breaks)).undetermined
    assert failed.failed
    assert "KeyError" in failed.reason and "report it" in failed.reason


def test_a_rule_of_the_estate_that_fails_is_shown_with_the_estate() -> None:
    assessment = assess_estate((host().build(),), (TARGET,), TAKEN, "hosts.ini", rules=(made(breaks, Scope.ESTATE),))

    assert [each.failed for each in assessment.undetermined] == [True]


def test_a_host_that_nobody_reached_is_undetermined_with_its_reason() -> None:
    said = ask(made(finds_all, Scope.HOST, needs=("system",)), unreachable("gone"))

    assert [each.reason for each in said.undetermined] == ["nobody answers on port 22"]


def test_undecided_and_found_can_stand_together() -> None:
    def partly(subject: WorkloadSubject) -> RuleAnswer:
        yield Hit(Severity.MINOR, "found", (Evidence("a fact"),))
        yield Undecided("open_files", "some could not be seen")

    said = ask(made(partly), host().build())

    assert (len(said.findings), len(said.undetermined)) == (1, 1)


def test_what_is_undetermined_lowers_the_confidence() -> None:
    builder = host()
    builder.unknown("cron")
    rules = (made(finds_all, needs=("cron",)), made(finds_all, rule_id="TST002"), replace(made(finds_all), id="TST003"))
    assessment = assess_estate((builder.build(),), (TARGET,), TAKEN, "hosts.ini", rules=rules)

    assert [each.confidence for each in assessment.workloads if each.workload.kind == "service"] == [0.667]


@pytest.mark.parametrize("need", ["open_files", "listeners", "connections"])
def test_open_files_that_were_refused_are_no_pass_and_what_was_seen_is_found(need: str) -> None:
    builder = host()
    builder.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))
    said = ask(made(finds_all, needs=(need,)), builder.build())

    assert len(said.findings) == 1
    assert [(each.section, each.reason) for each in said.undetermined] == [("open_files", "not root")]


def test_open_files_that_were_refused_matter_to_rules_of_the_estate_too() -> None:
    builder = host()
    builder.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))
    said = ask(made(lambda _estate: iter(()), Scope.ESTATE, needs=("listeners",)), builder.build())

    assert [(each.workload, each.reason) for each in said.undetermined] == [("web01/x", "not root")]


@pytest.mark.parametrize("section", ["configuration", "cron"])
def test_files_of_anybody_that_were_refused_are_no_pass(section: str) -> None:
    builder = host()
    whole = builder.build().observation(section)
    assert isinstance(whole, Found)
    assert not ask(made(finds_all, needs=(section,)), builder.build()).undetermined

    builder.overrides[section] = Found(whole.value, (Gap("2 files", "permission denied"),))
    assert [each.reason for each in ask(made(finds_all, needs=(section,)), builder.build()).undetermined] == [
        "2 files: permission denied"
    ]
