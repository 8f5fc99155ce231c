"""WIN001."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.subjects.windows_images import choose, need_of, target_build
from inventory.platforms import Platform


@rule("WIN001", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",), platform=Platform.WINDOWS)
def windows_image_build(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Which base image the workload needs, and whether the target's build of Windows runs it.

    Why:
        A container in process isolation uses the kernel of its host, so image and host must be of one build: Windows
        Server 2016 runs images of 2016, 2019 those of 2019, 2022 those of 2022, and 2025 those of 2025 and 2022. In
        Hyper-V isolation a host also runs older images, never newer ones; a wrong pair fails with error 0xc0370101.
        There are no images for releases before 2016.
    Remedy:
        Build on the base image that the message names. Where it needs Hyper-V isolation, start the container with
        --isolation=hyperv on a host that offers virtualisation (nested, in a virtual machine), or choose a target of
        the image's build.
    Source:
        Microsoft, Windows container version compatibility and Windows container base images (data:
        windows_images.toml).
    """
    target = subject.target
    if target.system != "windows":
        return  # another rule says that Windows needs Windows
    build = target_build(target)
    if build is None:
        yield Undecided("", f"the build of Windows on {target.name} is not known")
        return
    need = need_of(subject.host, subject.workload)
    evidence = (*need.evidence, Evidence(f"{target.name} has build {build} ({target.origin})"))
    choice = choose(build, need)
    if choice is None:
        yield Hit(
            Severity.BLOCKER,
            f"{target.name} has build {build} of Windows, for which there is no base image.",
            evidence,
            "Choose a target with Windows Server 2019 or later.",
        )
        return
    perhaps = (
        f" (the image with the whole API where it uses {' and '.join(need.perhaps_full)})" if need.perhaps_full else ""
    )
    message = (
        f"Its base image on {target.name} is {choice.image}, in {choice.isolation} isolation: {need.why}{perhaps}."
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
