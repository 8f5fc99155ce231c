"""The start order of workloads: those that others need come first."""

from __future__ import annotations

from collections.abc import Sequence

from containerize.plan.model import ImagePlan
from containerize.plan.shared_directories import holders


def dependencies(plan: ImagePlan) -> tuple[str, ...]:
    """The workloads that it connects to."""
    names = (*(workload for _, _, workload in plan.peers), *(peer.workload for peer in plan.socket_peers))
    return tuple(dict.fromkeys(name for name in names if name and name != plan.workload))


def start_order(plans: Sequence[ImagePlan]) -> list[ImagePlan]:
    """The plans, each after those it depends on; a circle is broken where it was entered."""
    by_id = holders(plans)
    ordered: list[ImagePlan] = []
    visited: set[str] = set()

    def visit(plan: ImagePlan) -> None:
        if plan.workload in visited:
            return
        visited.add(plan.workload)
        for name in dependencies(plan):
            if name in by_id:
                visit(by_id[name])
        ordered.append(plan)

    for plan in plans:
        visit(plan)
    return ordered
