"""The directories that stay outside of the image, and how a pilot fills them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from assess.model import DataDirectory, Workload
from containerize.closure.application_servers import data_directories
from containerize.plan import Volume
from containerize.survey.tree import HostTree

Seed = Literal["copy", "mariadb", "postgresql", "redis", "sqlite", "empty"]

_SEEDS: tuple[tuple[tuple[str, ...], Seed], ...] = (
    (("mariadbd", "mysqld"), "mariadb"),
    (("postgres", "postmaster"), "postgresql"),
    (("redis-server", "valkey-server"), "redis"),
)
"""Servers whose files cannot be copied while they run, by the name of their executable."""


def data_of(workloads: Iterable[Workload]) -> dict[str, str]:
    """All data directories of a host's workloads with the reason why they are none of an image's."""
    return {each.path: f"data of {workload.id}" for workload in workloads for each in data_directories(workload)}


def volumes_of(workload: Workload, tree: HostTree) -> tuple[Volume, ...]:
    """The volumes of one workload, in the order of their paths. Owner and mode are what the host has now."""
    volumes = []
    for directory in sorted(data_directories(workload), key=lambda each: each.path):
        resolved = tree.resolve(directory.path)
        entry = tree.get(resolved.path) if resolved else None
        if resolved is None or entry is None or entry.kind != "d":
            continue
        volumes.append(Volume(resolved.path, entry.uid, entry.gid, entry.mode, _seed(workload), _reason(directory)))
    return tuple(volumes)


def _seed(workload: Workload) -> Seed:
    names = {path.rpartition("/")[2] for path in workload.executables}
    return next((seed for programs, seed in _SEEDS if names.intersection(programs)), "copy")


def _reason(directory: DataDirectory) -> str:
    return directory.evidence[0].fact if directory.evidence else "holds what the service must not lose"
