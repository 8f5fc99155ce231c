"""WIN003."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import listed
from inventory.platforms import Platform


@rule("WIN003", scope=Scope.WORKLOAD, needs=("services",), platform=Platform.WINDOWS)
def windows_service_entry(subject: WorkloadSubject) -> RuleAnswer:
    """The workload is a Windows service, which the service manager starts.

    Why:
        A container lives as long as its first process. A service is a process of the service manager, so the container
        needs something in the foreground that watches it; the recovery actions of the service are the orchestrator's
        then.
    Remedy:
        Start the program itself where it has a mode for the console, else install the service in the image and make
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
        f"It is the Windows service {service.name}.",
        (Evidence(f"service {service.name}: {listed(own)}" if own else f"service {service.name}", service.origin),),
        f"Start the program in its console mode if it has one, else install {service.name} in the image with the entry"
        f" point ServiceMonitor.exe {service.name}.",
    )
