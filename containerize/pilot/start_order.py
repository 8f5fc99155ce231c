"""The start order of workloads: those that others need come first."""

from __future__ import annotations

from collections.abc import Sequence

from containerize.plan.model import ImagePlan


def dependencies(plan: ImagePlan) -> tuple[str, ...]:
    """The workloads that it connects to."""
    return tuple(dict.fromkeys(workload for _, _, workload in plan.peers if workload and workload != plan.workload))


def start_order(plans: Sequence[ImagePlan]) -> list[ImagePlan]:
    """The plans, each after those it depends on; a circle is broken where it was entered."""
    by_id = {plan.workload: plan for plan in plans}
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
