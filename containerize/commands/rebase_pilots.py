"""Pilot the image before and after a rebase, for ``assess rebase``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from assess.model import Workload
from containerize.commands.build_run import EstateBuilder
from containerize.commands.pilot_candidates import candidate_of, say_needs
from containerize.commands.traced_run import peers_of
from containerize.pilot.pilot_run import Pilot
from containerize.pilot.result import PilotResult
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.runtimes import choose
from inventory.errors import InventoryError
from inventory.transports import connect

Image = tuple[ImagePlan, BuiltImage]
"""An image with its plan."""

PilotBoth = Callable[[Image, Image], tuple[PilotResult, PilotResult]]
"""Pilots the older image and the newer one; raises BrownfieldError."""


@dataclass(frozen=True)
class EnginePilots:
    """Pilots on a runtime, the one named ``runtime`` or the first that works."""

    builder: EstateBuilder
    workload: Workload
    runtime: str | None
    step: Callable[[str], None] = lambda _words: None

    def __call__(self, older: Image, newer: Image) -> tuple[PilotResult, PilotResult]:
        """Pilot both images with the same peers: what is compared differs in nothing else."""
        builder, workload = self.builder, self.workload
        host = builder.hosts.get(workload.host)
        if host is None:
            raise InventoryError(f"{workload.host} is not in {builder.estate.scan.inventory} any more")
        folder = builder.workspace.build(workload.host, workload.name)
        before = candidate_of(builder.estate, folder, *older, host, workload)
        after = replace(before, plan=newer[0], built=newer[1])
        peers = peers_of(builder, [before])
        say_needs([before, *peers])
        chosen = choose(self.runtime)
        try:
            found = []
            for candidate, words in (
                (before, "the pilot of the image as it is"),
                (after, "the pilot of the newer one"),
            ):
                self.step(words)
                pilot = Pilot(
                    chosen,
                    lambda each: connect(each, builder.connecting),
                    self.step,
                    attribution=builder.estate.attribution(),
                )
                results = pilot.run([candidate, *peers])
                found.append(next(each for each in results if each.workload == workload.id))
        finally:
            chosen.close()
        return found[0], found[1]
