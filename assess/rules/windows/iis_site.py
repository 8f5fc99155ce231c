"""WIN022: IIS application pools and the sites that they serve."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import listed, pool_name, sites_of, unseen
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN022", scope=Scope.WORKLOAD, needs=("iis",), platform=Platform.WINDOWS)
def iis_site(subject: WorkloadSubject) -> RuleAnswer:
    """Service is an IIS application pool that serves sites.

    Why:
        Sites, bindings, virtual directories and pool settings are in the server's configuration, and machine keys and
        certificates in its stores. Images have only IIS 10: IIS 6 sites meet new defaults (integrated pipeline, request
        filtering, no ISAPI or classic ASP until installed).
    Remedy:
        Use one image per site: recreate its bindings on one port with PowerShell or appcmd in the image, set the same
        machineKey in every replica, and use ServiceMonitor.exe w3svc as the entry point. Terminate TLS in front of the
        container.
    Source:
        The file applicationHost.config or MetaBase.xml; Microsoft, IIS images and ServiceMonitor.
    """
    host = subject.host
    pool = pool_name(subject.workload)
    iis = host.snapshot.iis
    if not pool or not isinstance(iis, Found):
        return
    yield from unseen("iis", iis)
    old = int(iis.value.version.partition(".")[0]) < 10
    for site in sites_of(host, pool):
        where = listed(f"{each.protocol} {each.text}" for each in site.bindings)
        secure = any(each.protocol == "https" for each in site.bindings)
        evidence = [
            Evidence(f"site {site.name} ({where}) is in pool {pool}", site.origin),
            Evidence(f"the IIS version is {iis.value.version}", iis.value.origin),
        ]
        yield Hit(
            Severity.MINOR,
            f"The application pool serves the site {site.name} with IIS {iis.value.version}"
            + (", which becomes IIS 10." if old else "."),
            tuple(evidence),
            f"Recreate the site {site.name} in an image with IIS 10"
            + (", test it with the integrated pipeline" if old else "")
            + (", import its certificate at start or terminate TLS in front of the container" if secure else "")
            + "; the entry point is ServiceMonitor.exe w3svc.",
        )
