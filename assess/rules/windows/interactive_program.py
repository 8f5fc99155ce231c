"""WIN004: workloads that need a desktop."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("WIN004", scope=Scope.WORKLOAD, needs=("processes", "services"), platform=Platform.WINDOWS)
def interactive_program(subject: WorkloadSubject) -> RuleAnswer:
    """Service needs a desktop: it is an interactive service or runs in a user session.

    Why:
        Windows containers have no desktop and no remote desktop access. A program that waits for a click waits forever,
        and one that a user starts after logging on never starts.
    Remedy:
        Find out whether it has a mode without windows (service, console); otherwise leave it on a virtual machine.
    Source:
        Microsoft, Lift and shift to Windows containers; SERVICE_INTERACTIVE_PROCESS in CreateService; sessions from 1
        on are user sessions since Windows Server 2008.
    """
    workload = subject.workload
    service = workload.service
    if service is not None and service.property("DesktopInteract").lower() == "true":
        yield Hit(
            Severity.BLOCKER,
            f"The service {service.name} may interact with the desktop.",
            (Evidence(f"service {service.name}: DesktopInteract is True", service.origin),),
            f"Find out whether it shows windows. If not, remove the permission (sc config {service.name} type= own);"
            " otherwise leave it on a virtual machine.",
        )
    main = workload.main
    # Before Windows Server 2008, services and the console share session 0 and cannot be distinguished.
    if service is None and main.session > 0:
        yield Hit(
            Severity.BLOCKER,
            f"{main.name} runs in the session of a logged-on user.",
            (Evidence(f"process {main.pid} ({main.name}) is in session {main.session}", main.origin),),
        )
