"""PLT003."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("PLT003", scope=Scope.HOST)
def other_unix_host(subject: HostSubject) -> RuleAnswer:
    """The server runs a system for which there is no container host: AIX, HP-UX, Solaris, BSD and the like.

    Why:
        Its programs need the kernel of their own system, often on a processor of its own, and no container engine
        offers that.
    Remedy:
        Leave it where it is. If its application also exists for Linux (databases, Java and most application servers
        do), plan a new installation there and move the data.
    Source:
        `uname -s` of the host, or what its SSH server says of itself.
    """
    snapshot = subject.host.snapshot
    kernel = value_or_none(snapshot.kernel)
    name = kernel.name if kernel else ""
    if snapshot.platform == Platform.WINDOWS:
        return
    if snapshot.platform == Platform.OTHER or name not in ("", "Linux"):
        yield Hit(
            Severity.BLOCKER,
            f"{snapshot.host} runs {name or 'a system'} that no container host can offer a kernel for.",
            (Evidence(f"its kernel is {name or 'neither Linux nor Windows'}", kernel.origin if kernel else None),),
        )
