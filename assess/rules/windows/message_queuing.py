"""WIN013: servers with Message Queuing (MSMQ)."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN013", scope=Scope.HOST, needs=("services",), platform=Platform.WINDOWS)
def message_queuing(subject: HostSubject) -> RuleAnswer:
    r"""Message Queuing (MSMQ) runs on the server.

    Why:
        Queues without Active Directory work in containers of Windows Server 2019 and later; queues that are registered
        in the directory or authenticate senders do not. Messages are stored in files that are lost with the container.
    Remedy:
        Install MSMQ in a servercore image of 2019 or later, use private queues by address, and put
        C:\Windows\System32\msmq\storage on a volume; or move to a message broker that has an image.
    Source:
        Microsoft, Lift and shift to Windows containers: MSMQ; MachineCache in the registry.
    """
    host = subject.host
    services = value_or_none(host.snapshot.services)
    service = next((each for each in services.services if each.name.lower() == "msmq"), None) if services else None
    if service is None:
        return
    workgroup = value(host, "msmq", "Workgroup")
    evidence = [Evidence(f"service {service.name} is {service.state or 'installed'}", service.origin)]
    if workgroup is not None and workgroup.value == "1":
        evidence.append(Evidence("it works without Active Directory (Workgroup is 1)", workgroup.origin))
        how = "without Active Directory"
    else:
        how = "perhaps with Active Directory, which containers do not support"
    yield Hit(Severity.MAJOR, f"{host.name} has Message Queuing, {how}.", tuple(evidence))
