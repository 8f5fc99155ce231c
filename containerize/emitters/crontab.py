"""Cron jobs of a workload as crontab lines for a container host."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from containerize.emitters.emission import Emission, slug


def crontab_lines(emission: Emission) -> Iterator[str]:
    """A line of crontab(5) for each job that can be taken over, with the data, secrets and settings of
    ``compose.yaml``. ``DIRECTORY`` is where that file lies. A bare percent sign would end the command.
    """
    service = slug(emission.plan.workload.partition("/")[2])
    for job in emission.seen.jobs:
        if not job.obstacle:
            run = f"docker compose run --rm --no-deps -T -u {job.uid}:{job.gid} --entrypoint /bin/sh {service}"
            line = f"cd DIRECTORY && {run} -c {shlex.quote(job.command)}".replace("%", "\\%")
            yield f"{job.schedule} {line}"
