"""WIN009: workloads of products that their vendor does not support in containers."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import WindowsRole, products_of_program, products_of_service
from assess.model import Evidence
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import folders, programs
from inventory.platforms import Platform


@rule("WIN009", scope=Scope.WORKLOAD, needs=("services", "packages"), platform=Platform.WINDOWS)
def unsupported_windows_product(subject: WorkloadSubject) -> RuleAnswer:
    """Product is not supported in containers by its vendor.

    Why:
        Exchange, SharePoint, BizTalk, Dynamics, System Center and others require a whole server that is a member of a
        domain, and their vendors support nothing else.
    Remedy:
        Leave it on its server or move to the hosted service; containerise the applications around it.
    Source:
        System requirements of the products (data: windows_roles.toml); services by name, programs from the list of
        installed programs.
    """
    host, workload = subject.host, subject.workload
    found: dict[str, tuple[WindowsRole, list[Evidence]]] = {}
    service = workload.service
    if service is not None:
        for product in products_of_service(service.name):
            evidence = Evidence(f"service {service.name} ({service.description or 'no description'})", service.origin)
            found.setdefault(product.name, (product, []))[1].append(evidence)
    own = folders(workload)
    for package in programs(host):
        for product in products_of_program(package.name):
            # The program's folder is named after the product, without vendor and version.
            words = " ".join(package.name.lower().removeprefix("microsoft ").split(" ")[:2])
            if any(words in path for path in own):
                evidence = Evidence(f"{package.name} is installed, and its program is in its folder", package.origin)
                found.setdefault(product.name, (product, []))[1].append(evidence)
    for product, evidences in found.values():
        yield Hit(
            product.severity,
            f"The service belongs to {product.name}, which is not supported in containers.",
            tuple(evidences),
            product.instead,
        )
