"""systemd's timers as scheduled jobs, beside those of cron."""

from __future__ import annotations

import re

from inventory.model.cron import CronJob
from inventory.model.services import Service, Services

_SPECIFICATION = re.compile(r"\{ *(?P<key>On\w+?)(?:USec)?=(?P<value>[^;]*); *next_elapse=.*\}")


def timer_jobs(services: Services) -> tuple[CronJob, ...]:
    """A job for each command that a loaded timer starts: the timer's file, the unit's account, ``OnCalendar=…``.

    A timer that cron-like tools cannot express (``OnBootUSec``) is given in systemd's own notation. One that starts a
    unit that is not loaded, or one without a command, gives none.
    """
    known = {service.name: service for service in services.services}
    jobs: list[CronJob] = []
    for timer in services.triggers:
        if not timer.name.endswith(".timer") or timer.state == "inactive":
            continue
        service = known.get(unit_of_timer(timer))
        schedule = "; ".join(_schedules(timer))
        if service is None or not schedule:
            continue
        for name, value in service.properties:
            command, end, _ = value.partition("argv[]=")[2].partition(" ; ignore_errors=")
            if name == "ExecStart" and end:
                user = service.property("User") or "root"
                jobs.append(CronJob(timer.path, user, schedule, command, timer.origin))
    return tuple(jobs)


def unit_of_timer(timer: Service) -> str:
    """The unit that a timer starts, without suffix."""
    unit = timer.property("Unit") or timer.property("Triggers") or timer.name.removesuffix(".timer")
    return unit.split()[0].removesuffix(".service")


def recurs(timer: Service) -> bool:
    """Whether a timer starts its unit more than once, and not only some time after boot."""
    return any(each.startswith(("OnCalendar=", "OnUnitActive", "OnUnitInactive")) for each in _schedules(timer))


def _schedules(timer: Service) -> list[str]:
    found: list[str] = []
    for name, value in timer.properties:
        if name in ("TimersCalendar", "TimersMonotonic") and (match := _SPECIFICATION.fullmatch(value)):
            found.append(f"{match['key']}={match['value'].rstrip(' ')}")
    return found
