"""WIN024: IIS sites without a process during the scan."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed, pool_name, unseen
from inventory.observation import Found
from inventory.platforms import Platform


@rule("WIN024", scope=Scope.HOST, needs=("iis", "processes"), platform=Platform.WINDOWS)
def idle_iis_site(subject: HostSubject) -> RuleAnswer:
    """IIS site had no process during the scan.

    Why:
        IIS starts a pool's processes at the first request and ends them after twenty idle minutes, so such a site
        belongs to no workload and is easily forgotten.
    Remedy:
        Find out who uses the site (its logs show the last request); open it once and scan again, or retire it.
    Source:
        Sites that start with the server (serverAutoStart), and worker processes by their pool.
    """
    host = subject.host
    iis = host.snapshot.iis
    yield from unseen("iis", iis)
    running = {name.lower() for workload in host.workloads if (name := pool_name(workload))}
    for site in iis.value.sites if isinstance(iis, Found) else ():
        pools = {(each.pool or "DefaultAppPool").lower() for each in site.applications}
        if site.starts and pools and not pools & running:
            where = listed(f"{each.protocol} {each.text}" for each in site.bindings)
            yield Hit(
                Severity.INFO,
                f"The IIS site {site.name} on {host.name} had no process during the scan and belongs to no workload.",
                (Evidence(f"site {site.name} ({where}) starts with the server", site.origin),),
            )
