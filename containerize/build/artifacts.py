"""The files that are written next to an image by its emitters."""

from __future__ import annotations

from collections.abc import Sequence

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
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.profile.workload_profile import NOTHING_SEEN, WorkloadProfile, profile_of
from containerize.secret_values.workload_secrets import WorkloadSecrets


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
) -> tuple[WrittenFile, ...]:
    """Write the files next to the image: those of ``chosen``, or of all emitters that fit when none was chosen. What an
    earlier build left of others goes. None of them shows one of ``secrets``. Raises WorkspaceError or ContentMismatch.
    """
    layers = tuple(
        LayerFile(layer.name, f"{IMAGE}/blobs/sha256/{layer.digest}", layer.entries, layer.package)
        for layer in layer_blobs(places.build / IMAGE, built.digest)
    )
    grants = load_grants(places.build)
    pilot = load_pilot(places.build)
    emission = Emission(
        plan,
        built,
        layers,
        seen,
        image_packages(plan, places.store),
        allowed=allowed(grants, today()),
        grants=grants,
        read_only_root=pilot is not None and passed_read_only(pilot, built),
    )
    chosen = chosen or fitting(emission)
    remove_others(EMITTERS, chosen, places.build)
    return write_all(emission, chosen, places.build, (secrets or WorkloadSecrets()).text)


def passed_read_only(pilot: PilotResult, built: BuiltImage) -> bool:
    """Whether a pilot of this very image passed with a read-only root file system."""
    return pilot.read_only_passed == built.digest
