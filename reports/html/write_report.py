"""Write the report of an assessment with its builds and pilots."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from assess.assessment import Assessment
from assess.rules import RULES
from containerize.pilot.result import PilotResult
from containerize.plan.model import BuiltImage
from inventory.errors import WorkspaceError
from inventory.store.workspace import Workspace

if TYPE_CHECKING:
    from reports.view.open_decisions import Security

REPORT = "index.html"


def write_report(assessment: Assessment, workspace: Workspace, path: Path | None = None) -> Path:
    """Write the HTML report to ``path`` (default: ``report/index.html`` of the workspace) and return where it is.

    Raises WorkspaceError.
    """
    from reports.html.report_file import write
    from reports.view.page import page_of

    path = path or workspace.report / REPORT
    assessment = in_memory(assessment)
    # The assessment stays to the end of the process. Looking through it again for garbage, as every few thousand new
    # objects would make the collector do, costs more than making the page.
    gc.freeze()
    builds, pilots = proofs(assessment, workspace)
    security = decisions(workspace, builds)
    write(page_of(assessment, RULES, builds, pilots, version("brownfield"), security), path)
    return path


def in_memory(assessment: Assessment) -> Assessment:
    """The assessment of a large estate without its files on disk: who walks through it many times has it at hand."""
    return replace(
        assessment,
        hosts=tuple(assessment.hosts),
        workloads=tuple(assessment.workloads),
        port_plan=tuple(assessment.port_plan),
        findings=tuple(assessment.findings),
    )


def proofs(assessment: Assessment, workspace: Workspace) -> tuple[dict[str, BuiltImage], dict[str, PilotResult]]:
    """Finished builds and pilots of the assessment's workloads, by workload id. What cannot be read is left out: a
    report must not fail because an old result is damaged.
    """
    from containerize.pilot.result_json import load_pilot
    from containerize.plan.plan_json import load_build

    builds: dict[str, BuiltImage] = {}
    pilots: dict[str, PilotResult] = {}
    if not (workspace.path / "builds").is_dir():
        return builds, pilots
    for each in assessment.workloads:
        folder = workspace.build(each.workload.host, each.workload.name)
        try:
            builds[each.workload.id] = load_build(folder)
        except WorkspaceError:
            continue
        if (pilot := load_pilot(folder)) is not None:
            pilots[each.workload.id] = pilot
    return builds, pilots


def decisions(workspace: Workspace, builds: Iterable[str]) -> dict[str, Security]:
    """Needs and grants of each build, by workload id."""
    from containerize.emitters.decisions_json import load_decisions
    from containerize.grants.grants_json import load_grants
    from containerize.grants.model import today
    from reports.view.open_decisions import Security

    found: dict[str, Security] = {}
    for workload in builds:
        folder = workspace.build(*workload.split("/", 1))
        known = Security(today(), load_decisions(folder))
        try:
            found[workload] = replace(known, grants=load_grants(folder))
        except WorkspaceError as error:
            found[workload] = replace(known, unread=str(error))
    return found
