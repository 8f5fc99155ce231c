"""WIN016: services that are COM servers."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN016", scope=Scope.WORKLOAD, needs=("com_applications", "services"), platform=Platform.WINDOWS)
def com_server(subject: WorkloadSubject) -> RuleAnswer:
    """Service is a COM server that other programs start and call.

    Why:
        Its classes are registered in the server's registry. Programs that call it must be in the same container, or
        reach it through DCOM over ports that are assigned at each start.
    Remedy:
        Register it again in the image (the setup program, regsvr32, /service or /regserver) together with its callers,
        or give it an interface with a fixed port.
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
                f"The service is the COM server {each.name or each.identifier}.",
                (Evidence(f"AppID {each.identifier} is served by {each.host}", each.origin),),
            )
