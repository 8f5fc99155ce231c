"""WIN009."""

from __future__ import annotations

from collections.abc import Iterable

from assess.facts import HostFacts, OfWorkload
from assess.model import Evidence, Workload
from assess.rule import Answer, Hit, Scope, rule
from assess.windows_hosts import folders, programs, slashed
from assess.windows_tables import Role, matches, windows_products
from inventory.platforms import Platform


@rule("WIN009", scope=Scope.WORKLOAD, needs=("services", "packages"), platform=Platform.WINDOWS)
def unsupported_windows_product(subject: OfWorkload) -> Answer:
    """The workload belongs to a product whose maker does not support it in containers.

    Why:
        Exchange, SharePoint, BizTalk, Dynamics, System Center and others expect a whole server that is a member of a
        domain, and their makers support nothing else.
    Remedy:
        Leave it on its server or move to the hosted service; containerise what is built around it.
    Source:
        System requirements of the products (data: windows_roles.toml); services by name, programs by the list of
        installed programs.
    """
    for product in windows_products():
        if evidence := tuple(_evidence(subject.host, subject.workload, product)):
            yield Hit(
                product.severity,
                f"It belongs to {product.name}, which is not supported in containers.",
                evidence,
                product.instead,
            )


def _evidence(host: HostFacts, workload: Workload, product: Role) -> Iterable[Evidence]:
    service = workload.service
    if service is not None and product.has_service(service.name):
        yield Evidence(f"service {service.name} ({service.description or 'no description'})", service.origin)
    own = folders(workload)
    for package in programs(host):
        if matches(package.name, product.packages):
            # The folder of the program bears the product's name without the maker's and the version's.
            words = package.name.lower().removeprefix("microsoft ").split(" ")[:2]
            if any(" ".join(words) in slashed(path) for path in own):
                yield Evidence(f"{package.name} is installed, and its program is in its folder", package.origin)
