"""Two ways to connect Docker containers to a pilot's network.

As root, the network is ours (see netns): for each node a container that only sleeps is started without a network, its
namespace is joined to ours, and the node's services share it. Addresses are there before a service starts and stay
over its restarts, and whatever networks Docker has already, in the legacy estate's ranges too, are not in the way.

A member of group docker can only ask Docker for networks, in none of which this machine takes part: a copy must not
reach what listens here. Then the first container on a node holds its network, each legacy subnet becomes a network, and
the way in is a container of our own (see docker_door).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from containerize.runtimes.allowed_destinations import AllowedDestinations
from containerize.runtimes.docker_node_access import NodeAccess
from containerize.runtimes.network_namespaces import PilotNetwork
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import (
    OWNER_LABEL,
    PILOT_LABEL,
    ContainerSpec,
    NetworkNode,
    NetworkSpec,
    RuntimeFailed,
)

if TYPE_CHECKING:
    from containerize.runtimes.engine_runtime import EngineRuntime


class NodeNetworks(Protocol):
    """The network interface of the Docker backend. Containers without a node are not its concern."""

    def create(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime.create_network."""
        ...

    def mode(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """``NetworkMode`` of a container."""
        ...

    def configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        """``NetworkingConfig`` of a container."""
        ...

    def dropped(self, spec: ContainerSpec) -> list[str]:
        """``CapDrop`` of a container."""
        ...

    def created(self, spec: ContainerSpec, container: str) -> None:
        """A container was created and not started yet."""
        ...

    def removed(self, container: str) -> None:
        """A container is gone."""
        ...

    def remove(self, pilot: PilotId) -> None:
        """Remove all networks of a pilot, whose containers are gone. Safe to call twice, and after a crash."""
        ...

    def resolvers(self) -> list[str]:
        """``Dns`` of a container."""
        ...

    def open_ways(self, pilot: PilotId, spec: ContainerSpec) -> None:
        """Let the container's node connect to what was allowed, before the container starts."""
        ...

    def dial(self, container: str, address: str, port: int, timeout: float) -> socket.socket | None:
        """Connect from within a container's network; None when nothing but entering its namespace does."""
        ...


class HeldNetworks:
    """Root's way."""

    def __init__(self, runtime: EngineRuntime) -> None:
        self._runtime = runtime
        self._network: NetworkSpec | None = None
        self._holders: dict[str, str] = {}
        self._ways = AllowedDestinations()

    def create(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See NodeNetworks."""
        PilotNetwork(pilot).create_switch(network)
        self._network = network
        return network

    def mode(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See NodeNetworks. Starts the node's holder with its first container."""
        if self._network is None or spec.node not in [node.name for node in self._network.nodes]:
            raise RuntimeFailed(f"{spec.node} is not on the pilot's network")
        if spec.node not in self._holders:
            index = [node.name for node in self._network.nodes].index(spec.node)
            holder = self._runtime.hold(pilot, spec, f"node{index}")
            PilotNetwork(pilot).join(self._network, index, self._runtime.pid(holder))
            self._holders[spec.node] = holder
        return f"container:{self._holders[spec.node]}"

    def configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        """See NodeNetworks."""
        return None

    def dropped(self, spec: ContainerSpec) -> list[str]:
        """See NodeNetworks."""
        return []

    def created(self, spec: ContainerSpec, container: str) -> None:
        """See NodeNetworks."""

    def removed(self, container: str) -> None:
        """See NodeNetworks."""

    def remove(self, pilot: PilotId) -> None:
        """See NodeNetworks."""
        self._ways.close()
        PilotNetwork(pilot).remove()
        self._holders.clear()

    def resolvers(self) -> list[str]:
        """See NodeNetworks."""
        return []

    def open_ways(self, pilot: PilotId, spec: ContainerSpec) -> None:
        """See NodeNetworks."""
        assert self._network is not None  # noqa: S101 - mode() was asked before
        index = [node.name for node in self._network.nodes].index(spec.node)
        for address, port in spec.destinations:
            self._ways.open(PilotNetwork(pilot).namespace(index), address, port)

    def dial(self, container: str, address: str, port: int, timeout: float) -> socket.socket | None:
        """See NodeNetworks."""
        return None


class EngineNetworks:
    """The way of a member of group docker."""

    def __init__(self, runtime: EngineRuntime) -> None:
        self._runtime = runtime
        self._nodes: dict[str, NetworkNode] = {}
        self._holders: dict[str, str] = {}
        self._legacy: list[tuple[str, ipaddress.IPv4Network]] = []
        self._doors: dict[str, NodeAccess] = {}

    @property
    def _api(self) -> Any:
        return self._runtime.api

    def create(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See NodeNetworks."""
        subnet = ipaddress.IPv4Network(network.subnet)
        self._make(pilot, pilot.prefix, subnet, next(subnet.hosts()))
        if _is_local(next(subnet.hosts())):
            self._runtime.notes.append(
                f"this version of Docker gives this machine the address {next(subnet.hosts())} in the pilot's network:"
                " the copies can reach what listens here on all addresses; run the pilot as root, or with Docker 23 or"
                " newer"
            )
        addresses = [ipaddress.IPv4Address(each) for node in network.nodes for each in node.legacy_addresses]
        subnets = sorted({ipaddress.IPv4Network((each, 24), strict=False) for each in addresses})
        for number, subnet in enumerate(subnets):
            name = f"{pilot.prefix}-legacy{number}"
            try:
                self._make_legacy(pilot, name, subnet, addresses)
            except RuntimeFailed as error:
                words = f"copies could not be given the addresses of {subnet}, only names lead to them: {error}"
                self._runtime.notes.append(words)
            else:
                self._legacy.append((name, subnet))
        nodes = tuple(replace(node, legacy_addresses=self._given(node)) for node in network.nodes)
        self._nodes = {node.name: node for node in nodes}
        return NetworkSpec(network.subnet, nodes)

    def _given(self, node: NetworkNode) -> tuple[str, ...]:
        """The first address of a node in each legacy subnet: Docker gives one for each network."""
        given = []
        for _, subnet in self._legacy:
            own = [address for address in node.legacy_addresses if ipaddress.IPv4Address(address) in subnet]
            if own[1:]:
                words = f"{node.name} has several addresses in {subnet}; its copy has {own[0]} only"
                self._runtime.notes.append(words)
            given += own[:1]
        return tuple(given)

    def _make_legacy(
        self, pilot: PilotId, name: str, subnet: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Address]
    ) -> None:
        """A legacy subnet. This machine must not have an address in it: its own way to the live hosts would end in the
        pilot.
        """
        gateway = next(_free(subnet, taken))
        self._make(pilot, name, subnet, gateway)
        if _is_local(gateway):
            self._api.remove_network(name)
            raise RuntimeFailed("this version of Docker would take this machine into that network")

    def _make(self, pilot: PilotId, name: str, subnet: ipaddress.IPv4Network, gateway: ipaddress.IPv4Address) -> None:
        """A network without a way out, whose gateway is not assigned."""
        options = {"com.docker.network.bridge.inhibit_ipv4": "true"}
        self._runtime.make_network(pilot, name, str(subnet), str(gateway), options)

    def mode(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See NodeNetworks."""
        if spec.node in self._holders:
            return f"container:{self._holders[spec.node]}"
        return pilot.prefix

    def configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        """See NodeNetworks."""
        if spec.node in self._holders:
            return None
        endpoint = self._api.create_endpoint_config(ipv4_address=self._nodes[spec.node].address)
        return dict(self._api.create_networking_config({pilot.prefix: endpoint}))

    def dropped(self, spec: ContainerSpec) -> list[str]:
        """See NodeNetworks. The kernel gives the bridge an IPv6 address of this machine, which no option of Docker
        takes away. A copy has no IPv6, but could make its frames by hand.
        """
        if "CAP_NET_RAW" not in spec.capabilities:
            return ["NET_RAW"]
        if _RAW not in self._runtime.notes:
            self._runtime.notes.append(_RAW)
        return []

    def created(self, spec: ContainerSpec, container: str) -> None:
        """Join the legacy subnets, before the service starts and binds to an address there."""
        if spec.node in self._holders:
            return
        self._holders[spec.node] = container
        everyone = [ipaddress.IPv4Address(each) for node in self._nodes.values() for each in node.legacy_addresses]
        own = [ipaddress.IPv4Address(each) for each in self._nodes[spec.node].legacy_addresses]
        for name, subnet in self._legacy:
            mine = [address for address in own if address in subnet]
            # A host that has no address in there gets one, so that it reaches those that have. The last free one is
            # the gateway's.
            free = list(_free(subnet, everyone))
            address = mine[0] if mine else free[1 + list(self._nodes).index(spec.node)]
            self._api.connect_container_to_network(container, name, ipv4_address=str(address))

    def removed(self, container: str) -> None:
        """See NodeNetworks."""
        gone = [node for node, holder in self._holders.items() if holder == container]
        for node in gone:
            del self._holders[node]
        self._shut(container)

    def _shut(self, holder: str) -> None:
        if door := self._doors.pop(holder, None):
            self._runtime.remove(door.container)

    def remove(self, pilot: PilotId) -> None:
        """See NodeNetworks."""
        for network in self._api.networks(filters={"label": f"{PILOT_LABEL}={pilot.id}"}):
            self._api.remove_network(network["Id"])
        self._holders.clear()
        self._legacy.clear()
        self._doors.clear()

    def resolvers(self) -> list[str]:
        """See NodeNetworks. Docker's own resolver listens in each of its networks, and before 26.0 it asked this
        machine's servers for those who asked, networks without a way out included (CVE-2024-29018). A server that is
        given is asked from within.
        """
        return [NOWHERE]

    def open_ways(self, pilot: PilotId, spec: ContainerSpec) -> None:
        """See NodeNetworks."""
        if spec.destinations:
            raise RuntimeFailed(
                "only root can open a way out of the pilot's network (--allow-network); run the pilot as root"
            )

    def dial(self, container: str, address: str, port: int, timeout: float) -> socket.socket | None:
        """See NodeNetworks. A container that was started again has another network, and needs another door."""
        about = self._api.inspect_container(container)
        mode = str(about["HostConfig"].get("NetworkMode") or "")
        holder = mode.removeprefix("container:") if mode.startswith("container:") else container
        pid = self._runtime.pid(holder)
        door = self._doors.get(holder)
        if door is None or door.pid != pid:
            self._shut(holder)
            of = about["Config"]["Labels"]
            pilot = PilotId(of[PILOT_LABEL], of[OWNER_LABEL])
            door = self._doors[holder] = NodeAccess(self._runtime, pilot, holder, pid)
        return door.dial(address, port, timeout)


_RAW = (
    "with CAP_NET_RAW, and without root for the pilot, a copy can reach what listens on IPv6 addresses of this machine;"
    " run the pilot as root"
)

NOWHERE = "192.0.2.1"
"""An address of documentation (RFC 5737): it is not assigned."""


def _free(subnet: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Address]) -> Iterator[ipaddress.IPv4Address]:
    """Addresses of a legacy subnet that none of its hosts in the pilot has, from the end."""
    used = set(taken)
    for number in range(subnet.num_addresses - 2, 0, -1):
        if (address := subnet.network_address + number) not in used:
            yield address


def _is_local(address: ipaddress.IPv4Address) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
