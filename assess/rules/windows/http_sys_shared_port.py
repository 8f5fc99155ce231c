"""WIN025: ports that several programs share through http.sys."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed
from inventory.observation import Found, value_or_none
from inventory.platforms import Platform

_PORT = re.compile(r"https?://[^/]*:(\d{1,5})(?:[:/]|$)", re.ASCII | re.IGNORECASE)
_MOST = 20


@rule("WIN025", scope=Scope.HOST, needs=("http_sys",), platform=Platform.WINDOWS, aliases=("port-shared-by-http-sys",))
def http_sys_shared_port(subject: HostSubject) -> RuleAnswer:
    """Several programs share one port by host name or path (http.sys).

    Why:
        The kernel's web server (http.sys) passes requests to the programs that registered a URL. Every container has
        its own http.sys, so containers cannot share a port that way.
    Remedy:
        Give each container its own port and put a reverse proxy (or the orchestrator's ingress) with the same host
        names and paths in front of them.
    Source:
        Output of netsh http show servicestate; IIS bindings with the same port.
    """
    host = subject.host
    users: dict[int, dict[str, Evidence]] = {}
    found = host.snapshot.http_sys
    # IIS worker processes are counted by their sites.
    workers = {each.pid for each in value_or_none(host.snapshot.processes) or () if each.name.lower() == "w3wp.exe"}
    for url in found.value if isinstance(found, Found) else ():
        port = _PORT.search(url.url)
        if url.kind == "registered" and port is not None and url.pids and not workers.intersection(url.pids):
            owners = f"process {', '.join(map(str, url.pids))}"
            about = Evidence(f"{url.url} is registered by {owners}", url.origin)
            users.setdefault(int(port[1]), {}).setdefault(owners, about)
    iis = value_or_none(host.snapshot.iis)
    for site in iis.sites if iis else ():
        for binding in site.bindings if site.starts else ():
            if binding.port is not None and binding.protocol in ("http", "https"):
                about = Evidence(f"site {site.name} is bound to {binding.text}", site.origin)
                users.setdefault(binding.port, {}).setdefault(f"site {site.name}", about)
    for port_number, shared in sorted(users.items()):
        if len(shared) > 1:
            yield Hit(
                Severity.MINOR,
                f"Port {port_number} on {host.name} is shared by {listed(shared)} through http.sys.",
                tuple(shared.values())[:_MOST],
            )
