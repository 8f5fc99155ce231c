"""From findings to a verdict."""

from assess.model import Evidence, Finding, Severity, Undetermined, Verdict, Workload, WorkloadAssessment
from assess.scoring import Judged, assess_workload
from assess.workloads import find_workloads
from tests.support.judging import TARGET, target
from tests.support.snapshots import HostBuilder


def service(executable: str = "/opt/x/x") -> Workload:
    host = HostBuilder()
    host.init()
    host.process(50, executable)
    return find_workloads(host.build())[-1]


def finding(severity: Severity, rule: str = "TST001", target: str | None = None, message: str = "m") -> Finding:
    return Finding(rule, "test", severity, "web01", "web01/x", target, message, (Evidence("e"),), "r")


def undetermined(rule: str) -> Undetermined:
    return Undetermined(rule, "test", "web01", "web01/x", None, "cron", "not root")


def judged(
    *findings: Finding,
    host: tuple[Finding, ...] = (),
    unknown: int = 0,
    asked: int = 10,
    targets: tuple[object, ...] = (),
) -> WorkloadAssessment:
    verdicts = Judged(findings, host, tuple(undetermined(f"UNK{number}") for number in range(unknown)), asked)
    return assess_workload(service(), targets or (TARGET,), verdicts)  # type: ignore[arg-type]


def test_nothing_found_is_ready_with_full_score() -> None:
    said = judged()

    assert (said.verdict, said.score, said.confidence) == (Verdict.READY, 100, 1.0)
    assert said.reasons == ("Ready: container settings only.",)


def test_a_blocker_means_stay() -> None:
    said = judged(finding(Severity.BLOCKER, message="no kernel"), finding(Severity.MINOR, message="small"))

    assert (said.verdict, said.score) == (Verdict.STAY, 0)
    assert said.reasons[0] == "no kernel"


def test_a_major_finding_means_work_and_minor_ones_leave_it_ready() -> None:
    assert judged(finding(Severity.MAJOR)).verdict is Verdict.NEEDS_WORK
    assert judged(finding(Severity.MINOR)).verdict is Verdict.READY


def test_many_minor_findings_mean_work() -> None:
    said = judged(*(finding(Severity.MINOR, f"TST{number:03}") for number in range(7)))

    assert (said.verdict, said.score) == (Verdict.NEEDS_WORK, 65)


def test_the_same_again_costs_half() -> None:
    assert judged(*(finding(Severity.MAJOR) for _ in range(3))).score == 100 - 20 - 10 - 5


def test_information_costs_nothing_and_is_no_reason() -> None:
    said = judged(finding(Severity.INFO, message="by the way"))

    assert (said.score, said.verdict) == (100, Verdict.READY)
    assert "by the way" not in said.reasons


def test_findings_of_the_host_weigh_half_and_a_blocker_among_them_blocks() -> None:
    assert judged(host=(finding(Severity.MAJOR),)).score == 90
    assert judged(host=(finding(Severity.BLOCKER),)).verdict is Verdict.STAY


def test_the_best_target_decides() -> None:
    other = target(name="box2")
    said = judged(finding(Severity.BLOCKER, target="box"), targets=(TARGET, other))

    assert said.verdict is Verdict.READY
    assert [(fit.target, fit.verdict) for fit in said.fits] == [("box", Verdict.STAY), ("box2", Verdict.READY)]


def test_too_little_known_is_no_verdict() -> None:
    said = judged(unknown=5)

    assert (said.verdict, said.confidence) == (Verdict.UNKNOWN, 0.5)
    assert "50%" in said.reasons[0] and "cron" in said.reasons[0]


def test_a_blocker_is_one_however_little_is_known() -> None:
    assert judged(finding(Severity.BLOCKER), unknown=9).verdict is Verdict.STAY


def test_a_little_unknown_is_told_beside_the_verdict() -> None:
    assert judged(unknown=2).reasons[-1] == "2 rules could not be decided."


def test_without_targets_there_is_no_verdict() -> None:
    assert assess_workload(service(), (), Judged((), (), (), 0)).verdict is Verdict.UNKNOWN


def test_a_host_function_stays_by_what_it_is() -> None:
    said = assess_workload(service("/usr/sbin/sshd"), (TARGET,), Judged((), (), (), 0))

    assert (said.verdict, said.score, said.confidence) == (Verdict.STAY, 0, 1.0)
    assert said.reasons == ("It belongs to the host, not into a container: remote login.",)
    assert [fit.verdict for fit in said.fits] == [Verdict.STAY]
