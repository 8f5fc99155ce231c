"""Cron jobs and systemd timers in the form of container schedulers: five fields, a command, ids.

The five fields are those of crontab(5) as Kubernetes reads them
(https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/): days of the week end at 6, nothing is random.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.model.cron import CronJob
from inventory.model.users import Users

_NAMED = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})
_DIRECTORIES = {
    "hourly": "@hourly",
    "daily": "@daily",
    "weekly": "@weekly",
    "monthly": "@monthly",
    "yearly": "@yearly",
    "15min": "*/15 * * * *",
}
"""Directories of run-parts, Alpine's included. The minute within the span is the scheduler's."""

_NUMBERS = r"(?:\*|\d{1,2}(?:-\d{1,2})?)(?:/\d{1,2})?"
_FIELD = re.compile(rf"{_NUMBERS}(?:,{_NUMBERS})*")
_NAMES = {
    3: {name: str(at) for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)},  # noqa: SIM905
    4: {name: str(at) for at, name in enumerate("sun mon tue wed thu fri sat".split())},  # noqa: SIM905
}
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_CALENDAR = re.compile(
    r"OnCalendar=(?:(?P<days>[A-Za-z]{3}(?:[,-][A-Za-z]{3})*) )?\*-\*-(?P<date>\*|\d{1,2}(?:,\d{1,2})*) "
    r"(?P<hour>\*|\d{1,2}(?:,\d{1,2})*):(?P<minute>\*|\d{1,2}(?:,\d{1,2})*):\d{2}"
)
"""systemd.time(7) as systemctl prints it, where cron can say the same."""

_SECRET = "<redacted:"  # noqa: S105 - marks where one was taken out


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """One job. ``schedule`` has five fields or is ``@daily`` and the like; ``command`` is for ``/bin/sh -c``; ``uid``
    and ``gid`` are those of ``user``. ``obstacle`` says why the job cannot be taken over as it is, "" when it can.
    """

    place: str
    user: str
    uid: int
    gid: int
    schedule: str
    command: str
    obstacle: str = ""


def scheduled_jobs(jobs: Iterable[CronJob], users: Users | None) -> tuple[ScheduledJob, ...]:
    """The jobs in their order; what cannot be taken over has its obstacle."""
    return tuple(_job(job, users) for job in jobs)


def _job(job: CronJob, users: Users | None) -> ScheduledJob:
    schedule = schedule_of(job.schedule)
    account = next((each for each in users.users if each.name == job.user), None) if users else None
    table = not job.schedule.startswith(("On", "at ")) and job.schedule not in _DIRECTORIES
    command, feeds = command_of(job.command) if table else (job.command, False)
    if not schedule:
        obstacle = f"its time ({job.schedule}) has no form in five fields"
    elif account is None and job.user != "root":
        obstacle = f"the account {job.user} is not among those of the host"
    elif _SECRET in job.command:
        obstacle = "its command contains a secret, which is not stored"
    elif not job.command.replace("\t", " ").isprintable():
        obstacle = "its command has control characters"
    elif feeds:
        obstacle = "its command gets text after a percent sign as input"
    else:
        obstacle = ""
    uid, gid = (account.uid, account.gid) if account else (0, 0)
    return ScheduledJob(job.place, job.user, uid, gid, schedule or job.schedule, command, obstacle)


def schedule_of(words: str) -> str:
    """The time of a job in five fields or as ``@daily``; "" when it has no such form (``@reboot``, ``at``)."""
    if words in _NAMED:
        return words
    if words in _DIRECTORIES:
        return _DIRECTORIES[words]
    if match := _CALENDAR.fullmatch(words):
        days = (match["days"] or "*").lower()
        words = " ".join((match["minute"], match["hour"], match["date"], "*", days))
    fields = [_field(at, field) for at, field in enumerate(words.split())] if len(words.split()) == 5 else [""]
    return " ".join(fields) if all(fields) else ""


def command_of(text: str) -> tuple[str, bool]:
    """(command of a line of crontab(5), whether it is given input): a percent sign ends it unless escaped."""
    plain, mark, _ = re.sub(r"\\%", "\0", text).partition("%")
    return plain.replace("\0", "%"), bool(mark)


def _field(place: int, text: str) -> str:
    words = _NAMES.get(place, {})
    text = re.sub(r"[a-z]{3}", lambda match: words.get(match[0], match[0]), text.lower())
    # Sunday has two numbers in crontab(5), and one here.
    if place == 4:
        text = re.sub(r"(?<![\d/-])7(?![\d-])", "0", text)
    low, high = _LIMITS[place]
    if not _FIELD.fullmatch(text):
        return ""
    numbers = [int(number) for number in re.findall(r"(?<![/\d])\d+", text)]
    return text if all(low <= number <= high for number in numbers) else ""
