"""Scheduled jobs, from each place where cron looks."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.cron import CronJob
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.supervision.cron import FRAGMENT, SECTION, parse
from tests.support.live import REDACTOR, found
from tests.support.recordings import answer, recorded, with_part


def jobs(recording: SectionRecording) -> list[CronJob]:
    return list(found(SECTION, recording))


def test_jobs_of_a_host() -> None:
    shop = [job for job in jobs(recorded("web01", "cron")) if job.place == "/etc/cron.d/shop"]

    assert [(job.user, job.schedule) for job in shop] == [("www-data", "40 3 * * *"), ("www-data", "*/10 * * * *")]
    assert shop[0].command == "find /var/lib/app/uploads -type f -mtime +90 -delete"
    assert {job.schedule for job in jobs(recorded("web01", "cron")) if job.place == "/etc/crontab"} == {
        "17 * * * *",
        "25 6 * * *",
        "47 6 * * 7",
        "52 6 1 * *",
    }


def test_an_ordinary_user_does_not_see_the_crontabs_of_users() -> None:
    observation = SECTION.observe(recorded("app01-user", "cron"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["the users' own crontabs"]


def test_a_users_table_has_no_column_for_the_user() -> None:
    recording = with_part(
        recorded("web01", "cron"),
        Part(
            "users",
            b"/var/spool/cron/crontabs/app:# DO NOT EDIT\n/var/spool/cron/crontabs/app:5 4 * * sun  /opt/app/job one\n",
        ),
    )
    job = next(job for job in jobs(recording) if job.place.endswith("/app"))

    assert (job.user, job.schedule, job.command) == ("app", "5 4 * * sun", "/opt/app/job one")


def test_every_form_of_a_schedule() -> None:
    rows = (
        "MAILTO=ops", "PATH = /bin", "@reboot root /a", "@daily\troot\t/b", "*/5 1-3,7 * JAN-MAR Mon,Fri root /c d",
        "-0 0 1 1 * root /e", "0 0 L * 5#3 root /odd", "nonsense", "  1 2 3 4 5 app\tcd /f && ./g",
    )  # fmt: skip
    table = "".join(f"/etc/cron.d/x:{row}\n" for row in rows).encode()
    found_jobs = jobs(answer("cron", places=b"/etc/cron.d\n", tables=table))

    assert [(job.user, job.schedule, job.command) for job in found_jobs] == [
        ("root", "@reboot", "/a"),
        ("root", "@daily", "/b"),
        ("root", "*/5 1-3,7 * JAN-MAR Mon,Fri", "/c d"),
        ("root", "0 0 1 1 *", "/e"),
        ("app", "1 2 3 4 5", "cd /f && ./g"),
    ]


def test_scripts_and_anacron_are_jobs_and_backups_are_not() -> None:
    recording = answer(
        "cron",
        places=b"/etc/crontab\n",
        scripts=b"/etc/cron.daily/dump\n/etc/cron.weekly/x.dpkg-old\n/etc/cron.hourly/.placeholder\n",
        anacron=b"/etc/anacrontab:SHELL=/bin/sh\n/etc/anacrontab:7\t10\tcron.weekly\trun-parts /etc/cron.weekly\n",
    )
    assert [(job.place, job.schedule) for job in jobs(recording)] == [
        ("/etc/anacrontab", "every 7 days"),
        ("/etc/cron.daily/dump", "daily"),
    ]


def test_secrets_of_commands_and_settings_are_hidden() -> None:
    recording = answer(
        "cron",
        tables=b"/etc/cron.d/x:DB_PASSWORD=Hunter2\n/etc/cron.d/x:1 2 * * * root mysqldump -uroot -pHunter2 shop >/b\n",
    )
    redacted = SECTION.redact(recording, REDACTOR)

    assert b"Hunter2" not in redacted.to_text()
    assert [job.command.endswith(" shop >/b") for job in jobs(redacted)] == [True]


def test_a_system_without_cron_has_none() -> None:
    assert isinstance(SECTION.observe(answer("cron", places=b""), Platform.POSIX), Absent)
    only_users = replace(answer("cron", places=b"/var/spool/cron\n"), errors=b"")
    assert isinstance(SECTION.observe(only_users, Platform.POSIX), Found)


def test_a_job_of_at_has_its_time_and_commands_and_nothing_of_its_environment() -> None:
    (job,) = [job for job in jobs(recorded("supervised01", "cron")) if job.schedule.startswith("at ")]

    assert (job.user, job.schedule) == ("root", "at 2026-11-24T23:00Z")
    assert job.command.startswith("cd /srv && ./close-books --password <redacted:")
    assert job.command.endswith("; echo done | mail -s books ops")


def test_the_environment_of_a_job_of_at_is_not_kept() -> None:
    """Also where a value tries to look like the line behind it, and in the form that EL gives a job."""
    path = b"/var/spool/at/a0000201c8a284:"
    lines = [
        b"#!/bin/sh", b"# atrun uid=1000 gid=1000", b"# mail ann 0", b"umask 2", b"TOKEN=Hunter2Horse; export TOKEN",
        b'MULTI=a"', b'"cd\\ /tmp\\ \\|\\|\\ {"', b'"Hunter2Horse; export MULTI', b"cd /home/ann || {",
        b"\t echo 'Execution directory inaccessible' >&2", b"\t exit 1", b"}",
        b"${SHELL:-/bin/sh} << 'marcinDELIMITER2d8f5f0b'", b"report --to boss Hunter2Horse", b"marcinDELIMITER2d8f5f0b",
    ]  # fmt: skip
    other = b"/var/spool/at/spool/a00002:Hunter2Horse\n"
    recording = answer("cron", places=b"/var/spool/cron\n", at=b"".join(path + line + b"\n" for line in lines) + other)
    redacted = SECTION.redact(recording, REDACTOR)

    assert b"Hunter2Horse" not in redacted.to_text()
    assert b"MULTI" not in redacted.to_text()
    (job,) = jobs(redacted)
    assert (job.user, job.command.split(" <")[0]) == ("ann", "report --to boss")


def test_tables_of_alpine_and_its_periods_are_read() -> None:
    found_jobs = jobs(recorded("supervised01", "cron"))

    assert [(job.user, job.command) for job in found_jobs if job.place == "/etc/crontabs/root"] == [
        ("root", "/usr/local/bin/poll-meter")
    ]
    assert [job.schedule for job in found_jobs if job.place == "/etc/periodic/15min/rotate"] == ["15min"]


def test_an_ordinary_user_is_told_that_jobs_of_at_are_hidden() -> None:
    observation = SECTION.observe(recorded("supervised01-user", "cron"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert "jobs of at" in {gap.what for gap in observation.gaps}


def test_a_line_without_a_file_is_an_error() -> None:
    with pytest.raises(ParseError, match="tables:1"):
        parse(answer("cron", tables=b"what is this\n"))
    with pytest.raises(ParseError, match="scripts:1"):
        parse(answer("cron", scripts=b"/usr/bin/x\n"))


@given(
    st.sampled_from(["places", "tables", "anacron", "scripts", "users", "at"]),
    st.one_of(st.binary(max_size=80), st.text("\n:/a1* @-,x", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(SECTION.redact(answer("cron", **{name: content}), REDACTOR))
    except ParseError as error:
        assert str(error)


def test_names_with_a_dot_are_no_jobs_where_run_parts_passes_over_them() -> None:
    """Debian's cron and run-parts do, and that of busybox; Red Hat's take them."""
    parts = {
        "tables": b"/etc/cron.d/a.sh:0 1 * * * root /opt/a\n/etc/cron.d/b:0 1 * * * root /opt/b\n",
        "scripts": b"/etc/cron.daily/c.sh\n/etc/cron.daily/d\n/etc/periodic/daily/e.sh\n/etc/periodic/daily/f\n",
    }
    others, debian = (parse(answer("cron", strict=strict, **parts)) for strict in (b"", b"names\n"))

    assert isinstance(others, Found)
    assert isinstance(debian, Found)
    assert [job.command for job in others.value] == [
        "/opt/a", "/opt/b", "/etc/cron.daily/c.sh", "/etc/cron.daily/d", "/etc/periodic/daily/f",
    ]  # fmt: skip
    assert [job.command for job in debian.value] == ["/opt/b", "/etc/cron.daily/d", "/etc/periodic/daily/f"]


def test_a_script_that_cannot_be_executed_is_no_job(tmp_path: Path) -> None:
    """That is how people switch one off."""
    folder = tmp_path / "cron.daily"
    folder.mkdir()
    for name, mode in (("on", 0o755), ("off", 0o644)):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(mode)
    function = FRAGMENT[FRAGMENT.index("bf_scripts()") : FRAGMENT.index("bf_places()")].replace("/etc/", f"{tmp_path}/")
    done = subprocess.run(["sh", "-c", f"{function}\nbf_scripts"], capture_output=True, text=True, check=True)

    assert done.stdout == f"{folder}/on\n"


def test_crontabs_that_nothing_could_read_are_a_gap() -> None:
    recording = SectionRecording("cron", (Part("places", b"/var/spool/cron\n"), Part("users", b"", 127)))
    observation = parse(recording)

    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == [
        "the host has no /usr/bin/find, with which /var/spool/cron is read"
    ]
