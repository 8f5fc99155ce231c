"""WIN005."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed, unseen
from inventory.observation import Found
from inventory.platforms import Platform

_MOST = 20


@rule("WIN005", scope=Scope.HOST, needs=("cron",), platform=Platform.WINDOWS)
def windows_tasks(subject: HostSubject) -> RuleAnswer:
    """The server runs scheduled tasks, some perhaps only while somebody is logged on.

    Why:
        No Task Scheduler starts jobs in a container, so what a task does (clean up, export, restart) is forgotten. A
        task that runs only when somebody is logged on belongs to a desktop, which containers have none of.
    Remedy:
        Run each task as a scheduled container of the service's image (a CronJob of Kubernetes, a task of the container
        host). Make tasks that need a user who is logged on run without one first, or leave them on a virtual machine.
    Source:
        Task definitions of the Task Scheduler (LogonType InteractiveToken); tasks that come with Windows are left out.
    """
    cron = subject.host.snapshot.cron
    yield from unseen("cron", cron)
    if not isinstance(cron, Found):
        return
    desktop = [job for job in cron.value if job.user.endswith("(when logged on)")]
    others = [job for job in cron.value if not job.user.endswith("(when logged on)")]
    if desktop:
        yield Hit(
            Severity.MAJOR,
            f"Tasks run only while somebody is logged on: {listed(job.place for job in desktop)}.",
            tuple(Evidence(f"{job.place} ({job.schedule}): {job.command}", job.origin) for job in desktop[:_MOST]),
            "Give each task an account and let it run whether somebody is logged on or not, if it shows no windows;"
            " else leave it on a virtual machine.",
        )
    if others:
        yield Hit(
            Severity.MINOR,
            f"Scheduled tasks run beside the services: {listed(job.place for job in others)}.",
            tuple(
                Evidence(f"{job.place} ({job.schedule}, as {job.user or 'nobody known'}): {job.command}", job.origin)
                for job in others[:_MOST]
            ),
        )
