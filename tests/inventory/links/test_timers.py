"""Timers of systemd are jobs like those of cron."""

from __future__ import annotations

from inventory.links.timers import timer_jobs
from inventory.model.services import Services
from inventory.sections.supervision.services import SECTION
from tests.support.live import found
from tests.support.recordings import answer, recorded


def test_a_timer_is_a_job_with_the_command_of_its_unit() -> None:
    services = found(SECTION, recorded("vm01-legacy", "services"))
    assert isinstance(services, Services)
    jobs = {job.place.rpartition("/")[2]: job for job in timer_jobs(services)}

    assert jobs["logrotate.timer"].schedule == "OnCalendar=*-*-* 00:00:00"
    assert jobs["logrotate.timer"].command == "/usr/sbin/logrotate /etc/logrotate.conf"
    assert jobs["logrotate.timer"].user == "root"


def test_the_account_is_that_of_the_unit_and_spans_are_kept() -> None:
    units = (
        "Id=sync.service\nMainPID=0\nLoadState=loaded\nUser=shop\n"
        "ExecStart={ path=/opt/sync ; argv[]=/opt/sync --all ; ignore_errors=no ; start_time=[n/a] }\n\n"
        "Id=nightly.timer\nLoadState=loaded\nActiveState=active\nUnit=sync.service\nFragmentPath=/etc/nightly.timer\n"
        "TimersMonotonic={ OnBootUSec=15min ; next_elapse=0 }\n"
        "TimersMonotonic={ OnUnitActiveUSec=1h ; next_elapse=0 }\n\n"
        "Id=off.timer\nLoadState=loaded\nActiveState=inactive\nUnit=sync.service\n"
        "TimersMonotonic={ OnBootUSec=15min ; next_elapse=0 }\n\n"
        "Id=lost.timer\nLoadState=loaded\nActiveState=active\nTimersMonotonic={ OnBootUSec=1min ; next_elapse=0 }\n"
    )
    services = found(SECTION, answer("services", init=b"name=systemd\nsystemd=yes\n", units=units.encode()))

    (job,) = timer_jobs(services)
    assert (job.user, job.command, job.schedule) == ("shop", "/opt/sync --all", "OnBoot=15min; OnUnitActive=1h")
