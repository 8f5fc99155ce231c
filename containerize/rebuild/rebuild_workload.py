"""Rebuild a workload: its Containerfile, and its image where an engine has the base."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, cast

from assess.subjects.host_facts import HostFacts
from containerize.build.builder import IMAGE, OPENED, REBUILD, BuildFolders
from containerize.content_store import writing
from containerize.host.file_tree import FileEntry, HostTree
from containerize.image.package_lists import PACKAGE_LISTS
from containerize.image.package_records import DATABASE
from containerize.image.secret_search import SecretInImage
from containerize.plan.collect_workload import collect_workload
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import BuiltImage, EntryKind, ImagePlan, LayerName, PlannedFile
from containerize.plan.plan_json import save_build, save_plan
from containerize.plan.request import PlanRequest, Reporting
from containerize.rebuild.archive_import import import_archive
from containerize.rebuild.base_images import Base, Manager, base_of
from containerize.rebuild.baseline import Baseline
from containerize.rebuild.build_context import write_context
from containerize.rebuild.containerfile import containerfile, on_packages, packages_only
from containerize.rebuild.engine_builder import EngineBuilder
from containerize.rebuild.expected_image import expected_image
from containerize.rebuild.host_records import PackageRecords, read_records
from containerize.rebuild.recipe import Recipe
from containerize.rebuild.recipe_draft import draft, take_content
from containerize.rebuild.recipe_refinement import refine
from containerize.runtimes.runtime import RuntimeFailed, RuntimeUnavailable
from containerize.secret_values.workload_secrets import WorkloadSecrets
from inventory.errors import BrownfieldError
from inventory.observation import value_or_none
from inventory.transports.transport import Transport

_MANAGERS: dict[str, Manager] = {"dpkg": "apt", "rpm": "dnf", "apk": "apk"}
_KIND: Mapping[str, EntryKind] = {"f": "file", "d": "directory", "l": "symlink"}
_UNSEEN = "comes with the base image or with a package"


class NoBase(BrownfieldError):
    """No public image is known for the host's distribution; the sentence says what to do."""


@dataclass(frozen=True)
class Rebuilt:
    """The result of a rebuild. ``built`` is None when no image was made, and ``reason`` says why. ``fetched`` is in
    bytes; ``lacking`` are paths that the service uses on its host and the image lacks.
    """

    plan: ImagePlan
    recipe: Recipe
    folder: Path
    fetched: int
    built: BuiltImage | None
    reason: str = ""
    lacking: tuple[str, ...] = ()
    secrets: WorkloadSecrets = field(default_factory=WorkloadSecrets, repr=False)


def chosen_base(host: HostFacts, image: str = "") -> Base:
    """The base for a host; ``image`` is one that a person wants in its place. Raises NoBase."""
    system = value_or_none(host.snapshot.system)
    distribution = system.distribution if system else None
    known = base_of(distribution.id, distribution.version) if distribution else None
    if known is not None:
        # A custom image already points to its package sources.
        return Base(image, known.manager) if image else known
    packages = value_or_none(host.snapshot.packages)
    manager = _MANAGERS.get(packages.manager if packages else "")
    if not image or manager is None:
        what = distribution.pretty_name if distribution else "its distribution"
        raise NoBase(
            f"no public base image of {what} is known; name one of yours with --base-image, or use assess build"
        )
    return Base(image, manager)


def rebuild_workload(
    request: PlanRequest,
    transport: Transport,
    places: BuildFolders,
    engine: EngineBuilder | None,
    reporting: Reporting,
    *,
    base_image: str = "",
    unavailable: str = "",
) -> Rebuilt:
    """Write the folder ``rebuild`` of a build and, where ``engine`` has the base, its image.

    Raises HostError, WorkspaceError, ContentMismatch, NoBase, SecretInImage. What the engine rejects is not an error:
    the Containerfile is there all the same. ``unavailable`` is why there is no engine.
    """
    base = chosen_base(request.host, base_image)
    store = places.store
    gathered = collect_workload(replace(request, fetch=False), transport, store, reporting)
    reporting.step("changed files")
    take_content(gathered)
    gathered = gathered.settled()
    plan = gathered.plan()
    # Records of packages are read here and not copied.
    secrets = tuple(each for each in plan.secrets if not each.path.startswith(DATABASE))
    image = f"{plan.image.rpartition(':')[0]}:rebuild"
    plan = replace(plan, mode="rebuild", image=image, secrets=secrets)
    recipe, records = draft(gathered, plan, base), read_records(gathered)
    folder = places.build / REBUILD
    unfinished = Rebuilt(plan, recipe, folder, gathered.reader.fetched, None, unavailable, secrets=gathered.known)
    run = _EngineRun(engine, places, gathered, plan, recipe, records, reporting) if engine is not None else None
    try:
        if run is not None:
            return run.finished(unfinished)
    except (RuntimeFailed, RuntimeUnavailable) as error:
        unfinished = replace(unfinished, recipe=run.recipe if run else recipe, reason=str(error))
    if not unfinished.recipe.compared:
        expected = expected_image(gathered, plan, unfinished.recipe, records)
        recipe = refine(unfinished.recipe, gathered, plan, expected, records, compared=False)
        _write(folder, recipe, plan, gathered)
        unfinished = replace(unfinished, recipe=recipe)
    return unfinished


