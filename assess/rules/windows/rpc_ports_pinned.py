"""WIN028."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.platforms import Platform


@rule("WIN028", scope=Scope.HOST, needs=("windows_settings",), platform=Platform.WINDOWS)
def rpc_ports_pinned(subject: HostSubject) -> RuleAnswer:
    r"""The ports of RPC were pinned on the server, so something is called by RPC from outside.

    Why:
        Somebody restricted the ports for a firewall: clients elsewhere call COM or RPC servers of this host. They
        begin at port 135 and are sent to another port with the server's own address, which the address translation of
        a container's network breaks.
    Remedy:
        Give the container an address of its own on the network (a transparent or l2bridge network) and the same pinned
        ports, or move the callers to a protocol of one port.
    Source:
        Rpc\Internet in the registry (Ports, PortsInternetAvailable); Microsoft, RPC dynamic port allocation.
    """
    ports = value(subject.host, "rpc", "Ports")
    if ports is not None and ports.value:
        yield Hit(
            Severity.MAJOR,
            f"RPC on {subject.host.name} is pinned to the ports {ports.value}.",
            (Evidence(f"Ports of Rpc\\Internet is {ports.value}", ports.origin),),
        )
