"""CronJobs from a workload's cron jobs and timers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from containerize.emitters.emission import Emission
from containerize.emitters.host_names import unique_labels
from containerize.emitters.kubernetes.objects import ObjectNames, named
from containerize.emitters.kubernetes.pod import JOB_LIMIT, job_pod

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_NAME = 52
"""A CronJob's name at most: its jobs get eleven characters more."""


def cron_jobs(emission: Emission, names: ObjectNames) -> Iterator[dict[str, Any]]:
    """One for each job that can be taken over."""
    jobs = [job for job in emission.seen.jobs if not job.obstacle]
    told = [f"{job.place.rpartition('/')[2]} {number}" for number, job in enumerate(jobs, 1)]
    called = unique_labels(names.base, told, _NAME)
    zone = emission.seen.timezone
    for job, words in zip(jobs, told, strict=True):
        spec: dict[str, Any] = {
            "schedule": job.schedule,
            **({"timeZone": zone} if _ZONE.fullmatch(zone) else {}),
            # Cron starts a job that still runs a second time; no job is known to need that.
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 0,
                    "template": {
                        "metadata": {"labels": names.labels("job")},
                        "spec": job_pod(emission, names, job.command, (job.uid, job.gid)),
                    },
                }
            },
        }
        yield named("batch/v1", "CronJob", called[words], names, spec)


def jobs_head(emission: Emission) -> Iterator[str]:
    """A comment with the source of each job, and reasons for missing ones."""
    for job in emission.seen.jobs:
        if job.obstacle:
            yield f"Not taken over: {job.place}, as {job.user}: {job.obstacle}."
        else:
            yield f"{job.place}, as {job.user}: {job.schedule}."
    if any(not job.obstacle for job in emission.seen.jobs):
        yield f"Limits: those of the service, and {JOB_LIMIT} MiB at the least. What the jobs use was not measured."
    if emission.seen.jobs and not _ZONE.fullmatch(emission.seen.timezone):
        yield "The time zone of the host is not known: times are those of the cluster."
