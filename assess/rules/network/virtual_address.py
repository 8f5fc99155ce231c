"""NET012: hosts with a virtual or additional address."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import both, reached_at, running
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("NET012", scope=Scope.HOST, needs=("network",))
def virtual_address(subject: HostSubject) -> RuleAnswer:
    """Clients reach the host through a virtual or additional address.

    Why:
        A container has one address in the engine's network. An address that keepalived or Pacemaker moves between hosts
        belongs to none of them, and the cluster manager works on host interfaces; an additional address ties services
        to the host that has it.
    Remedy:
        Assign the address to the platform's load balancer (or keep keepalived on the container hosts), and publish the
        port on it: --publish ADDRESS:PORT:PORT. Clients then need no change.
    Source:
        Interface addresses, keepalived.conf, the cluster configuration. Publishing on one address was tested.
    """
    network = value_or_none(subject.host.snapshot.network)
    if network is None:
        return
    moved: set[str] = set()
    for virtual in network.virtual_addresses:
        if virtual.address in moved:
            continue
        moved.add(virtual.address)
        here = " This host has it now." if virtual.address in network.own_addresses else ""
        yield Hit(
            Severity.MAJOR,
            f"{virtual.manager} moves the address {virtual.address} between hosts.{here}",
            (
                Evidence(
                    f"{virtual.manager} has {virtual.address} in {virtual.group or 'its configuration'}", virtual.origin
                ),
            ),
            affects=both(running(subject.host, (virtual.manager,)), reached_at(subject.host, (virtual.address,))),
        )
    for address in network.addresses:
        if address.alias and address.address not in moved and not address.address.startswith("127."):
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has the additional address {address.address} on {address.interface}.",
                (Evidence(f"{address.address} is {address.label or 'a secondary address'}", address.origin),),
                f"Publish the services reached there on {address.address} of a container host, or on a load balancer.",
                affects=reached_at(subject.host, (address.address,)),
            )
