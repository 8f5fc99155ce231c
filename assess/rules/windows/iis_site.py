"""WIN022."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import listed, pool_name, sites_of, unseen
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN022", scope=Scope.WORKLOAD, needs=("iis",), platform=Platform.WINDOWS)
def iis_site(subject: WorkloadSubject) -> RuleAnswer:
    """The workload is an application pool of IIS, with the sites that it serves.

    Why:
        Sites, bindings, virtual directories and the pool's settings are in the configuration of this server, and
        machine keys and certificates in its stores. Images have IIS 10 only: sites of IIS 6 meet new defaults
        (integrated pipeline, request filtering, no ISAPI or classic ASP until installed).
    Remedy:
        One site an image: recreate its bindings on one port with PowerShell or appcmd in the image, set the same
        machineKey in every replica, and let ServiceMonitor.exe w3svc be the entry point. End TLS before the container.
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
            Evidence(f"site {site.name} ({where}) is in the pool {pool}", site.origin),
            Evidence(f"IIS is of version {iis.value.version}", iis.value.origin),
        ]
        yield Hit(
            Severity.MINOR,
            f"It serves the site {site.name} of IIS {iis.value.version}" + (", which becomes IIS 10." if old else "."),
            tuple(evidence),
            f"Recreate the site {site.name} in an image with IIS 10"
            + (", test it with the integrated pipeline" if old else "")
            + (", bring its certificate at the start or end TLS before the container" if secure else "")
            + "; the entry point is ServiceMonitor.exe w3svc.",
        )
