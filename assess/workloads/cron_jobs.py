"""Cron jobs that belong to a workload."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from assess.workloads.configuration_roots import paths_in
from inventory.model.cron import CronJob

_WORD = re.compile(r"[\w./-]+")


def schedules_of(
    jobs: Iterable[CronJob],
    *,
    names: frozenset[str],
    accounts: frozenset[str],
    paths: Iterable[str],
    clients: frozenset[str] = frozenset(),
) -> tuple[CronJob, ...]:
    """The jobs that run as one of ``accounts`` (without root, who runs everything), whose file is called like the
    workload or one of its packages (``names``), or whose command names one of ``paths``, something inside it, or a
    program that works on it (``clients``: mysqldump for MariaDB).
    """
    own_paths = tuple(paths)
    return tuple(job for job in jobs if _belongs(job, names, accounts - {"root"}, own_paths, clients))


def _belongs(
    job: CronJob, names: frozenset[str], accounts: frozenset[str], paths: tuple[str, ...], clients: frozenset[str]
) -> bool:
    if job.user in accounts:
        return True
    if any(posixpath.basename(word) in clients for word in _WORD.findall(job.command)):
        return True
    if posixpath.basename(job.place) in names and "/cron" in job.place:
        return True
    return any(named == path or named.startswith(path + "/") for named in paths_in(job.command) for path in paths)
