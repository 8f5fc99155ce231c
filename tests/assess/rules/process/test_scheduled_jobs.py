"""PRC004."""

from assess.model import Severity
from assess.rules.process.scheduled_jobs import scheduled_jobs
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def test_a_job_of_the_service_is_found_and_others_are_not() -> None:
    host = HostBuilder()
    host.init()
    host.user("shop", 900)
    host.process(50, "/opt/shop/shop", uid=900)
    host.job("/opt/shop/clean", user="shop", place="/etc/cron.d/shop")
    host.job("/usr/sbin/logrotate /etc/logrotate.conf")

    said = judge(scheduled_jobs, host.build())

    assert said.about == [("web01/shop", Severity.MINOR)]
    assert "/opt/shop/clean" in said.findings[0].evidence[0].fact


def test_without_jobs_it_passes_and_without_the_section_it_is_undetermined() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/shop", uid=900)
    assert judge(scheduled_jobs, host.build()).silent

    host.unknown("cron")
    assert judge(scheduled_jobs, host.build()).missing == {"cron"}
