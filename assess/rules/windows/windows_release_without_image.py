"""WIN002: servers with a Windows release that has no container image."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import windows_images
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_images import build_of
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN002", scope=Scope.HOST, needs=("kernel",), platform=Platform.WINDOWS)
def windows_release_without_image(subject: HostSubject) -> RuleAnswer:
    """Windows release has no container image.

    Why:
        The oldest base image is Windows Server 2016. A workload from an older release cannot be lifted; it is
        reinstalled in an image of a later release, where defaults, cipher suites and removed components differ.
    Remedy:
        Install the application with its setup program in a newer image and test it there; look for a version that its
        vendor supports on that release.
    Source:
        Microsoft, Windows container base images (data: windows_images.toml).
    """
    kernel = subject.host.snapshot.kernel
    if not isinstance(kernel, Found):
        return
    build = build_of(kernel.value.release)
    if build is None:
        yield Undecided("kernel", "the host does not report its build")
    elif build < windows_images().releases[0].build:
        yield Hit(
            Severity.INFO,
            f"{subject.host.name} runs Windows {kernel.value.release}, which has no container image.",
            (Evidence(f"the build is {build}", kernel.value.origin),),
        )
