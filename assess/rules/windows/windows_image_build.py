"""WIN001: the base image for a workload, and whether the target's Windows build runs it."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.subjects.windows_images import choose, need_of, target_build
from inventory.platforms import Platform


@rule("WIN001", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",), platform=Platform.WINDOWS)
def windows_image_build(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service needs a base image that the target's Windows build can run.

    Why:
        A container in process isolation uses the kernel of its host, so image and host must have the same build:
        Windows Server 2016 runs 2016 images, 2019 runs 2019 images, 2022 runs 2022 images, and 2025 runs 2025 and 2022
        images. In Hyper-V isolation a host also runs older images, never newer ones; a wrong pair fails with error
        0xc0370101. There are no images for releases before 2016.
    Remedy:
        Build on the base image named in the finding. If it needs Hyper-V isolation, start the container with
        --isolation=hyperv on a host that offers virtualization (nested, in a virtual machine), or choose a target with
        the image's build.
    Source:
        Microsoft, Windows container version compatibility and Windows container base images (data:
        windows_images.toml).
    """
    target = subject.target
    if target.system != "windows":
        return  # PLT001 reports that Windows programs need Windows
    build = target_build(target)
    if build is None:
        yield Undecided("", f"the Windows build of {target.name} is unknown")
        return
    need = need_of(subject.host, subject.workload)
    evidence = (*need.evidence, Evidence(f"{target.name} has build {build} ({target.origin})"))
    choice = choose(build, need)
    if choice is None:
        yield Hit(
            Severity.BLOCKER,
            f"{target.name} has Windows build {build}, for which there is no base image.",
            evidence,
            "Choose a target with Windows Server 2019 or later.",
        )
        return
    perhaps = f" (the full Windows image if it uses {' and '.join(need.perhaps_full)})" if need.perhaps_full else ""
    message = (
        f"The base image on {target.name} is {choice.image}, in {choice.isolation} isolation: {need.why}{perhaps}."
    )
    if choice.isolation == "process":
        yield Hit(Severity.INFO, message, evidence)
    else:
        yield Hit(
            Severity.MINOR,
            message,
            evidence,
            f"Start it with --isolation=hyperv, which needs the Hyper-V role on {target.name}; or choose a target with"
            f" {choice.release.name} (build {choice.release.build}) for process isolation.",
        )
