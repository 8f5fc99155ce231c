"""Rebase one build and pilot the result, for ``assess rebase``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assess.model import Workload
from containerize.build.artifacts import profile_beside, write_artifacts
from containerize.build.builder import IMAGE, OPENED, BuildFolders, finish, remove_leftovers
from containerize.build.traced.pilot_comparison import regressions
from containerize.commands.build_run import EstateBuilder
from containerize.commands.rebase_pilots import PilotBoth
from containerize.content_store import ContentStore, writing
from containerize.image.write_image import layer_blobs, write_image
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.pilot.result_json import save_pilot
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.plan.plan_json import load_build, load_plan
from containerize.rebase.outcome import PilotVerdicts, RebaseOutcome
from containerize.rebase.overlay_store import OverlayStore
from containerize.rebase.previous_builds import RECORD, go_back, keep, record
from containerize.rebase.rebased_plan import rebase_plan
from containerize.rebase.root_files import open_root

TRIAL = ".rebased"
"""Folder of a build in which the newer image lies until it is proved; what a killed run leaves of it is removed."""


@dataclass(frozen=True)
class Rebasing:
    """Rebases one workload. ``builder`` knows the estate, the workspace and the way to the hosts."""

    builder: EstateBuilder
    workload: Workload
    step: Callable[[str], None] = lambda _words: None

    @property
    def places(self) -> BuildFolders:
        """The folders of the build."""
        workspace = self.builder.workspace
        return BuildFolders(workspace.content, workspace.build(self.workload.host, self.workload.name))

    def look(self, source: str) -> RebaseOutcome:
        """Return the changes without storing anything. Raises BrownfieldError."""
        plan, before = self._built()
        with tempfile.TemporaryDirectory(prefix="assess-") as folder, open_root(source) as root:
            store = OverlayStore(Path(folder), self.places.store)
            return RebaseOutcome(source, rebase_plan(plan, root, store, self.step), before)

    def run(self, source: str, pilots: PilotBoth | None) -> RebaseOutcome:
        """Make the newer image and, when its pilot does as well as that of the older one, put it in its place.

        Without ``pilots`` it takes the place unproved. The workspace must be held. Raises BrownfieldError; the older
        image then stays as it was.
        """
        places = self.places
        remove_leftovers(self.builder.workspace.content, self.builder.workspace.path / "builds")
        plan, before = self._built()
        store: ContentStore = places.store
        with open_root(source) as root:
            rebased = rebase_plan(plan, root, store, self.step)
        if not rebased.updates:
            return RebaseOutcome(source, rebased, before)
        try:
            self.step("image")
            built = write_image(rebased.plan, store, places.layers, places.build / TRIAL / IMAGE)
            outcome = _compared(RebaseOutcome(source, rebased, before), built, places)
            results = pilots((plan, before), (rebased.plan, built)) if pilots else None
        finally:
            shutil.rmtree(places.build / TRIAL, ignore_errors=True)
        if results is not None:
            first, second = results
            outcome = replace(outcome, pilots=PilotVerdicts(first.verdict, second.verdict, regressions(first, second)))
            # A pilot that failed before would prove nothing of the newer image.
            if first.verdict is CheckVerdict.FAIL or (outcome.pilots is not None and outcome.pilots.worse):
                return outcome
        self._apply(outcome, results[1] if results else None)
        return replace(outcome, applied=True)

    def back(self) -> tuple[BuiltImage, BuiltImage]:
        """Go back to the image before the last rebase: (the one that was there, the one that is). Raises
        BrownfieldError.
        """
        was, now = go_back(self.places.build)
        self._describe(load_plan(self.places.build), now)
        return was, now

    def _built(self) -> tuple[ImagePlan, BuiltImage]:
        return load_plan(self.places.build), load_build(self.places.build)

    def _apply(self, outcome: RebaseOutcome, result: PilotResult | None) -> None:
        places = self.places
        keep(places.build, outcome.before)
        opened = _read(places.build / OPENED)
        built = finish(outcome.rebased.plan, places)
        with writing(places.build):
            if opened:
                (places.build / OPENED).write_bytes(opened)
            if result is None:
                (places.build / "pilot.json").unlink(missing_ok=True)
            text = record(outcome.rebased, outcome.before, built, outcome.source, outcome.pilots)
            (places.build / RECORD).write_text(text, "utf-8")
        if result is not None:
            save_pilot(places.build, result)
        self._describe(outcome.rebased.plan, built)

    def _describe(self, plan: ImagePlan, built: BuiltImage) -> None:
        estate = self.builder.estate
        seen = profile_beside(plan, self.workload, estate.host(self.workload.host), estate.facts)
        write_artifacts(plan, built, self.places, seen, profile=self.builder.profile)


def package_names(plan: ImagePlan, content: ContentStore) -> tuple[str, ...]:
    """The packages of an image, for whoever makes a newer root file system: ``libc6``, ``libc6:i386``."""
    from containerize.image.image_packages import image_packages

    packages = image_packages(plan, content)
    counted = [each.architecture for each in packages if each.architecture != "all"]
    native = max(set(counted), key=counted.count, default="")
    return tuple(
        each.name if each.architecture in ("all", native) else f"{each.name}:{each.architecture}" for each in packages
    )


def _compared(outcome: RebaseOutcome, built: BuiltImage, places: BuildFolders) -> RebaseOutcome:
    """With the newer image, its layers that are others now, and those that are not."""
    known = {layer.digest for layer in layer_blobs(places.build / IMAGE, outcome.before.digest)}
    layers = layer_blobs(places.build / TRIAL / IMAGE, built.digest)
    return replace(
        outcome,
        built=built,
        changed=tuple(layer for layer in layers if layer.digest not in known),
        unchanged=tuple(layer for layer in layers if layer.digest in known),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
