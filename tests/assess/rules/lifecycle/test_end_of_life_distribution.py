"""EOL001."""

from datetime import UTC, datetime

import pytest

from assess.model import Severity
from assess.rules.lifecycle.end_of_life_distribution import end_of_life_distribution
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder
from tests.support.windows_snapshots import WindowsHost

DAY = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("distribution", "severity", "words"),
    [
        (("debian", "11"), Severity.MAJOR, "reached end of life on 2026-08-31 (85 days ago)"),
        (("debian", "12"), Severity.MINOR, "ended on 2026-07-11 (136 days ago)"),
        (("centos", "7"), Severity.MAJOR, "2024-06-30"),
        (("rhel", "7.9"), Severity.MINOR, "extended support ends on 2029-05-31"),
        (("ubuntu", "22.04"), Severity.INFO, "ends on 2027-04-01, in 128 days"),
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
    assert judge(end_of_life_distribution, HostBuilder(distribution=("homebrew", "7")).build(), now=DAY).missing == {""}


def test_without_the_section_it_is_undetermined() -> None:
    host = HostBuilder()
    host.unknown("system")

    assert judge(end_of_life_distribution, host.build(), now=DAY).missing == {"system"}


@pytest.mark.parametrize(
    ("release", "edition", "severity", "words"),
    [
        ("10.0.14393.2848", "Server 2016 Standard", Severity.INFO, "ends on 2027-01-12"),
        ("6.3.9600.1", "Server 2012 R2 Datacenter", Severity.MAJOR, "reached end of life on 2026-10-13"),
        ("6.0.6003.1", "Server (R) 2008 Standard", Severity.MAJOR, "reached end of life on 2023-01-10"),
        ("5.2.3790.1", "Server 2003", Severity.MAJOR, "reached end of life on 2015-07-14"),
    ],
)
def test_windows_server_ends_by_its_build(release: str, edition: str, severity: Severity, words: str) -> None:
    said = judge(end_of_life_distribution, WindowsHost(release=release, edition=edition).build(), now=DAY)

    assert said.about == [("win01", severity)]
    assert words in said.messages[0]


def test_current_windows_servers_pass_and_clients_of_the_same_build_have_their_own_dates() -> None:
    for release in ("10.0.17763.1", "10.0.20348.1", "10.0.26100.1"):
        assert judge(end_of_life_distribution, WindowsHost(release=release).build(), now=DAY).silent
    client = WindowsHost(release="6.1.7601.1", edition="7 Professional")
    assert judge(end_of_life_distribution, client.build(), now=DAY).about == [("win01", Severity.MAJOR)]
