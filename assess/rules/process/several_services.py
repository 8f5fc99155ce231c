"""PRC019: hosts that run several services."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject


@rule("PRC019", scope=Scope.HOST, needs=("processes",))
def several_services(subject: HostSubject) -> RuleAnswer:
    """Host runs several services.

    Why:
        Each becomes a separate container, with its own image, limits and move date. What they shared implicitly
        (accounts, directories, the host's address, one reboot for all) must be arranged explicitly.
    Remedy:
        Move them one by one where they are independent; coupling findings name the dependencies. Distinguish their
        clients by name, because they share one address now.
    Source:
        Services of the host and their listeners, from its processes.
    """
    services = [each for each in subject.host.workloads if each.kind == "service"]
    if len(services) > 1:
        names = ", ".join(each.name for each in services[:6]) + (" …" if len(services) > 6 else "")
        yield Hit(
            Severity.INFO,
            f"{len(services)} services run on this host: {names}.",
            tuple(Evidence(f"{each.name} has pid {each.main_pid}", each.main.origin) for each in services[:6]),
        )
