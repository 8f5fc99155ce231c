"""Make the plan of a workload."""

from __future__ import annotations

from dataclasses import dataclass

from containerize.content_store import ContentStore
from containerize.image.secret_search import ImageSearch
from containerize.plan.collect_workload import collect_workload
from containerize.plan.model import ImagePlan
from containerize.plan.request import PlanRequest, Reporting
from inventory.transports.transport import Transport


@dataclass(frozen=True)
class PlannedBuild:
    """A plan, how many bytes the host sent for it, and the search that its image must pass."""

    plan: ImagePlan
    fetched: int
    search: ImageSearch


def make_plan(
    request: PlanRequest, transport: Transport, content: ContentStore, reporting: Reporting | None = None
) -> PlannedBuild:
    """Ask the host and make the plan. All content of the plan is in ``content`` when ``request.fetch`` was set. Raises
    HostError, WorkspaceError and NoProgramFile.
    """
    reporting = reporting or Reporting()
    gathered = collect_workload(request, transport, content, reporting)
    if request.fetch:
        reporting.step("content")
        gathered.reader.fetch_all()
    gathered = gathered.settled()
    return PlannedBuild(gathered.plan(), gathered.reader.fetched, gathered.search)
