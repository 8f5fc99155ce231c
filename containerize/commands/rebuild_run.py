"""Rebuild workloads host by host, for ``assess rebuild``."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from assess.targets.target_profiles import UnknownTarget, chosen_targets
from containerize.build.builder import REBUILD, BuildFolders, BuildResult, remove_leftovers
from containerize.commands.build_run import BuildOutcome, WrittenRecipe, noting
from containerize.content_store import writing
from containerize.emitters.emission import WrittenFile
from containerize.rebuild.base_images import how_to_pin
from containerize.rebuild.build_context import NAME
from containerize.rebuild.engine_builder import EngineBuilder
from containerize.rebuild.package_choice import argument
from containerize.rebuild.rebuild_workload import Rebuilt, rebuild_workload
from containerize.rebuild.windows_dockerfile import windows_dockerfile
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from inventory.platforms import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assess.model import Target, Workload
    from containerize.commands.build_run import EstateBuilder

EMITTER = "rebuild"
"""What the written files are listed under."""

WINDOWS_NAME = "Dockerfile"
"""What docker on Windows looks for."""

_SHOWN = 5


def rebuild(
    builder: EstateBuilder,
    workloads: Iterable[Workload],
    runtime: str | None,
    base_image: str,
    network: str,
    target: str | None = None,
) -> BuildOutcome:
    """Write a Containerfile for each workload, and build it where that is possible. The workspace must be held.

    A Containerfile of which no image could be made is a failure that says where it is. ``target`` names the container
    host for workloads of Windows. Raises UnknownTarget.
    """
    outcome = BuildOutcome()
    remove_leftovers(builder.workspace.content, builder.workspace.path / "builds")
    windows: list[Workload] = []
    wanted: list[Workload] = []
    for workload in workloads:
        platform = builder.estate.host(workload.host).snapshot.platform
        (windows if platform == Platform.WINDOWS else wanted).append(workload)
    for workload in windows:
        with noting(workload, outcome):
            _windows(builder, workload, target, outcome)
    if not wanted:
        return outcome
    with ExitStack() as stack:
        engine, unavailable = None, ""
        try:
            engine = stack.enter_context(_engine(runtime, network))
        except RuntimeUnavailable as error:
            unavailable = str(error)
        for transport, workload in builder.connected(wanted, outcome):
            places = BuildFolders(builder.workspace.content, builder.workspace.build(workload.host, workload.name))
            request = builder.request(workload, places.build)
            with noting(workload, outcome):
                found = rebuild_workload(
                    request,
                    transport,
                    places,
                    engine,
                    builder.watch(workload),
                    base_image=base_image,
                    unavailable=unavailable,
                )
                _note(builder, workload, found, outcome)
            if engine is not None:
                # Each takes as much room again in the engine as in the workspace.
                engine.remove_built()
    return outcome


def _windows(builder: EstateBuilder, workload: Workload, name: str | None, outcome: BuildOutcome) -> None:
    """A Dockerfile from what the scan saw; nothing is asked of the host."""
    scanned = [each for each in builder.estate.facts.targets if each.system == "windows"]
    targets = chosen_targets([name], scanned, _no_target) if name else scanned
    if any(each.system != "windows" for each in targets):
        raise UnknownTarget(f"{name} runs no Windows images; name a container host of Windows, see: assess targets")
    recipe = windows_dockerfile(workload, builder.estate.host(workload.host), targets[0] if targets else None)
    path = builder.workspace.build(workload.host, workload.name) / REBUILD / WINDOWS_NAME
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(recipe.text, "utf-8", errors="replace")
    outcome.recipes[workload.id] = WrittenRecipe(path, recipe.image, (), 0, 0, compared=False, built=False)
    outcome.failed[workload.id] = f"its Dockerfile is {path}; build it on a Windows container host"


def _no_target() -> Target:
    raise UnknownTarget("the local engine runs no Windows images; name a profile of Windows, see: assess targets")


@contextmanager
def _engine(runtime: str | None, network: str) -> Iterator[EngineBuilder]:
    chosen = choose(runtime)
    try:
        engine = EngineBuilder(chosen, network)
        try:
            yield engine
        finally:
            engine.remove_built()
    finally:
        chosen.close()


def _note(builder: EstateBuilder, workload: Workload, found: Rebuilt, outcome: BuildOutcome) -> None:
    recipe, path = found.recipe, found.folder / NAME
    outcome.recipes[workload.id] = WrittenRecipe(
        path,
        recipe.base.reference,
        tuple(text for each in recipe.packages if (text := argument(each, recipe.base.manager))),
        len(recipe.files),
        len(recipe.removals),
        recipe.compared,
        found.built is not None,
    )
    if found.built is None:
        outcome.failed[workload.id] = f"its Containerfile is {path}, but no image was made of it: {found.reason}"
        return
    result = builder.described(workload, BuildResult(found.built, found.plan, found.fetched, secrets=found.secrets))
    written = (WrittenFile(EMITTER, f"{found.folder.name}/{NAME}"), *result.written)
    outcome.built[workload.id] = BuildResult(result.built, result.plan, result.fetched, written)
    outcome.remarks[workload.id] = list(_remarks(found))


def _remarks(found: Rebuilt) -> Iterator[str]:
    recipe = found.recipe
    yield (
        f"rebuilt on {recipe.base.reference}: {len(recipe.packages)} packages named, {len(recipe.files)} files copied,"
        f" {len(recipe.removals)} paths removed"
    )
    if not recipe.base.pinned:
        yield f"its base is not pinned by a digest; this prints it: {how_to_pin(recipe.base.image)}"
    if found.lacking:
        more = f" and {len(found.lacking) - _SHOWN} more" if len(found.lacking) > _SHOWN else ""
        yield f"the image lacks what the service uses on its host: {', '.join(found.lacking[:_SHOWN])}{more}"
