"""PRC004: cron jobs that belong to a service."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("PRC004", scope=Scope.WORKLOAD, needs=("processes", "cron"))
def scheduled_jobs(subject: WorkloadSubject) -> RuleAnswer:
    """Cron jobs belong to the service.

    Why:
        A container has no cron. Jobs that clean up, rotate, dump or feed the service are forgotten until the disk is
        full or the backup is needed.
    Remedy:
        Run each job as a scheduled container with the same image (a Kubernetes CronJob, a timer on the container host),
        or leave it on the host if it only copies data.
    Source:
        Crontabs and /etc/cron.*, matched by account, file name and the paths in the command.
    """
    for job in subject.workload.schedules:
        yield Hit(
            Severity.MINOR,
            f"{job.place} runs a job for the service ({job.schedule}, as {job.user}).",
            (Evidence(f"{job.place}: {job.schedule} {job.user} {job.command}", job.origin),),
        )
