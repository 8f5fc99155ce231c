"""``assess explain``: why a workload is judged as it is, or what a rule means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.completion import complete_any
from assess.commands.shared_options import prioritize_option, scan_option, target_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from assess.assessment import Assessment
    from assess.model import Finding, WorkloadAssessment

_FIELDS = (
    "schema_version", "workloads", "families", "findings", "undetermined", "port_plan", "placements", "dependencies",
    "applications",
)  # fmt: skip
"""Fields of the export that say something about one workload."""


@command(
    example="""
    assess explain privileged-port
    assess explain web01/apache2
    assess explain 'web*'
    """
)
@click.argument("what", metavar="RULE|HOST|HOST/WORKLOAD|PATTERN", shell_complete=complete_any)
@scan_option
@prioritize_option
@target_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def explain(what: str, scan: int | None, prioritize: str | None, targets: tuple[str, ...], as_json: bool) -> None:
    """Explain a rule, or the verdicts on workloads: every finding with its evidence and remedy, and the plan.

    A name without a slash is a rule or a host; of a host, all services are explained. Findings name the container host
    that they hold for, unless they hold for all.
    """
    import json

    from assess.commands.matching import is_rule, matching_workloads
    from assess.pipeline import assess_scan
    from inventory.store.chosen_scan import chosen_scan
    from reports.terminal.tables import results

    if is_rule(what):
        from assess.commands.rules import show_rule

        show_rule(what, as_json=as_json)
        return
    with open_store(open_workspace()) as store:
        assessment = assess_scan(store, chosen_scan(store, scan), prioritize=prioritize, targets=targets)
    known = {each.workload.id: each for each in assessment.workloads}
    if "/" not in what:
        known = {name: each for name, each in known.items() if each.workload.kind == "service"}
    chosen = [known[name] for name in matching_workloads(what, known)]
    if as_json:
        documents = list(_documents(assessment, [each.workload.id for each in chosen]))
        several = len(documents) > 1 or "/" not in what
        click.echo(json.dumps({"explained": documents} if several else documents[0], indent=2))
        return
    console = results()
    for number, each in enumerate(chosen):
        if number:
            console.print()
        _print(assessment, each, console)


def _documents(assessment: Assessment, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """The parts of the export that are about each workload, in its form."""
    from assess.export.export_document import to_document

    document = to_document(assessment, *_FIELDS)
    for name in names:
        yield {
            "schema_version": document["schema_version"],
            "workload": next(each for each in document["workloads"] if each["id"] == name),
            "family": next((each for each in document["families"] if name.partition("/")[0] in each["hosts"]), None),
            "findings": [each for each in document["findings"] if each["workload"] == name],
            "undetermined": [each for each in document["undetermined"] if each["workload"] == name],
            "port_plan": [each for each in document["port_plan"] if each["workload"] == name],
            "placements": [each for each in document["placements"] if name in each["workloads"]],
            "dependencies": [each for each in document["dependencies"] if name in (each["client"], each["server"])],
            "applications": [each for each in document["applications"] if name in each["members"]],
        }


def _print(assessment: Assessment, each: WorkloadAssessment, console: Console) -> None:
    from assess.collection_commands import commands_of
    from assess.model import Severity
    from reports.terminal.tables import safe
    from reports.view.labels import SEVERITIES, VERDICTS, percent

    workload = each.workload
    console.print(safe(workload.id, style="bold"))
    if workload.kind != "service":
        console.print(safe(f"a function of its host: {workload.purpose}"))
        return
    label = VERDICTS[each.verdict].label
    console.print(safe(f"{label}, score {each.score}, confidence {percent(each.confidence)}"))
    if capped := _capped(assessment, each):
        console.print(safe(capped, longest=600))
    console.print(safe(f"runs {workload.main.command}"))
    console.print(safe(f"why this name: {workload.named_by}"))
    for fit in each.fits:
        console.print(safe(f"on {fit.target}: {VERDICTS[fit.verdict].label.lower()}, score {fit.score}"))
    order = list(Severity)
    for finding in sorted(each.findings, key=lambda one: order.index(one.severity)):
        _print_finding(finding, SEVERITIES[finding.severity].label, console)
    if each.undetermined:
        console.print()
        console.print(safe("Could not be decided", style="bold"))
        for undecided in each.undetermined:
            console.print(safe(f"  {undecided.name} ({undecided.rule}): {undecided.reason}"))
        sections = dict.fromkeys(each.section for each in each.undetermined)
        host = next(host for host in assessment.hosts if host.snapshot.host == workload.host).snapshot
        commands = commands_of(host, assessment.inventory)
        for command in dict.fromkeys(commands[section] for section in sections if section in commands):
            console.print(safe(f"  Collect what was not observed with: {command}"))
    _print_plan(assessment, workload.id, console)


def _capped(assessment: Assessment, each: WorkloadAssessment) -> str:
    """The reason why the confidence can be no higher, "" where nothing caps it."""
    from assess.knowledge.system_families import family_of
    from reports.view.labels import capped

    host = next(host for host in assessment.hosts if host.snapshot.host == each.workload.host)
    return capped(family_of(host.snapshot))


def _print_finding(finding: Finding, label: str, console: Console) -> None:
    from reports.terminal.tables import safe

    where = f" on {finding.target}" if finding.target else ""
    console.print()
    console.print(safe(f"{label}{where}: {finding.message}", style="bold", longest=600))
    for evidence in finding.evidence:
        origin = evidence.origin
        place = f" [{origin.section}/{origin.part}:{origin.line}]" if origin else ""
        console.print(safe(f"  {evidence.fact}{place}"))
        if evidence.text and evidence.text not in evidence.fact:
            console.print(safe(f"    {evidence.text.strip()}", style="dim"))
    console.print(safe(f"  Remedy: {finding.remedy}", longest=1000))
    console.print(safe(f"  Rule: {finding.name} ({finding.rule})", style="dim"))


def _print_plan(assessment: Assessment, name: str, console: Console) -> None:
    from assess.planning.placement.placement_problem import PortMethod
    from reports.terminal.tables import safe

    plan = assessment.plan
    if plan is None:
        return
    lines = [
        f"goes to {placement.target} no. {placement.server}"
        for placement in plan.placements
        if name in placement.workloads
    ]
    lines += [
        f"port {port.wished}/{port.transport}: {port.way}"
        + (f", {port.number}" if port.way == PortMethod.MOVED else "")
        for port in plan.ports
        if port.workload == name
    ]
    application = next((each for each in plan.applications if name in each.members), None)
    for wave in plan.waves:
        for move in wave.moves:
            if application is not None and move.application == application.name:
                lines.append(f"moves in wave {wave.number}: {move.reason}")
    lines += [f"{each.topic}: {each.text} ({each.because})" for each in plan.advice.get(name, ())]
    lines += [f"depends on {edge.server}: {edge.evidence.fact}" for edge in plan.dependencies if edge.client == name]
    lines += [f"{edge.client} depends on it: {edge.evidence.fact}" for edge in plan.dependencies if edge.server == name]
    if lines:
        console.print()
        console.print(safe("Plan", style="bold"))
        for line in lines:
            console.print(safe(f"  {line}"))
