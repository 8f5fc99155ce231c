"""WIN011: servers that are members of a domain."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import unseen
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN011", scope=Scope.HOST, needs=("domain",), platform=Platform.WINDOWS)
def domain_member(subject: HostSubject) -> RuleAnswer:
    """Server is a member of a domain.

    Why:
        Containers cannot join a domain. Logins with Windows accounts (Kerberos, NTLM), group policies that deliver
        settings and certificates, and shares that are opened as the computer account all depend on the membership.
    Remedy:
        Find what relies on it: service accounts, Integrated Security in connection strings, Windows authentication of
        web sites, group policies. Use a group managed service account for the first three, and put settings into the
        image.
    Source:
        Microsoft, Create gMSAs for Windows containers.
    """
    domain = subject.host.snapshot.domain
    yield from unseen("domain", domain)
    if isinstance(domain, Found) and domain.value.member and not domain.value.controller:
        yield Hit(
            Severity.MINOR,
            f"{subject.host.name} is a member of the domain {domain.value.name}.",
            (Evidence(f"the domain is {domain.value.name}", domain.value.origin),),
        )
