"""WIN007: servers with a Windows Server role that containers cannot take over."""

from __future__ import annotations

from collections.abc import Iterator

from assess.knowledge.windows_catalogue import WindowsRole, roles_of_service, windows_roles
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.observation import Unknown, value_or_none
from inventory.platforms import Platform


@rule("WIN007", scope=Scope.HOST, needs=("services", "domain"), platform=Platform.WINDOWS)
def windows_role(subject: HostSubject) -> RuleAnswer:
    """Server has a Windows Server role that containers cannot take over.

    Why:
        Domain controllers, DHCP, DFS, print and file servers, clusters, Hyper-V and others were removed from the base
        images, or need the kernel and network of a whole machine. The role stays where it is, whatever happens to the
        server's other services; a workload that is the role itself is blocked by windows-role-workload.
    Remedy:
        Leave the role on a virtual machine, or replace it with a product that has an image; plan the server's other
        services separately.
    Source:
        Microsoft, roles and features that are not in Server Core images; roles by features, services and product type
        (data: windows_roles.toml).
    """
    host = subject.host
    found = _services(host)
    for role in windows_roles():
        if evidence := (*_features(host, role), *found.get(role.name, ())):
            yield Hit(
                Severity.MAJOR,
                f"{host.name} has the role {role.name}, which containers cannot take over.",
                evidence,
                role.instead,
            )
    features = host.snapshot.windows_features
    if isinstance(features, Unknown):
        yield Undecided("windows_features", features.reason)


def _features(host: HostFacts, role: WindowsRole) -> Iterator[Evidence]:
    domain = value_or_none(host.snapshot.domain)
    if domain is not None and domain.controller and "ntds" in role.services:
        yield Evidence(f"the host is a domain controller of {domain.name or 'a domain'}", domain.origin)
    for feature in value_or_none(host.snapshot.windows_features) or ():
        if (feature.number if feature.kind == "role" else feature.name.lower()) in role.features:
            yield Evidence(f"feature {feature.name} is installed", feature.origin)
    mode = value(host, "terminal-server", "TSAppCompat")
    if mode is not None and mode.value == "1" and "appserver" in role.features:
        yield Evidence("the terminal server is in application mode (TSAppCompat is 1)", mode.origin)


def _services(host: HostFacts) -> dict[str, list[Evidence]]:
    """Return evidence from services, by role name."""
    found: dict[str, list[Evidence]] = {}
    services = value_or_none(host.snapshot.services)
    for service in services.services if services else ():
        # RemoteAccess and others are on every Windows, and disabled.
        if service.state == "active" or (not service.state and service.enabled):
            for role in roles_of_service(service.name):
                evidence = Evidence(f"service {service.name} runs or starts with the server", service.origin)
                found.setdefault(role.name, []).append(evidence)
    return found
