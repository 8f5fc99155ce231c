"""PLT003: hosts whose operating system has no container host (AIX, HP-UX, Solaris, BSD)."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("PLT003", scope=Scope.HOST)
def other_unix_host(subject: HostSubject) -> RuleAnswer:
    """Host runs an operating system without container hosts: AIX, HP-UX, Solaris, BSD and the like.

    Why:
        Its programs need the kernel of that system, often on a specific processor architecture, and no container engine
        offers it.
    Remedy:
        Leave it where it is. If its application also exists for Linux (databases, Java and most application servers
        do), plan a new installation there and migrate the data.
    Source:
        `uname -s` on the host, or the identification of its SSH server.
    """
    snapshot = subject.host.snapshot
    kernel = value_or_none(snapshot.kernel)
    name = kernel.name if kernel else ""
    if snapshot.platform == Platform.WINDOWS:
        return
    if snapshot.platform == Platform.OTHER or name not in ("", "Linux"):
        yield Hit(
            Severity.BLOCKER,
            f"{snapshot.host} runs {name or 'a system'}, for which no container host has a kernel.",
            (Evidence(f"its kernel is {name or 'neither Linux nor Windows'}", kernel.origin if kernel else None),),
        )
