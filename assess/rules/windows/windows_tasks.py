"""WIN005: servers with scheduled tasks."""

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
    """Server runs scheduled tasks, some perhaps only while a user is logged on.

    Why:
        A container has no Task Scheduler, so the work of a task (clean up, export, restart) is forgotten. A task that
        runs only while a user is logged on needs a desktop, which containers do not have.
    Remedy:
        Run each task as a scheduled container with the service's image (a Kubernetes CronJob, a task on the container
        host). First change tasks that need a logged-on user to run without one, or leave them on a virtual machine.
    Source:
        Task definitions of the Task Scheduler (LogonType InteractiveToken); tasks that come with Windows are ignored.
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
            f"Tasks run only while a user is logged on: {listed(job.place for job in desktop)}.",
            tuple(Evidence(f"{job.place} ({job.schedule}): {job.command}", job.origin) for job in desktop[:_MOST]),
            "Give each task an account and let it run whether a user is logged on or not, if it shows no windows;"
            " otherwise leave it on a virtual machine.",
        )
    if others:
        yield Hit(
            Severity.MINOR,
            f"Scheduled tasks run outside the services: {listed(job.place for job in others)}.",
            tuple(
                Evidence(
                    f"{job.place} ({job.schedule}, as {job.user or 'an unknown account'}): {job.command}", job.origin
                )
                for job in others[:_MOST]
            ),
        )
