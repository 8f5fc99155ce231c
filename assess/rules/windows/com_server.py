"""WIN016."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN016", scope=Scope.WORKLOAD, needs=("com_applications", "services"), platform=Platform.WINDOWS)
def com_server(subject: WorkloadSubject) -> RuleAnswer:
    """The service is a COM server that other programs start and call.

    Why:
        Its classes are registered in the registry of this server. Programs that call it must be in the same container,
        or reach it by DCOM over ports that are chosen at each start.
    Remedy:
        Register it again in the image (the setup program, regsvr32, /service or /regserver) with its callers, or give
        it an interface over a fixed port.
    Source:
        AppID in the registry (LocalService).
    """
    service = subject.workload.service
    found = value_or_none(subject.host.snapshot.com_applications)
    if service is None:
        return
    wanted = f"service {service.name}".lower()
    for each in found or ():
        if each.host.lower() == wanted:
            yield Hit(
                Severity.MAJOR,
                f"It is the COM server {each.name or each.identifier}.",
                (Evidence(f"AppID {each.identifier} is served by {each.host}", each.origin),),
            )
