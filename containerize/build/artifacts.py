"""The files that are written next to an image by its emitters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assess.model import Workload
from assess.subjects.estate_facts import EstateView
from assess.subjects.host_facts import HostFacts
from containerize.build.builder import IMAGE, BuildFolders, companions_of
from containerize.emitters import EMITTERS, fitting
from containerize.emitters.emission import Emission, Emitter, LayerFile, WrittenFile
from containerize.emitters.write_files import remove_others, write_all
from containerize.grants.grants_json import load_grants
from containerize.grants.model import allowed, today
from containerize.image.image_packages import image_packages
from containerize.image.write_image import layer_blobs
from containerize.pilot.result import PilotResult
from containerize.pilot.result_json import load_pilot
from containerize.pilot.start_order import dependencies
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.plan.plan_json import load_build, load_plan
from containerize.profile.workload_profile import NOTHING_SEEN, WorkloadProfile, profile_of
from containerize.secret_values.workload_secrets import WorkloadSecrets
from inventory.errors import WorkspaceError
from inventory.store.workspace import safe_name


def profile_beside(plan: ImagePlan, workload: Workload, host: HostFacts, estate: EstateView) -> WorkloadProfile:
    """The scan's profile of a workload and its companions."""
    members = (workload, *companions_of(workload, host))
    return profile_of(members, host, estate, plan.peers, plan.host_aliases)


def write_artifacts(
    plan: ImagePlan,
    built: BuiltImage,
    places: BuildFolders,
    seen: WorkloadProfile = NOTHING_SEEN,
    chosen: Sequence[Emitter] = (),
    secrets: WorkloadSecrets | None = None,
    profile: Callable[[ImagePlan], WorkloadProfile] = lambda _plan: NOTHING_SEEN,
) -> tuple[WrittenFile, ...]:
    """Write the files next to the image: those of ``chosen``, or of all emitters that fit when none was chosen. What an
    earlier build left of others goes. None of them shows one of ``secrets``. ``profile`` gives the scan's profile of a
    neighbour. Raises WorkspaceError or ContentMismatch.
    """
    neighbours, missing = _neighbours(plan, places, profile)
    emission = replace(_emission(plan, built, places, seen), neighbours=neighbours, missing=missing)
    chosen = chosen or fitting(emission)
    remove_others(EMITTERS, chosen, places.build)
    return write_all(emission, chosen, places.build, (secrets or WorkloadSecrets()).text)


def neighbour_ids(plan: ImagePlan) -> tuple[str, ...]:
    """The workloads of the same host that the image uses and does not have inside."""
    return tuple(
        name for name in dependencies(plan) if name.partition("/")[0] == plan.host and name not in plan.companions
    )


def _neighbours(
    plan: ImagePlan, places: BuildFolders, profile: Callable[[ImagePlan], WorkloadProfile]
) -> tuple[tuple[Emission, ...], tuple[str, ...]]:
    """Built images of the same host that it uses, themselves or through each other, and ids of those not built."""
    found: dict[str, Emission] = {}
    missing: dict[str, None] = {}
    inside = {plan.workload, *plan.companions}
    todo = [plan]
    while todo:
        for name in neighbour_ids(todo.pop()):
            if name in found or name in missing or name in inside:
                continue
            folders = replace(places, build=places.build.parent / safe_name(name.partition("/")[2]))
            try:
                other, built = load_plan(folders.build), load_build(folders.build)
                found[name] = _emission(other, built, folders, profile(other))
            except WorkspaceError:
                missing[name] = None
                continue
            inside.update(other.companions)
            todo.append(other)
    return tuple(found.values()), tuple(missing)


def _emission(plan: ImagePlan, built: BuiltImage, places: BuildFolders, seen: WorkloadProfile) -> Emission:
    layers = tuple(
        LayerFile(layer.name, f"{IMAGE}/blobs/sha256/{layer.digest}", layer.entries, layer.package)
        for layer in layer_blobs(places.build / IMAGE, built.digest)
    )
    grants = load_grants(places.build)
    pilot = load_pilot(places.build)
    return Emission(
        plan,
        built,
        layers,
        seen,
        image_packages(plan, places.store),
        allowed=allowed(grants, today()),
        grants=grants,
        read_only_root=pilot is not None and passed_read_only(pilot, built),
    )


def passed_read_only(pilot: PilotResult, built: BuiltImage) -> bool:
    """Whether a pilot of this very image passed with a read-only root file system."""
    return pilot.read_only_passed == built.digest
