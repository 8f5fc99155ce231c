"""EOL001."""

from datetime import UTC, datetime

import pytest

from assess.model import Severity
from assess.rules.lifecycle.end_of_life_distribution import end_of_life_distribution
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder

DAY = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("distribution", "severity", "words"),
    [
        (("debian", "11"), Severity.MAJOR, "past its end: no updates since 2026-08-31 (85 days)"),
        (("debian", "12"), Severity.MINOR, "no regular updates since 2026-07-11 (136 days)"),
        (("centos", "7"), Severity.MAJOR, "2024-06-30"),
        (("rhel", "7.9"), Severity.MINOR, "extended support ends on 2029-05-31"),
        (("ubuntu", "22.04"), Severity.INFO, "end on 2027-04-01, in 128 days"),
        (("sles", "12.5"), Severity.MINOR, "2027-10-31"),
        (("alpine", "3.18.4"), Severity.MAJOR, "2025-05-09"),
    ],
)
def test_the_dates_of_the_release_decide(distribution: tuple[str, str], severity: Severity, words: str) -> None:
    said = judge(end_of_life_distribution, HostBuilder(distribution=distribution).build(), now=DAY)

    assert said.about == [("web01", severity)]
    assert words in said.messages[0]
    assert said.findings[0].workload is None


@pytest.mark.parametrize("distribution", [("debian", "13"), ("ubuntu", "24.04"), ("rhel", "9.4"), ("debian", "")])
def test_a_current_release_passes_and_so_does_testing(distribution: tuple[str, str]) -> None:
    assert judge(end_of_life_distribution, HostBuilder(distribution=distribution).build(), now=DAY).silent


def test_the_day_of_the_assessment_counts_and_not_the_day_of_the_test() -> None:
    before = datetime(2024, 1, 1, tzinfo=UTC).timestamp()

    assert judge(end_of_life_distribution, HostBuilder(distribution=("debian", "12")).build(), now=before).silent


def test_a_distribution_of_no_table_is_no_pass() -> None:
    assert judge(end_of_life_distribution, HostBuilder(distribution=("homebrew", "7")).build(), now=DAY).undetermined


def test_without_the_section_it_is_undetermined() -> None:
    host = HostBuilder()
    host.unknown("system")

    assert judge(end_of_life_distribution, host.build(), now=DAY).undetermined
