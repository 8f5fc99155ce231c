"""KRN006: workloads with a raw IP socket."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_PROTOCOLS = {1: "ICMP", 2: "IGMP", 4: "IPIP", 47: "GRE", 50: "ESP", 51: "AH", 58: "ICMPv6", 89: "OSPF", 112: "VRRP"}
# Ping works where the capability is granted. The others are separate protocols, whose ports cannot be published.
_ECHO = (1, 58, 255)


@rule("KRN006", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def raw_socket(subject: WorkloadSubject) -> RuleAnswer:
    """Service holds a raw IP socket.

    Why:
        A raw socket needs the capability NET_RAW, which Docker grants by default and Podman and restricted Kubernetes
        do not. Protocols other than TCP and UDP (VRRP, OSPF, GRE, ESP …) cannot be published from a container's own
        network at all.
    Remedy:
        For ICMP, start the container with --cap-add NET_RAW. For other protocols, use the host's network (--network
        host), usually with NET_ADMIN, or keep the service on the host.
    Source:
        /proc/net/raw; capabilities(7). Tested with raw ICMP and protocol 112.
    """
    for owned in subject.workload.listeners:
        listener = owned.listener
        if not listener.protocol.startswith("raw"):
            continue
        protocol = _PROTOCOLS.get(listener.port, f"IP protocol {listener.port}")
        echo = listener.port in _ECHO
        yield Hit(
            Severity.MINOR if echo else Severity.MAJOR,
            f"The service holds a raw socket for {protocol}.",
            (Evidence(f"process {owned.pids[0]} holds a raw socket for {protocol}", listener.origin),),
            "Start the container with --cap-add NET_RAW."
            if echo
            else f"Run the container in the host's network: {protocol} cannot be published.",
            settings=("capability NET_RAW",) if echo else (),
        )
