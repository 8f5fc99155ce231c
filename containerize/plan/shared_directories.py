"""Directories of Unix sockets that several containers share, from the plans of workloads that run together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from containerize.plan.model import ImagePlan


@dataclass(frozen=True, slots=True)
class SharedDirectory:
    """A directory that containers of one host share, as a volume that is empty at first. ``sockets`` are those in it
    that one of them asks at.
    """

    path: str
    uid: int
    gid: int
    mode: int
    sockets: tuple[str, ...]


def shared_directories(plans: Sequence[ImagePlan]) -> dict[str, tuple[SharedDirectory, ...]]:
    """By workload: the directories that its container shares with those of other plans, in the order of their paths."""
    owners = holders(plans)
    found: dict[str, dict[str, SharedDirectory]] = {}
    sockets: dict[tuple[str, str], dict[str, None]] = {}
    for plan in plans:
        for peer in plan.socket_peers:
            owner = owners.get(peer.workload)
            if owner is None or owner is plan:
                continue
            known = sockets.setdefault((plan.host, peer.directory), {})
            known[peer.path] = None
            directory = SharedDirectory(peer.directory, peer.uid, peer.gid, peer.mode, ())
            for each in (plan, owner):
                found.setdefault(each.workload, {}).setdefault(peer.directory, directory)
    by_id = {plan.workload: plan for plan in plans}
    return {
        workload: tuple(
            SharedDirectory(
                each.path, each.uid, each.gid, each.mode, tuple(sorted(sockets[by_id[workload].host, each.path]))
            )
            for _, each in sorted(directories.items())
        )
        for workload, directories in found.items()
    }


def holders(plans: Sequence[ImagePlan]) -> dict[str, ImagePlan]:
    """By workload: the plan of the image that runs it, by itself or as a companion."""
    found = {name: plan for plan in plans for name in plan.companions}
    return found | {plan.workload: plan for plan in plans}
