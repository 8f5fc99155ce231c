"""Candidates of a pilot from built workloads, with their grants and limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from assess.commands.console import printable
from assess.model import Workload
from containerize.build.artifacts import profile_beside
from containerize.grants.grants_json import load_grants
from containerize.grants.model import Allowed, allowed, denied, today
from containerize.grants.needs import ContainerNeed, needs_of, network_needs
from containerize.pilot.container_limits import ContainerLimits, limits_of, on_this_machine
from containerize.pilot.piloted_workload import Candidate
from containerize.plan.model import BuiltImage, ImagePlan
from inventory.host import Host

if TYPE_CHECKING:
    from containerize.estate import Estate


def candidate_of(
    estate: Estate, folder: Path, plan: ImagePlan, built: BuiltImage, host: Host, workload: Workload | None
) -> Candidate:
    """The candidate of a build in ``folder``. Raises WorkspaceError when its grants cannot be read."""
    use = profile_beside(plan, workload, estate.host(workload.host), estate.facts).use if workload else None
    limits = on_this_machine(limits_of(use, plan.shm_bytes))
    return Candidate(plan, built, host, workload, allowed(load_grants(folder), today()), limits)


@dataclass(frozen=True)
class GivenLimits:
    """Limits of the command line; memory is in MiB."""

    memory: int | None = None
    pids: int | None = None
    cpus: float | None = None

    def applied(self, limits: ContainerLimits) -> ContainerLimits:
        """Return ``limits`` with those that were given, at most what this machine has."""
        if self == GivenLimits():
            return limits
        given = replace(
            limits,
            memory_bytes=self.memory << 20 if self.memory else limits.memory_bytes,
            pids=self.pids or limits.pids,
            cpus=self.cpus or limits.cpus,
            basis=(*limits.basis, "Others were given on the command line."),
        )
        return on_this_machine(given)


def needs_in(candidates: Iterable[Candidate]) -> dict[str, tuple[ContainerNeed, ...]]:
    """The needs of each candidate in a pilot of all of them."""
    plans = [each.plan for each in candidates]
    together = {plan.workload for plan in plans}
    return {plan.workload: (*needs_of(plan), *network_needs(plan, together)) for plan in plans}


def needs_lines(needs: Iterable[ContainerNeed], held: Allowed) -> list[str]:
    """Denied needs, then grants, one per line."""
    lines = [f"would need {each.kind} {each.name} ({each.reason}); allow it with {each.option}"
             for each in denied(needs, held)]  # fmt: skip
    return lines + [f"allowed: {grant}" for grant in held.grants]


def say_needs(candidates: Iterable[Candidate]) -> None:
    """List on standard error, before anything runs, what is denied and what is allowed."""
    listed = list(candidates)
    needs = needs_in(listed)
    for each in listed:
        for line in needs_lines(needs[each.plan.workload], each.allowed):
            click.echo(printable(f"assess: {each.plan.workload}: {line}"), err=True)
