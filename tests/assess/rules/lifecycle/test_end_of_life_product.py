"""EOL002."""

from datetime import UTC, datetime

import pytest

from assess.knowledge.end_of_life import release_of
from assess.model import Severity
from assess.rules.lifecycle.end_of_life_product import end_of_life_product
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder

NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


def running(program: str, *arguments: str, version: str = "") -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, program, *arguments)
    if version:
        host.package("server", program, version=version)
    return host


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("/opt/php-5.6.40/sbin/php-fpm", "PHP 5.6.40 reached end of life on 2018-12-31 (2862 days ago)."),
        ("/opt/jdk1.7.0_80/bin/java", "Java 1.7 reached end of life on 2022-07-19 (1566 days ago)."),
        ("/usr/local/bin/python2.7", "Python 2.7 reached end of life on 2020-01-01 (2496 days ago)."),
        (
            "/opt/node-v12.22.1-linux-x64/bin/node",
            "Node.js 12.22 reached end of life on 2022-04-30 (1646 days ago).",
        ),
        ("/opt/pgsql/9.4/bin/postgres", "PostgreSQL 9.4 reached end of life on 2020-02-13 (2453 days ago)."),
    ],
)
def test_an_unpackaged_release_past_its_end_is_found(program: str, said: str) -> None:
    verdicts = judge(end_of_life_product, running(program).build(), now=NOW)

    assert verdicts.messages == [said]
    assert verdicts.findings[0].severity is Severity.MAJOR


def test_a_server_that_an_argument_names_is_found() -> None:
    host = running("/opt/jdk-21.0.2/bin/java", "-Dcatalina.home=/opt/apache-tomcat-7.0.96")

    assert judge(end_of_life_product, host.build(), now=NOW).messages == [
        "Tomcat 7.0 reached end of life on 2021-03-31 (2041 days ago)."
    ]


def test_a_package_of_its_makers_is_found_and_one_of_a_distribution_is_not() -> None:
    makers = running("/usr/lib/postgresql/9.6/bin/postgres", version="9.6.24-1.pgdg90+1")
    distribution = running("/usr/lib/postgresql/11/bin/postgres", version="11.22-0+deb10u2")

    assert len(judge(end_of_life_product, makers.build(), now=NOW).findings) == 1
    assert judge(end_of_life_product, distribution.build(), now=NOW).silent


def test_what_runs_in_a_container_of_the_host_is_left_out() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/python2.7", other_namespaces=("mnt", "pid", "net"))

    assert judge(end_of_life_product, host.build(), now=NOW).silent


def test_an_end_that_is_near_is_told() -> None:
    assert judge(end_of_life_product, running("/opt/python3.11/bin/python3.11").build(), now=NOW).about == [
        ("web01/python3.11", Severity.INFO)
    ]


def test_a_current_release_passes_and_an_unknown_one_is_no_pass() -> None:
    assert judge(end_of_life_product, running("/opt/jdk-21.0.2/bin/java").build(), now=NOW).silent
    assert judge(end_of_life_product, running("/opt/app/bin/java").build(), now=NOW).missing == {"packages"}


def test_real_hosts_with_their_distributions_programs_show_none() -> None:
    for host in ("web01", "db01", "vm01"):
        assert judge(end_of_life_product, recorded_host(host), now=NOW).silent


@pytest.mark.parametrize(
    ("product", "version", "cycle", "forgotten"),
    [
        ("php", "7.4.33", "7.4", False),
        ("java", "1.8.0", "8", False),
        ("java", "1.4.2", "1.4", False),
        ("postgresql", "13.4", "13", False),
        ("php", "4.4.9", "5.0", True),
    ],
)
def test_versions_belong_to_releases(product: str, version: str, cycle: str, forgotten: bool) -> None:
    release = release_of(product, version)

    assert release is not None
    assert (release.cycle, release.forgotten) == (cycle, forgotten)


def test_a_release_of_the_future_is_not_known() -> None:
    assert release_of("php", "99.1") is None
    assert release_of("nothing", "1") is None


def test_a_program_that_was_not_seen_is_no_pass() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, None, name="python2.7")

    assert [each.reason for each in judge(end_of_life_product, host.build()).undetermined] == [
        "the program of python2.7 (pid 50) could not be read"
    ]
