"""Build one workload: from its plan to an image on disk."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from assess.model import Workload
from assess.subjects.host_facts import HostFacts
from containerize.content_store import ContentStore, writing
from containerize.emitters.emission import WrittenFile
from containerize.image.secret_search import ImageSearch
from containerize.image.write_image import write_image
from containerize.plan.make_plan import make_plan
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.plan.plan_json import save_build, save_plan
from containerize.plan.request import PlanRequest, Reporting
from containerize.secret_values.workload_secrets import WorkloadSecrets
from inventory.transports.transport import Transport

IMAGE = "image"
"""Name of the OCI layout within the folder of a build."""

REBUILD = "rebuild"
"""Name of the folder of a Containerfile and its context within the folder of a build; a lifted image has none."""

OPENED = "opened.json"
"""What the pilot of an observed image was seen to open; other levels have none."""

PARTIAL_DAYS = 7
"""How long the beginning of a blob waits for the rest."""


@dataclass(frozen=True)
class BuildFolders:
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
    """The result of a build. ``fetched`` is in bytes sent by the host; ``plan`` holds the details. ``written`` are the
    files next to the image, each with its emitter; () until they are written. ``secrets`` are values that these must
    not show.
    """

    built: BuiltImage
    plan: ImagePlan
    fetched: int
    written: tuple[WrittenFile, ...] = ()
    secrets: WorkloadSecrets = field(default_factory=WorkloadSecrets, repr=False)


def build_workload(
    request: PlanRequest, transport: Transport, places: BuildFolders, reporting: Reporting | None = None
) -> BuildResult:
    """Build one workload. Raises HostError, WorkspaceError, ContentMismatch or SecretInImage; an older build then stays
    as it was.

    For the level ``observed`` this is the image that is piloted to see what it uses (see
    :mod:`containerize.build.traced.traced_builder`).
    """
    reporting = reporting or Reporting()
    planned = make_plan(request, transport, places.store, reporting)
    reporting.step("image")
    built = finish(planned.plan, places, planned.search)
    return BuildResult(built, planned.plan, planned.fetched, secrets=planned.search.secrets)


def finish(plan: ImagePlan, places: BuildFolders, search: ImageSearch | None = None) -> BuiltImage:
    """Write the image of a plan; the files next to it come from :mod:`containerize.build.artifacts`.

    Raises WorkspaceError, ContentMismatch or SecretInImage.
    """
    built = write_image(plan, places.store, places.layers, places.build / IMAGE, search)
    with writing(places.build):
        (places.build / OPENED).unlink(missing_ok=True)
        shutil.rmtree(places.build / REBUILD, ignore_errors=True)
    save_plan(places.build, plan)
    save_build(places.build, built)
    return built


def remove_leftovers(content: Path, builds: Path) -> None:
    """Remove what a run that was killed left half-made: blobs without a name, layers and layouts that are not whole,
    and beginnings of blobs that were never resumed.
    """
    forgotten = time.time() - PARTIAL_DAYS * 86400
    for path in content.glob("partial/*"):
        if path.stat().st_mtime < forgotten:
            path.unlink(missing_ok=True)
    for path in (*content.glob("tmp/*"), *content.glob("layers/.layer-*"), *builds.glob("*/*/.*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def companions_of(workload: Workload, host: HostFacts) -> tuple[Workload, ...]:
    """The workloads of the same host that must share its container, and those that must share it with these, in a fixed
    order.
    """
    by_id = {each.id: each for each in host.workloads}
    found: dict[str, Workload] = {}
    todo = list(workload.inseparable)
    while todo:
        name = todo.pop(0)
        if name in by_id and name != workload.id and name not in found:
            found[name] = by_id[name]
            todo.extend(by_id[name].inseparable)
    return tuple(found.values())
