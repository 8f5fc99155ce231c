"""From a workload of the assessment to an image on disk, with its plan and the files to deploy it beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from assess.facts import EstateFacts, HostFacts
from assess.model import Workload
from containerize.content import ContentStore, writing
from containerize.emitters import EMITTERS
from containerize.emitters.emission import Emission, LayerFile
from containerize.image import layer_blobs, write_image
from containerize.plan import BuiltImage, Plan
from containerize.plan_json import save_build, save_plan
from containerize.planning import Reporting, Request, make_plan
from inventory.transports.transport import Transport

IMAGE = "image"
"""Name of the OCI layout within the folder of a build."""


@dataclass(frozen=True)
class Places:
    """Folders of the workspace: ``content`` for blobs and layers, ``build`` for this one workload."""

    content: Path
    build: Path

    @property
    def store(self) -> ContentStore:
        """The content store."""
        return ContentStore(self.content)

    @property
    def layers(self) -> Path:
        """Finished layers by digest, shared by the layouts."""
        return self.content / "layers"


@dataclass(frozen=True)
class BuildResult:
    """What was built. ``fetched`` is how many bytes the host sent; ``plan`` says the rest."""

    built: BuiltImage
    plan: Plan
    fetched: int


def build_workload(
    workload: Workload,
    host: HostFacts,
    estate: EstateFacts,
    transport: Transport,
    places: Places,
    reporting: Reporting | None = None,
    *,
    bytes_per_second: int = 0,
) -> BuildResult:
    """Build one workload. Raises HostError, WorkspaceError or ContentMismatch; an older build then stays as it was."""
    reporting = reporting or Reporting()
    request = Request(workload, companions_of(workload, host), host, estate, bytes_per_second=bytes_per_second)
    plan, reader = make_plan(request, transport, places.store, reporting)
    reporting.step("image")
    built = write_image(plan, places.store, places.layers, places.build / IMAGE)
    save_plan(places.build, plan)
    emit_all(plan, built, places.build)
    save_build(places.build, built)
    return BuildResult(built, plan, reader.fetched)


def remove_leftovers(content: Path, builds: Path) -> None:
    """Remove what a run that was killed left half-made: blobs without a name, layers and layouts that are not whole."""
    for path in (*content.glob("tmp/*"), *content.glob("layers/.layer-*"), *builds.glob("*/*/.*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def companions_of(workload: Workload, host: HostFacts) -> tuple[Workload, ...]:
    """The workloads of the same host that it cannot live without, and those that these cannot, in a fixed order."""
    by_id = {each.id: each for each in host.workloads}
    found: dict[str, Workload] = {}
    todo = list(workload.companions)
    while todo:
        name = todo.pop(0)
        if name in by_id and name != workload.id and name not in found:
            found[name] = by_id[name]
            todo.extend(by_id[name].companions)
    return tuple(found.values())


def emit_all(plan: Plan, built: BuiltImage, folder: Path) -> tuple[Path, ...]:
    """Write what the emitters give into the folder of the build."""
    layers = tuple(
        LayerFile(layer.name, f"{IMAGE}/blobs/sha256/{layer.digest}", layer.entries, layer.package)
        for layer in layer_blobs(folder / IMAGE, built.digest)
    )
    written = []
    for emitter in EMITTERS:
        for path, text in emitter.emit(Emission(plan, built, layers)).items():
            target = folder / path
            with writing(target):
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # A name that is not UTF-8 is shown with question marks; the plan has its bytes.
                target.write_text(text, "utf-8", errors="replace")
            written.append(target)
    return tuple(written)
