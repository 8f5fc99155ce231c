"""Docker Engine, over its socket on this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from containerize.runtimes.engine import EngineRuntime, labels, refusals
from containerize.runtimes.ownership import PilotId
from containerize.runtimes.runtime import (
    PILOT_LABEL,
    ContainerSpec,
    Network,
    Node,
    RuntimeFailed,
    RuntimeUnavailable,
)

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
_START_IT = "start it (systemctl start docker), or choose another runtime with --runtime"


def connect_docker() -> DockerRuntime:
    """The engine that DOCKER_HOST names, or the usual socket; raises RuntimeUnavailable."""
    address = os.environ.get("DOCKER_HOST") or DEFAULT_SOCKET
    if not address.startswith("unix://"):
        raise RuntimeUnavailable(
            f"the Docker engine of DOCKER_HOST={address} is on another machine; a pilot needs one on this machine"
        )
    path = Path(address.removeprefix("unix://"))
    if not path.exists():
        raise RuntimeUnavailable(f"no Docker engine runs here ({path} is missing); {_START_IT}")
    if not os.access(path, os.R_OK | os.W_OK):
        raise RuntimeUnavailable(f"this user may not use Docker ({path}); run as root or as a member of group docker")
    client, engine = open_client(address)
    if engine != "Engine":
        client.close()
        raise RuntimeUnavailable(f"{path} belongs to {engine}, not to Docker; use --runtime podman")
    return DockerRuntime(client)


def open_client(address: str) -> tuple[DockerClient, str]:
    """A client that got an answer, and the name of the engine that gave it; raises RuntimeUnavailable."""
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        client = docker.DockerClient(base_url=address, version="auto", timeout=300)
        components = client.version().get("Components") or [{}]
    except (DockerException, RequestException) as error:
        raise RuntimeUnavailable(f"the engine at {address} does not answer ({_words(error)}); {_START_IT}") from None
    return client, str(components[0].get("Name", "Engine"))


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


class DockerRuntime(EngineRuntime):
    """Docker Engine. The first container on a node holds its network; the others share it."""

    name = "docker"

    def __init__(self, client: DockerClient) -> None:
        super().__init__(client)
        self.reads_zstd = reads_zstd(str(client.version().get("Version", "")))
        self._nodes: dict[str, Node] = {}
        self._holders: dict[str, str] = {}
        self._legacy: list[tuple[str, ipaddress.IPv4Network]] = []

    def create_network(self, pilot: PilotId, network: Network) -> Network:
        """The pilot's own network, and one for each legacy subnet in which this machine takes no part."""
        self._make(pilot, pilot.prefix, ipaddress.IPv4Network(network.subnet), joined=True)
        addresses = [ipaddress.IPv4Address(each) for node in network.nodes for each in node.legacy_addresses]
        subnets = sorted({ipaddress.IPv4Network((each, 24), strict=False) for each in addresses})
        for number, subnet in enumerate(subnets):
            name = f"{pilot.prefix}-legacy{number}"
            try:
                self._make(pilot, name, subnet, joined=False, taken=addresses)
            except RuntimeFailed as error:
                self.notes.append(
                    f"copies could not be given the addresses of {subnet}, only names lead to them: {error}"
                )
            else:
                self._legacy.append((name, subnet))
        nodes = tuple(replace(node, legacy_addresses=self._given(node)) for node in network.nodes)
        self._nodes = {node.name: node for node in nodes}
        return Network(network.subnet, nodes)

    def _given(self, node: Node) -> tuple[str, ...]:
        """The first address of a node in each legacy subnet: Docker gives one for each network."""
        given = []
        for _, subnet in self._legacy:
            own = [address for address in node.legacy_addresses if ipaddress.IPv4Address(address) in subnet]
            if own[1:]:
                self.notes.append(f"{node.name} has several addresses in {subnet}; its copy has {own[0]} only")
            given += own[:1]
        return tuple(given)

    def _make(
        self,
        pilot: PilotId,
        name: str,
        subnet: ipaddress.IPv4Network,
        *,
        joined: bool,
        taken: list[ipaddress.IPv4Address] | None = None,
    ) -> None:
        """``joined``: this machine has an address in it. In a legacy subnet it must not: its own way to the live
        hosts would end in the pilot.
        """
        from docker.types import IPAMConfig, IPAMPool

        gateway = next(subnet.hosts()) if joined else next(self._free(subnet, taken or []))
        pool = IPAMPool(subnet=str(subnet), gateway=str(gateway))
        with refusals(f"network {subnet} was not made"):
            self._api.create_network(
                name,
                driver="bridge",
                internal=True,
                ipam=IPAMConfig(pool_configs=[pool]),
                labels=labels(pilot),
                options={} if joined else {"com.docker.network.bridge.inhibit_ipv4": "true"},
            )
        if not joined and _is_local(gateway):
            self._api.remove_network(name)
            raise RuntimeFailed("this version of Docker would take this machine into that network")

    def _free(
        self, subnet: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Address]
    ) -> Iterator[ipaddress.IPv4Address]:
        """Addresses of a legacy subnet that none of its hosts in the pilot has, from the end."""
        used = set(taken)
        for number in range(subnet.num_addresses - 2, 0, -1):
            if (address := subnet.network_address + number) not in used:
                yield address

    def _connect(self, pilot: PilotId, spec: ContainerSpec) -> str:
        if not spec.node:
            return "none"
        if spec.node in self._holders:
            return f"container:{self._holders[spec.node]}"
        return pilot.prefix

    def _configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        if not spec.node or spec.node in self._holders:
            return None
        address = self._nodes[spec.node].address
        endpoint = self._api.create_endpoint_config(ipv4_address=address)
        return dict(self._api.create_networking_config({pilot.prefix: endpoint}))

    def _created(self, pilot: PilotId, spec: ContainerSpec, container: str) -> None:
        """Into the legacy subnets, before the service starts and binds to an address there."""
        if not spec.node or spec.node in self._holders:
            return
        self._holders[spec.node] = container
        everyone = [ipaddress.IPv4Address(each) for node in self._nodes.values() for each in node.legacy_addresses]
        own = [ipaddress.IPv4Address(each) for each in self._nodes[spec.node].legacy_addresses]
        for name, subnet in self._legacy:
            mine = [address for address in own if address in subnet]
            # A host that has no address in there gets one, so that it reaches those that have. The last free one is
            # the gateway's.
            free = list(self._free(subnet, everyone))
            address = mine[0] if mine else free[1 + list(self._nodes).index(spec.node)]
            self._api.connect_container_to_network(container, name, ipv4_address=str(address))

    def _remove_network(self, pilot: PilotId) -> None:
        for network in self._api.networks(filters={"label": f"{PILOT_LABEL}={pilot.id}"}):
            self._api.remove_network(network["Id"])
        self._holders.clear()
        self._legacy.clear()

    def remove(self, container: str) -> None:
        """See Runtime."""
        super().remove(container)
        self._holders = {node: holder for node, holder in self._holders.items() if holder != container}

    def _dial(self, container: str, pid: int, port: int, address: str, timeout: float) -> socket.socket:
        """Without root we cannot go in; then from outside, by the container's own address."""
        try:
            return super()._dial(container, pid, port, address, timeout)
        except PermissionError:
            node = next((node for node, holder in self._holders.items() if holder == container), None)
            if node is None:
                raise
            return socket.create_connection((self._nodes[node].address, port), timeout=timeout)


def reads_zstd(version: str) -> bool:
    """Whether ``docker load`` of this version takes zstd layers: since 23.0; 20.10 says "invalid tar header"."""
    major = version.partition(".")[0]
    return not major.isdigit() or int(major) >= 23


def _is_local(address: ipaddress.IPv4Address) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
