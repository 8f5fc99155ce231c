"""WIN031: SQL Server instances."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform

# Kind in the registry, service names with and without the instance's name, product.
_KINDS = (
    ("SQL", "mssql$", "mssqlserver", "SQL Server"),
    ("OLAP", "msolap$", "mssqlserverolapservice", "Analysis Services"),
    ("RS", "reportserver$", "reportserver", "Reporting Services"),
    ("RS", "sqlserverreportingservices", "sqlserverreportingservices", "Reporting Services"),
)


@rule("WIN031", scope=Scope.WORKLOAD, needs=("sql_server", "services"), platform=Platform.WINDOWS)
def sql_server_instance(subject: WorkloadSubject) -> RuleAnswer:
    """Service is a SQL Server instance.

    Why:
        There is no supported SQL Server image for Windows (the beta programme ended in July 2021). Versions from 2017
        have Linux images, without Reporting Services, Analysis Services, FileStream and linked servers over OLE DB.
    Remedy:
        Move the databases to SQL Server 2017 or later in its Linux image (backup and restore, same compatibility level)
        after checking the features in use; otherwise leave it on a virtual machine. Give it a fixed port.
    Source:
        Microsoft, SQL Server on Linux: editions and features; instances by the registry.
    """
    service = subject.workload.service
    if service is None:
        return
    instances = value_or_none(subject.host.snapshot.sql_server) or ()
    name = service.name.lower()
    for kind, prefix, default, what in _KINDS:
        if name != default and not name.startswith(prefix):
            continue
        wanted = "MSSQLSERVER" if name == default else service.name[len(prefix) :]
        instance = next((each for each in instances if each.kind == kind and each.name.lower() == wanted.lower()), None)
        evidence = [Evidence(f"service {service.name}", service.origin)]
        about = what
        if instance is not None:
            about = " ".join(word for word in (what, instance.version, instance.edition) if word)
            port = instance.port or (f"{instance.dynamic_port}, assigned at start" if instance.dynamic_port else "")
            evidence.append(
                Evidence(f"instance {instance.name}: {about}" + (f", port {port}" if port else ""), instance.origin)
            )
        if kind == "SQL":
            yield Hit(Severity.MAJOR, f"The service is {about}, which has no Windows image.", tuple(evidence))
        else:
            yield Hit(
                Severity.BLOCKER,
                f"The service is {about}, which has no image at all.",
                tuple(evidence),
                f"Leave {what} on a virtual machine.",
            )
