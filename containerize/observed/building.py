"""The level ``observed``: pilot an image while its containers are traced, keep what they opened, and pilot that.

The smaller image takes the place of the larger only when its pilot does as well. Otherwise the larger stays, and it is
said what the smaller did worse.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from containerize.builder import IMAGE, Places, finish
from containerize.content import writing
from containerize.image import write_image
from containerize.observed.comparison import worse_in
from containerize.observed.reduction import observed_plan
from containerize.observed.traced_runtime import TracedRuntime
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.pilot.result_json import save_pilot
from containerize.pilot.run import Candidate, Connect, Pilot
from containerize.plan import BuiltImage, Plan
from containerize.runtimes.runtime import Runtime

TRIAL = ".observed"
"""Folder of a build in which the smaller image lies until it is proved; what a killed run leaves of it is removed by
the next build."""


@dataclass(frozen=True)
class Observed:
    """What became of one workload. ``built`` is None when the larger image stays; ``words`` say why, or how it went."""

    plan: Plan
    built: BuiltImage | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class Observing:
    """Does it for several workloads that are piloted together. ``places`` gives the folders of each by its id."""

    runtime: Runtime
    connect: Connect
    places: Callable[[str], Places]
    step: Callable[[str], None] = lambda _words: None

    def run(self, candidates: Sequence[Candidate], peers: Sequence[Candidate]) -> dict[str, Observed]:
        """Observe ``candidates``; ``peers`` run along, because these talk to them. Raises TracingUnavailable and
        RuntimeFailed.
        """
        self.step("the first pilot, traced")
        began = time.time()
        with TracedRuntime(self.runtime) as traced:
            first = _by_id(Pilot(traced, self.connect, self.step).run([*candidates, *peers]))
            opened = {each.plan.workload: traced.opened(each.plan.workload) for each in candidates}
        found: dict[str, Observed] = {}
        trials: list[Candidate] = []
        for each in candidates:
            name = each.plan.workload
            save_pilot(self.places(name).build, first[name])
            if first[name].verdict is CheckVerdict.FAIL:
                words = f"its pilot as {each.plan.level} failed, which does not show what it uses"
                found[name] = Observed(each.plan, None, (f"{words}; {_failure(first[name])}",))
            else:
                trials.append(self._trial(each, opened[name], first[name], began))
        if trials:
            self.step("the second pilot, of what was used")
            second = _by_id(Pilot(self.runtime, self.connect, self.step).run([*trials, *peers]))
            by_id = {each.plan.workload: each.plan for each in candidates}
            for trial in trials:
                name = trial.plan.workload
                found[name] = self._judged(by_id[name], trial, first[name], second[name])
        return found

    def _trial(self, each: Candidate, opened: frozenset[str], first: PilotResult, began: float) -> Candidate:
        places = self.places(each.plan.workload)
        store, folder = places.store, places.build / TRIAL
        day = time.strftime("%Y-%m-%d", time.gmtime(began))
        plan = observed_plan(each.plan, opened, day, lambda file: store.read(file.digest))
        if first.verdict is not CheckVerdict.PASS:
            plan = replace(
                plan, notes=(*plan.notes, f"what it uses was seen in a pilot that was not complete: {_failure(first)}")
            )
        built = write_image(plan, store, places.layers, folder / IMAGE)
        _save(folder / "opened.json", opened, first)
        return Candidate(plan, built, each.host, each.workload)

    def _judged(self, plan: Plan, trial: Candidate, first: PilotResult, second: PilotResult) -> Observed:
        places = self.places(plan.workload)
        try:
            if worse := worse_in(first, second):
                words = f"the image of what was used did worse in its pilot, and the {plan.level} one stays"
                return Observed(plan, None, ("; ".join((words, *worse)),))
            built = finish(trial.plan, places)
            save_pilot(places.build, second)
            with writing(places.build):
                (places.build / TRIAL / "opened.json").replace(places.build / "opened.json")
        finally:
            shutil.rmtree(places.build / TRIAL, ignore_errors=True)
        words = f"its pilot with only what was used did as well as the one before: {second.verdict}"
        return Observed(trial.plan, built, (words,))


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