@dataclass
class _EngineRun:
    """A rebuild by an engine. ``recipe`` is refined as soon as base and packages are known."""

    engine: EngineBuilder
    places: BuildFolders
    gathered: CollectedWorkload
    plan: ImagePlan
    recipe: Recipe
    records: PackageRecords
    reporting: Reporting

    def finished(self, unfinished: Rebuilt) -> Rebuilt:
        """Return ``unfinished`` with the image. Raises RuntimeFailed, RuntimeUnavailable and SecretInImage."""
        base, folder = self.recipe.base, self.places.build / REBUILD
        below = self.engine.layers_of(base.image)
        self.recipe = replace(self.recipe, base=replace(base, digest=self.engine.digest_of(base.image)))
        self.reporting.step("base and packages")
        first = self._packages()
        self.reporting.step("what is different")
        self.recipe = refine(self.recipe, self.gathered, self.plan, self.engine.files(first), self.records)
        _write(folder, self.recipe, self.plan, self.gathered)
        self.reporting.step("image")
        packages = self._packages()  # the engine remembers what it made before
        text = self.gathered.known.text(on_packages(self.recipe, self.plan, packages))
        reference = self.engine.build(folder, "image", text)
        self.reporting.step("what came out")
        made = self.engine.files(reference)
        names: list[LayerName] = ["base"] * len(below)
        names += ["packages"] * (len(self.engine.layers_of(packages)) - len(below))
        built, plan = self._keep(reference, made, names)
        lacking = tuple(_lacking(self.gathered, made))
        return replace(unfinished, plan=plan, recipe=self.recipe, built=built, reason="", lacking=lacking)

    def _packages(self) -> str:
        """The name of an image with base and packages alone."""
        with tempfile.TemporaryDirectory(prefix="assess-") as place:
            text = packages_only(self.recipe, self.plan)
            write_context(Path(place) / REBUILD, text, (), (), self.places.store)
            return self.engine.build(Path(place) / REBUILD, "packages")

    def _keep(self, reference: str, made: Baseline, names: Sequence[LayerName]) -> tuple[BuiltImage, ImagePlan]:
        """Bring the image into the workspace, with a plan that says what is really in it."""
        places, search, plan = self.places, self.gathered.search, self.plan
        files = dict(_files(plan, self.recipe, made))
        for place in (place for known in PACKAGE_LISTS for place in known.places if place in files):
            if (listed := self.engine.read(reference, place)) is not None:
                files[place] = replace(files[place], digest=places.store.put(listed), size=len(listed))
        plan = replace(
            plan, files=tuple(files[path] for path in sorted(files)), notes=(*plan.notes, *self.recipe.notes)
        )
        with tempfile.TemporaryFile() as archive:
            self.engine.save(reference, cast(IO[bytes], archive))
            archive.seek(0)
            built = import_archive(
                cast(IO[bytes], archive),
                places.build / IMAGE,
                plan,
                names,
                lambda layout: search.check(plan, layout, places.store),
            )
        with writing(places.build):
            (places.build / OPENED).unlink(missing_ok=True)
        save_plan(places.build, plan)
        save_build(places.build, built)
        return built, plan


def _write(folder: Path, recipe: Recipe, plan: ImagePlan, gathered: CollectedWorkload) -> None:
    text = gathered.known.text(containerfile(recipe, plan))
    write_context(folder, text, recipe.files, recipe.parents, gathered.content)
    try:
        gathered.search.check_folder(plan.workload, folder)
    except SecretInImage:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _files(plan: ImagePlan, recipe: Recipe, made: Baseline) -> list[tuple[str, PlannedFile]]:
    """The files of the image, with the reason that the host gave."""
    known = {file.path: file for file in plan.files}
    ours = {file.path for file in (*recipe.files, *recipe.links, *recipe.directories)}
    found = []
    for path, each in made.items():
        if each.kind == "o":
            continue
        planned = known.get(path)
        layer: LayerName = "application" if path in ours else "packages"
        xattrs = (("security.capability", each.capability),) if each.capability else ()
        found.append((
            path,
            PlannedFile(
                path=path,
                kind=_KIND[each.kind],
                mode=each.mode,
                uid=each.uid,
                gid=each.gid,
                mtime=0,
                size=each.size,
                digest=each.digest,
                link=each.link,
                layer=layer,
                reason=planned.reason if planned else _UNSEEN,
                xattrs=xattrs,
                also=planned.also if planned else (),
            ),
        ))  # fmt: skip
    return found


def _lacking(gathered: CollectedWorkload, made: Baseline) -> list[str]:
    """Paths that something was seen or said to use on the host, and that the image has not under any name."""
    tree = HostTree(
        {
            path: FileEntry(each.kind, each.mode, each.uid, each.gid, each.size, 0, -1, "", each.link)
            for path, each in made.items()
        }
    )
    skip = set(gathered.reader.secrets) | set(gathered.reader.missing)
    used = (path for path in gathered.file_set.used if path in gathered.file_set.claims and path not in skip)
    return sorted(
        path for path in used if tree.resolve(path) is None and not path.startswith(("/run/", "/dev/", "/proc/"))
    )
