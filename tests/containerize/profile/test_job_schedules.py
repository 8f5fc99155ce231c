"""Jobs of cron and timers in the form that container schedulers take, or the reason why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.profile.job_schedules import command_of, schedule_of, scheduled_jobs
from inventory.model.cron import CronJob
from inventory.model.users import User, Users
from inventory.observation import Origin

ORIGIN = Origin("cron", "tables", 1)
USERS = Users(
    (User("root", 0, 0, "/root", "/bin/sh", "", ORIGIN), User("shop", 998, 997, "/", "/bin/sh", "", ORIGIN)), ()
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 3 * * mon-fri", "0 3 * * 1-5"),
        ("0 3 1 JAN *", "0 3 1 1 *"),
        ("0 3 * * 7", "0 3 * * 0"),
        ("0 3 * * 1,7", "0 3 * * 1,0"),
        ("@daily", "@daily"),
        ("daily", "@daily"),
        ("15min", "*/15 * * * *"),
        ("OnCalendar=*-*-* 06,18:00:00", "0 6,18 * * *".replace("0 6", "00 06")),
        ("OnCalendar=Mon *-*-* 00:00:00", "00 00 * * 1"),
    ],
)
def test_a_time_has_five_fields(words: str, expected: str) -> None:
    assert schedule_of(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "@reboot",
        "@every_minute",
        "at 2026-11-24T18:00Z",
        "every 7 days",
        "OnBoot=15min",
        "OnCalendar=*-*-1/2 00:00:00",
        "0~59 * * * *",
        "0 3 * * 5-7",
        "61 * * * *",
        "0 3 * * * root",
        "",
    ],
)
def test_what_has_no_such_form_has_none(words: str) -> None:
    assert schedule_of(words) == ""


@given(st.text(max_size=30))
def test_a_time_is_one_that_kubernetes_reads_or_nothing(words: str) -> None:
    found = schedule_of(words)
    assert found == "" or found.startswith("@") or len(found.split()) == 5


def test_a_percent_sign_ends_a_command_unless_it_is_escaped() -> None:
    assert command_of(r"/bin/backup $(date +\%F)") == ("/bin/backup $(date +%F)", False)
    assert command_of("/usr/bin/mail -s x root%text%more") == ("/usr/bin/mail -s x root", True)


def test_a_job_runs_under_the_ids_of_its_account() -> None:
    (job,) = scheduled_jobs([CronJob("/etc/cron.d/shop", "shop", "@hourly", "/opt/shop/tidy", ORIGIN)], USERS)
    assert (job.uid, job.gid, job.obstacle) == (998, 997, "")


@pytest.mark.parametrize(
    ("user", "when", "command", "words"),
    [
        ("shop", "@reboot", "/x", "no form in five fields"),
        ("gone", "@daily", "/x", "the account gone"),
        ("shop", "@daily", "/x -p<redacted:0123abcd>", "a secret"),
        ("shop", "@daily", "/x%input", "percent sign"),
        ("shop", "@daily", "/x\x1b[2J", "control characters"),
    ],
)
def test_what_cannot_be_taken_over_says_why(user: str, when: str, command: str, words: str) -> None:
    (job,) = scheduled_jobs([CronJob("/etc/cron.d/shop", user, when, command, ORIGIN)], USERS)
    assert words in job.obstacle
