"""WIN004."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("WIN004", scope=Scope.WORKLOAD, needs=("processes", "services"), platform=Platform.WINDOWS)
def interactive_program(subject: WorkloadSubject) -> RuleAnswer:
    """The workload belongs to a desktop: a service that may show windows, or a program of somebody's session.

    Why:
        Windows containers have no desktop and cannot be reached by remote desktop. A program that waits for a click
        waits for ever, and one that somebody starts after logging on is never started.
    Remedy:
        Ask for a mode without windows (service, console); else leave it on a virtual machine.
    Source:
        Microsoft, Lift and shift to Windows containers; SERVICE_INTERACTIVE_PROCESS in CreateService; sessions from 1
        on are people's since Windows Server 2008.
    """
    workload = subject.workload
    service = workload.service
    if service is not None and service.property("DesktopInteract").lower() == "true":
        yield Hit(
            Severity.BLOCKER,
            f"The service {service.name} may interact with the desktop.",
            (Evidence(f"service {service.name}: DesktopInteract is True", service.origin),),
            f"Find out whether it shows windows: if not, take the permission away (sc config {service.name} type= own),"
            " else leave it on a virtual machine.",
        )
    main = workload.main
    # Before Windows Server 2008 services and the console share session 0, and nothing tells them apart.
    if service is None and main.session > 0:
        yield Hit(
            Severity.BLOCKER,
            f"{main.name} runs in the session of somebody who is logged on.",
            (Evidence(f"process {main.pid} ({main.name}) is in session {main.session}", main.origin),),
        )
