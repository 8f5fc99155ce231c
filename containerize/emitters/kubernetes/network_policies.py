"""The Service of a workload and its NetworkPolicy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assess.configuration_text.ip_addresses import is_local_address, parse_address
from containerize.emitters.emission import Emission
from containerize.emitters.host_names import published
from containerize.emitters.kubernetes.objects import ObjectNames, instance_of, named
from containerize.plan.model import ImagePlan

_RESOLVER = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def service(plan: ImagePlan, names: ObjectNames) -> dict[str, Any]:
    """Reached within the cluster under its name; headless where it has no port."""
    spec: dict[str, Any] = {"selector": names.selector("service")}
    ports = published(plan)
    if ports:
        spec["ports"] = [
            {"name": f"{protocol}-{port}", "port": port, "targetPort": port, "protocol": protocol.upper()}
            for port, protocol in ports
        ]
    else:
        spec["clusterIP"] = "None"
    return named("v1", "Service", names.base, names, spec)


def network_policy(plan: ImagePlan, names: ObjectNames) -> dict[str, Any]:
    """Connections to the observed ports are allowed, others are not. Where it connects to is left open."""
    ports = [{"protocol": protocol.upper(), "port": port} for port, protocol in published(plan)]
    spec = {
        "podSelector": {"matchLabels": names.selector("service")},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": ports}] if ports else [],
    }
    return named("networking.k8s.io/v1", "NetworkPolicy", names.base, names, spec)


def observed_policy(emission: Emission, names: ObjectNames) -> dict[str, Any]:
    """Only clients that were connected, and only to where it was connected or its files name. A port without any
    client that was seen stays open.
    """
    plan, seen = emission.plan, emission.seen
    ingress: list[dict[str, Any]] = []
    for port, protocol in published(plan):
        sources = [
            source
            for client in seen.clients
            if (client.protocol, client.port) == (protocol, port)
            for source in _ends(client.address, client.workload)
        ]
        rule: dict[str, Any] = {"from": _distinct(sources)} if sources else {}
        ingress.append({**rule, "ports": [{"protocol": protocol.upper(), "port": port}]})
    egress: list[dict[str, Any]] = [_RESOLVER]
    for address, port, workload in seen.destinations:
        egress.append({"to": _ends(address, workload), "ports": [{"protocol": "TCP", "port": port}]})
    spec = {
        "podSelector": {"matchLabels": names.selector("service")},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }
    return named("networking.k8s.io/v1", "NetworkPolicy", names.base, names, spec)


def policy_head(emission: Emission) -> Iterator[str]:
    """A comment with the observations behind the policy."""
    seen = emission.seen
    if seen.looks:
        yield f"It rests on connections: {seen.looks}."
    with_client = {(client.protocol, client.port) for client in seen.clients}
    for port, protocol in published(emission.plan):
        if (protocol, port) not in with_client:
            yield f"No client was observed on {protocol} port {port}."
    for client in seen.clients:
        who = f" ({client.workload})" if client.workload else ""
        yield f"{client.address}{who} was connected to {client.protocol} port {client.port}."
    for name in seen.names_without_address:
        yield f"It names {name}, whose address is not known: add it before you narrow egress."
    for address, port, workload in seen.destinations:
        if is_local_address(address):
            yield f"It reaches {workload or 'a neighbour'} on {address} port {port}: that is the pod itself here."


def _ends(address: str, workload: str) -> list[dict[str, Any]]:
    """The legacy host, and the pods of the workload once they are in the same name space."""
    ends: list[dict[str, Any]] = []
    parsed = parse_address(address)
    if parsed is not None and not is_local_address(address):
        ends.append({"ipBlock": {"cidr": f"{parsed}/{parsed.max_prefixlen}"}})
    if workload:
        ends.append({"podSelector": {"matchLabels": {"app.kubernetes.io/instance": instance_of(workload)}}})
    # Without any end a rule would let everything through.
    return ends or [{"ipBlock": {"cidr": "127.0.0.1/32"}}]


def _distinct(ends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for at, each in enumerate(ends) if each not in ends[:at]]
