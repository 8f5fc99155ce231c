"""PLT001: Windows hosts assessed for a Linux target."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostOnTargetSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("PLT001", scope=Scope.HOST_ON_TARGET)
def windows_host_linux_target(subject: HostOnTargetSubject) -> RuleAnswer:
    """Windows host cannot move to a target with a Linux kernel.

    Why:
        Containers share the kernel of their host. Windows programs need the Windows kernel, so they run only in Windows
        containers on a Windows host.
    Remedy:
        Plan a Windows container host (process isolation requires the same build as the image, Hyper-V isolation the
        same or a newer one), move a .NET (Core) or Java application to a Linux image, or keep the host as a virtual
        machine.
    Source:
        Microsoft, Windows container version compatibility; Linux containers on Windows, and the reverse, need a virtual
        machine.
    """
    snapshot = subject.host.snapshot
    kernel = value_or_none(snapshot.kernel)
    if snapshot.platform == Platform.WINDOWS and subject.target.system == "linux":
        yield Hit(
            Severity.BLOCKER,
            f"{snapshot.host} runs Windows, and {subject.target.name} runs Linux.",
            (
                Evidence(f"the platform of {snapshot.host} is Windows", kernel.origin if kernel else None),
                Evidence(f"{subject.target.name} has a Linux kernel ({subject.target.origin})"),
            ),
        )
