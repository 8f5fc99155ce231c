"""The level ``observed``: pilot an image under tracing, reduce it to the opened files, and pilot the result.

The smaller image takes the place of the larger only when its pilot does as well. Otherwise a wider one is tried, with
the whole of the packages that were used; when that does worse too, the larger stays, and it is said what went wrong.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from containerize.build.builder import IMAGE, OPENED, BuildFolders, finish
from containerize.build.traced.package_database import with_packages_of
from containerize.build.traced.pilot_comparison import regressions
from containerize.build.traced.reduction import Breadth, observed_plan, stems_of
from containerize.build.traced.traced_runtime import TracedRuntime
from containerize.content_store import writing
from containerize.image.write_image import write_image
from containerize.pilot.pilot_addresses import NOTHING_KNOWN, Attribution
from containerize.pilot.pilot_run import Connect, Pilot
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.pilot.result_json import save_pilot
from containerize.pilot.start_order import dependencies
from containerize.plan.model import BuiltImage, ImagePlan, PlannedFile
from containerize.runtimes.runtime import Runtime

TRIAL = ".observed"
"""Folder of a build in which the smaller image lies until it is proved; what a killed run leaves of it is removed by
the next build."""


_BREADTHS: tuple[Breadth, ...] = ("opened", "packages")
"""Tried in this order, until a pilot does as well as the first."""


@dataclass(frozen=True)
class TracedBuild:
    """The result for one workload. ``built`` is None when the larger image stays; ``words`` give the reason or the
    result.
    """

    plan: ImagePlan
    built: BuiltImage | None
    words: str


@dataclass
class _Trial:
    """One workload on its way. ``smaller`` is None before it was tried and after that was given up."""

    whole: Candidate
    first: PilotResult
    opened: frozenset[str]
    breadth: int = 0
    smaller: Candidate | None = None
    second: PilotResult | None = None
    worse: tuple[str, ...] = ()
    done: bool = False

    @property
    def name(self) -> str:
        return self.whole.plan.workload


@dataclass(frozen=True)
class TracedBuilder:
    """Does it for several workloads that are piloted together. ``places`` gives the folders of each by its id."""

    runtime: Runtime
    connect: Connect
    places: Callable[[str], BuildFolders]
    step: Callable[[str], None] = lambda _words: None
    attribution: Attribution = NOTHING_KNOWN

    def run(self, candidates: Sequence[Candidate], peers: Sequence[Candidate]) -> dict[str, TracedBuild]:
        """Observe ``candidates``; ``peers`` run along, because these talk to them. Raises TracingUnavailable and
        RuntimeFailed.
        """
        self.step("the first pilot, traced")
        with TracedRuntime(self.runtime) as traced:
            first = _by_id(
                Pilot(traced, self.connect, self.step, attribution=self.attribution).run([*candidates, *peers])
            )
            opened = {each.plan.workload: traced.opened(each.plan.workload) for each in candidates}
        trials = {
            each.plan.workload: _Trial(each, first[each.plan.workload], opened[each.plan.workload])
            for each in candidates
        }
        try:
            for trial in trials.values():
                # What failed before shows little of what the service uses.
                trial.done = trial.first.verdict is CheckVerdict.FAIL
            while pending := [trial for trial in trials.values() if not trial.done]:
                self._round(pending, trials, peers)
            return {trial.name: self._finish(trial) for trial in trials.values()}
        finally:
            for trial in trials.values():
                shutil.rmtree(self.places(trial.name).build / TRIAL, ignore_errors=True)

    def _round(self, pending: Sequence[_Trial], trials: Mapping[str, _Trial], peers: Sequence[Candidate]) -> None:
        """Try smaller images of all that are pending, together with whom they talk to."""
        for trial in pending:
            trial.smaller = self._smaller(trial)
        self.step(f"the pilot of what was used by {', '.join(trial.name for trial in pending)}")
        others = {each.plan.workload: each for each in peers}
        others |= {trial.name: trial.smaller or trial.whole for trial in trials.values() if trial.done}
        running = [each for trial in pending if (each := trial.smaller) is not None]
        pilot = Pilot(self.runtime, self.connect, self.step, attribution=self.attribution)
        results = _by_id(pilot.run([*running, *_needed(running, others)]))
        for trial in pending:
            trial.second = results[trial.name]
            trial.worse = regressions(trial.first, results[trial.name])
            trial.done = not trial.worse
        failed = {trial.name for trial in pending if not trial.done}
        # Who misses another is not to blame, unless they all miss each other.
        to_blame = [trial for trial in pending if not trial.done and not failed & set(dependencies(trial.whole.plan))]
        for trial in to_blame or [trial for trial in pending if not trial.done]:
            trial.breadth += 1
            if trial.breadth == len(_BREADTHS):
                trial.done, trial.smaller = True, None

    def _smaller(self, trial: _Trial) -> Candidate:
        whole, places = trial.whole, self.places(trial.name)
        day = time.strftime("%Y-%m-%d", time.gmtime(trial.first.started))
        store = places.store
        breadth = _BREADTHS[trial.breadth]

        def read(file: PlannedFile) -> bytes:
            return store.read(file.digest)

        plan = observed_plan(whole.plan, trial.opened, day, read, breadth)
        plan = with_packages_of(plan, stems_of(whole.plan, plan, read), store)
        if trial.first.verdict is not CheckVerdict.PASS:
            words = f"its files were traced in a pilot with undecided checks: {_failure(trial.first)}"
            plan = replace(plan, notes=(*plan.notes, words))
        built = write_image(plan, store, places.layers, places.build / TRIAL / IMAGE)
        return replace(whole, plan=plan, built=built)

    def _finish(self, trial: _Trial) -> TracedBuild:
        places, plan = self.places(trial.name), trial.whole.plan
        if trial.smaller is None or trial.second is None:
            save_pilot(places.build, trial.first)
            if trial.second is None:
                words = f"its pilot as {plan.level} failed, so its files were not traced; {_failure(trial.first)}"
            else:
                words = f"the image of what was used did worse in its pilot, and the {plan.level} one stays; "
                words += "; ".join(trial.worse)
            return TracedBuild(plan, None, words)
        built = finish(trial.smaller.plan, places)
        save_pilot(places.build, trial.second)
        _save(places.build / OPENED, trial.opened, trial.first)
        breadth = "what was used" if trial.breadth == 0 else "what was used and the rest of those packages"
        words = f"its pilot with only {breadth} did as well as the one before: {trial.second.verdict}"
        return TracedBuild(trial.smaller.plan, built, words)


def _needed(running: Sequence[Candidate], others: Mapping[str, Candidate]) -> list[Candidate]:
    """Those of ``others`` that the running ones talk to, and those that these talk to."""
    found: dict[str, Candidate] = {}
    todo = list(running)
    while todo:
        for name in dependencies(todo.pop().plan):
            if name in others and name not in found:
                found[name] = others[name]
                todo.append(others[name])
    return list(found.values())


def _by_id(results: Sequence[PilotResult]) -> dict[str, PilotResult]:
    return {each.workload: each for each in results}


def _failure(result: PilotResult) -> str:
    checks = [each for each in result.checks if each.verdict is not CheckVerdict.PASS]
    return "; ".join(f"{each.name}: {each.actual}" for each in checks[:3]) or "no check was made"


def _save(path: Path, opened: frozenset[str], first: PilotResult) -> None:
    document = {
        "schema": "brownfield.opened/1",
        "workload": first.workload,
        "digest": first.digest,
        "runtime": first.runtime,
        "started": first.started,
        "opened": sorted(opened),
    }
    with writing(path):
        path.write_text(json.dumps(document, indent=1) + "\n", "utf-8", errors="surrogateescape")
