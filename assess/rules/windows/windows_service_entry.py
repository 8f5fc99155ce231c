"""WIN003: Windows services that the service manager starts."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import listed
from inventory.platforms import Platform


@rule("WIN003", scope=Scope.WORKLOAD, needs=("services",), platform=Platform.WINDOWS)
def windows_service_entry(subject: WorkloadSubject) -> RuleAnswer:
    """Service is started by the Windows service manager.

    Why:
        A container lives as long as its first process. A service is started by the service manager, so the container
        needs a foreground process that monitors it; the orchestrator takes over the service's recovery actions.
    Remedy:
        Start the program itself if it has a console mode; otherwise install the service in the image and make
        ServiceMonitor.exe with the service's name the entry point.
    Source:
        Microsoft, Lift and shift to Windows containers; ServiceMonitor.
    """
    workload = subject.workload
    service = workload.service
    if service is None or service.manager != "windows":
        return
    own = [each for each in (service.property("PathName"), service.property("StartMode")) if each]
    yield Hit(
        Severity.MINOR,
        f"{service.name} is a Windows service.",
        (Evidence(f"service {service.name}: {listed(own)}" if own else f"service {service.name}", service.origin),),
        f"Start the program in its console mode if it has one; otherwise install {service.name} in the image"
        f" with the entry point ServiceMonitor.exe {service.name}.",
    )
