"""Run the pilots of the level ``observed``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from containerize.build.builder import BuildFolders, BuildResult
from containerize.build.traced.traced_builder import TracedBuilder
from containerize.commands.pilot_candidates import candidate_of, say_needs
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.start_order import dependencies
from containerize.plan.plan_json import load_build, load_plan
from containerize.plan.request import Reporting
from containerize.runtimes import choose
from inventory.errors import BrownfieldError, WorkspaceError
from inventory.transports import connect

if TYPE_CHECKING:
    from containerize.commands.build_run import BuildOutcome, EstateBuilder


def observe(builder: EstateBuilder, outcome: BuildOutcome, runtime: str | None) -> None:
    """Pilot what was built, make it smaller and pilot it again; ``outcome`` then tells of what stays. What cannot be
    made smaller is a failure that names the image which stays.
    """
    candidates = [_candidate(builder, result) for result in outcome.built.values()]
    peers = peers_of(builder, candidates)
    say_needs([*candidates, *peers])
    first = builder.watch(candidates[0].workload) if candidates[0].workload else Reporting()
    try:
        chosen = choose(runtime)
        try:
            observing = TracedBuilder(
                chosen,
                lambda host: connect(host, builder.connecting),
                lambda name: _places(builder, name),
                first.step,
                builder.estate.attribution(),
            )
            found = observing.run(candidates, peers)
        finally:
            chosen.close()
    except BrownfieldError as error:
        outcome.failed.update(dict.fromkeys(outcome.built, f"{error}; the lean image stays"))
        return
    for name, each in found.items():
        if each.built is None:
            outcome.failed[name] = each.words
        else:
            outcome.built[name] = replace(outcome.built[name], built=each.built, plan=each.plan, written=())
            outcome.remarks[name] = [each.words]


def _candidate(builder: EstateBuilder, result: BuildResult) -> Candidate:
    workload = next(each for each in builder.estate.find(result.plan.workload))
    folder = builder.workspace.build(workload.host, workload.name)
    return candidate_of(builder.estate, folder, result.plan, result.built, builder.hosts[workload.host], workload)


def peers_of(builder: EstateBuilder, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that the candidates talk to and that were built before. The pilot says who is missing."""
    known = {each.plan.workload for each in candidates}
    found: list[Candidate] = []
    todo = [each.plan for each in candidates]
    while todo:
        for name in dependencies(todo.pop()):
            host, _, service = name.partition("/")
            if name in known or host not in builder.hosts:
                continue
            known.add(name)
            folder = builder.workspace.build(host, service)
            try:
                plan, built = load_plan(folder), load_build(folder)
                workload = next(iter(builder.estate.find(name)), None)
                found.append(candidate_of(builder.estate, folder, plan, built, builder.hosts[host], workload))
            except (WorkspaceError, BrownfieldError):
                continue
            todo.append(plan)
    return found


def _places(builder: EstateBuilder, name: str) -> BuildFolders:
    host, _, service = name.partition("/")
    return BuildFolders(builder.workspace.content, builder.workspace.build(host, service))
