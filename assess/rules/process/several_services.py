"""PRC019."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject


@rule("PRC019", scope=Scope.HOST, needs=("processes",))
def several_services(subject: HostSubject) -> RuleAnswer:
    """Several services share the host.

    Why:
        Each becomes a container of its own, with its own image, limits and date of move. What they shared silently
        (accounts, directories, the host's address, one reboot for all) has to be arranged.
    Remedy:
        Move them one by one where nothing ties them together; the findings on coupling name what does. Tell their
        users apart by name, since they have one address now.
    Source:
        Services of the host and their listeners, as the processes show them.
    """
    services = [each for each in subject.host.workloads if each.kind == "service"]
    if len(services) > 1:
        names = ", ".join(each.name for each in services[:6]) + (" …" if len(services) > 6 else "")
        yield Hit(
            Severity.INFO,
            f"{len(services)} services share this host: {names}.",
            tuple(Evidence(f"{each.name} has pid {each.main_pid}", each.main.origin) for each in services[:6]),
        )
