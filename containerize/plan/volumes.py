"""Directories that stay outside the image, and the way a pilot fills each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from msgspec import convert

from assess.model import DataDirectory, Workload
from containerize.closure.application_directories import data_directories
from containerize.host.file_tree import HostTree
from containerize.plan.model import Volume
from containerize.profile.peers import Peer
from inventory.products.catalogue import products
from inventory.products.product import HandedOverTable

Seed = Literal["copy", "mariadb", "postgresql", "redis", "sqlite", "empty"]


@cache
def _seeds() -> Mapping[str, Seed]:
    """Seeds of servers whose files cannot be copied while they run, by the names of their executables."""
    return {
        name: convert(seed.name, Seed)
        for product in products().values()
        if (seed := product.seed) is not None
        for name in product.programs_of(seed)
    }


def data_of(workloads: Iterable[Workload]) -> dict[str, str]:
    """All data directories of a host's workloads with the reason why they are none of an image's."""
    return {each.path: f"data of {workload.id}" for workload in workloads for each in data_directories(workload)}


@cache
def _hand_overs() -> tuple[HandedOverTable, ...]:
    return tuple(each for product in products().values() for each in product.handed_over)


def handed_over(
    members: Sequence[Workload], host: Sequence[Workload], inside: Collection[str], tree: HostTree
) -> tuple[tuple[Volume, Peer], ...]:
    """The volumes of other services of the host into which programs of the image write, each with the service as a
    peer. ``inside`` are the paths of the image.
    """
    own = {member.id for member in members}
    found = []
    for row in _hand_overs():
        resolved = tree.resolve(row.program)
        if resolved is None or resolved.path not in inside:
            continue
        for workload in host:
            if workload.kind != "service" or workload.id in own:
                continue
            for volume in volumes_of(workload, tree):
                if volume.path == row.directory:
                    reason = f"is the data of {workload.id}, and both containers need the same volume: {row.reason}"
                    found.append((replace(volume, reason=reason), ("localhost", row.port, workload.id)))
    return tuple(found)


def all_volumes(members: Sequence[Workload], tree: HostTree) -> tuple[Volume, ...]:
    """The volumes of several workloads in one image, each path once: the first that has it says how it is filled."""
    found: dict[str, Volume] = {}
    for member in members:
        for volume in volumes_of(member, tree):
            found.setdefault(volume.path, volume)
    return tuple(found.values())


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
    return next((seed for name, seed in _seeds().items() if name in names), "copy")


def _reason(directory: DataDirectory) -> str:
    return directory.evidence[0].fact if directory.evidence else "holds what the service must not lose"
