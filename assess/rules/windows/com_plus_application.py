"""WIN015: servers with COM+ applications."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import unseen
from inventory.observation import Found
from inventory.platforms import Platform

# Part of the installation, but not marked as system applications on every release.
_SYSTEM = frozenset({
    ".net utilities", "com+ explorer", "com+ qc dead letter queue listener", "com+ utilities", "system application",
})  # fmt: skip


@rule("WIN015", scope=Scope.HOST, needs=("com_applications",), platform=Platform.WINDOWS)
def com_plus_application(subject: HostSubject) -> RuleAnswer:
    """Server has COM+ applications.

    Why:
        They are registered in a catalogue on the server that no setup program includes, often with an identity, roles
        and queued components. Clients reach them through DCOM, whose ports are assigned at each start.
    Remedy:
        Export each application (Component Services, Export, as an installation file) and install it in a servercore
        image; move clients from DCOM to a protocol with a fixed port.
    Source:
        COMAdminCatalog, Applications; system applications are ignored.
    """
    found = subject.host.snapshot.com_applications
    yield from unseen("com_applications", found)
    for each in found.value if isinstance(found, Found) else ():
        if each.host == "COM+" and each.name.lower() not in _SYSTEM:
            account = f", as {each.account}" if each.account else ""
            yield Hit(
                Severity.MAJOR,
                f"{subject.host.name} has the COM+ application {each.name or each.identifier}.",
                (Evidence(f"COM+ application {each.name} {each.identifier}{account}", each.origin),),
            )
