"""PLT002: Linux hosts assessed for a Windows target."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostOnTargetSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("PLT002", scope=Scope.HOST_ON_TARGET)
def linux_host_windows_target(subject: HostOnTargetSubject) -> RuleAnswer:
    """Linux host cannot move to a target with a Windows kernel.

    Why:
        Linux programs need a Linux kernel. Linux containers on Windows Server ran in a hidden virtual machine; Docker
        23.0 removed them.
    Remedy:
        Choose a Linux target, or run a Linux virtual machine on the Windows host and use it as the target.
    Source:
        Docker, deprecated features (LCOW); Microsoft KB 4489234.
    """
    snapshot = subject.host.snapshot
    kernel = value_or_none(snapshot.kernel)
    if snapshot.platform == Platform.POSIX and subject.target.system == "windows":
        yield Hit(
            Severity.BLOCKER,
            f"{snapshot.host} runs a POSIX system, and {subject.target.name} runs Windows.",
            (
                Evidence(f"the platform of {snapshot.host} is POSIX", kernel.origin if kernel else None),
                Evidence(f"{subject.target.name} has a Windows kernel ({subject.target.origin})"),
            ),
        )
