"""WIN008: workloads that are a Windows Server role."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import roles_of_service
from assess.model import Evidence
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule(
    "WIN008",
    scope=Scope.WORKLOAD,
    needs=("services",),
    platform=Platform.WINDOWS,
    aliases=("workload-is-windows-role",),
)
def windows_role_workload(subject: WorkloadSubject) -> RuleAnswer:
    """Service is a Windows Server role.

    Why:
        The base images do not have the role (DNS can be installed but is not intended to run there).
    Remedy:
        Leave it on a virtual machine, or replace it with a product that has an image.
    Source:
        Microsoft, roles and features that are not in Server Core images (data: windows_roles.toml).
    """
    service = subject.workload.service
    if service is None:
        return
    for role in roles_of_service(service.name):
        yield Hit(
            role.severity,
            f"The service is the Windows Server role {role.name}.",
            (Evidence(f"service {service.name} ({service.description or 'no description'})", service.origin),),
            role.instead,
        )
