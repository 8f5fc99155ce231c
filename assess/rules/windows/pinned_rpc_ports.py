"""WIN028: servers with pinned RPC ports."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.platforms import Platform


@rule("WIN028", scope=Scope.HOST, needs=("windows_settings",), platform=Platform.WINDOWS, aliases=("rpc-ports-pinned",))
def pinned_rpc_ports(subject: HostSubject) -> RuleAnswer:
    r"""RPC ports are pinned, so other hosts call the server through RPC.

    Why:
        The ports were restricted for a firewall: clients elsewhere call COM or RPC servers on this host. They start at
        port 135 and are redirected to another port with the server's own address, which does not work across a
        container network's address translation.
    Remedy:
        Give the container its own address on the network (a transparent or l2bridge network) and the same pinned ports,
        or move the callers to a protocol with one port.
    Source:
        Rpc\Internet in the registry (Ports, PortsInternetAvailable); Microsoft, RPC dynamic port allocation.
    """
    ports = value(subject.host, "rpc", "Ports")
    if ports is not None and ports.value:
        yield Hit(
            Severity.MAJOR,
            f"RPC on {subject.host.name} is pinned to ports {ports.value}.",
            (Evidence(f"the registry value Rpc\\Internet\\Ports is {ports.value}", ports.origin),),
        )
