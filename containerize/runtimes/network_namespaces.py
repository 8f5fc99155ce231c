"""An isolated network of namespaces, veth pairs and a bridge, made with ``ip``.

The bridge has its own namespace, so no route, address or firewall rule of this machine changes and none of them
can get in between (an engine that drops forwarded packets on every bridge, for one). Each node of the pilot is a
namespace with one interface on that bridge; it has its address in the pilot's subnet and, next to it, the addresses
that its legacy host has. Those lead nowhere else: there is no way out.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import NetworkSpec, RuntimeFailed

T = TypeVar("T")

_CLONE_NEWNET = 0x40000000
_NAMESPACES = Path("/run/netns")


class PilotNetwork:
    """The network of one pilot. Needs root and ``ip`` of iproute2."""

    def __init__(self, pilot: PilotId) -> None:
        self._prefix = pilot.prefix

    @property
    def _switch(self) -> str:
        return f"{self._prefix}-switch"

    def namespace(self, index: int) -> Path:
        """The network namespace of a node, as a file that it can be entered by."""
        return _NAMESPACES / f"{self._prefix}-{index}"

    def create(self, network: NetworkSpec) -> None:
        """Make the bridge and a namespace for each node."""
        self.create_switch(network)
        for index in range(len(network.nodes)):
            self.join(network, index)

    def create_switch(self, network: NetworkSpec) -> None:
        """The bridge, in its own namespace."""
        subnet = ipaddress.ip_network(network.subnet)
        _ip("netns", "add", self._switch)
        _ip("-netns", self._switch, "link", "add", "name", "bridge", "type", "bridge")
        _ip("-netns", self._switch, "address", "add", f"{next(subnet.hosts())}/{subnet.prefixlen}", "dev", "bridge")
        _ip("-netns", self._switch, "link", "set", "bridge", "up")

    def join(self, network: NetworkSpec, index: int, pid: int = 0) -> None:
        """Join a node to the bridge, with its addresses: in a new namespace, or in the one that ``pid`` is in."""
        node = network.nodes[index]
        name = self.namespace(index).name
        if pid:
            _ip("netns", "attach", name, str(pid))
        else:
            self.create_lonely(index)
        port = f"port{index}"
        _ip("-netns", self._switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("-netns", self._switch, "link", "set", port, "master", "bridge", "up")
        prefix_length = ipaddress.ip_network(network.subnet).prefixlen
        _ip("-netns", name, "address", "add", f"{node.address}/{prefix_length}", "dev", "eth0")
        _ip("-netns", name, "link", "set", "eth0", "up")
        for address in node.legacy_addresses:
            _ip("-netns", name, "address", "add", f"{address}/32", "dev", "eth0")
        # To the others' legacy addresses, from our own: grants and access lists go by the client's address.
        source = ["src", node.legacy_addresses[0]] if node.legacy_addresses else []
        for other in network.nodes:
            for address in other.legacy_addresses if other is not node else ():
                _ip("-netns", name, "route", "add", f"{address}/32", "dev", "eth0", *source)

    def create_lonely(self, index: int) -> None:
        """A namespace with nothing but its loopback."""
        name = self.namespace(index).name
        _ip("netns", "add", name)
        _ip("-netns", name, "link", "set", "lo", "up")
        inside(self.namespace(index), _docker_sysctls)

    def remove(self) -> None:
        """Remove every namespace of the pilot; the kernel removes what is in them. Safe to call twice."""
        for path in sorted(_NAMESPACES.glob(f"{self._prefix}-*")):
            _ip("netns", "delete", path.name)


def _docker_sysctls() -> None:
    """Docker sets these for every container: ports below 1024 and ping need no root."""
    for name, value in (("ip_unprivileged_port_start", "0"), ("ping_group_range", "0 2147483647")):
        Path(f"/proc/sys/net/ipv4/{name}").write_text(value, encoding="ascii")


def inside(namespace: Path, function: Callable[[], T]) -> T:
    """Call a function in a network namespace. A socket that it makes stays in there for good.

    A thread enters the namespace and ends with it, so that no other code of this process ever runs in there.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(descriptor, _CLONE_NEWNET):
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number), str(namespace))
            finally:
                os.close(descriptor)
            outcome.append(function())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="in-namespace")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def add_loopback_address(namespace: Path, address: str) -> None:
    """Give the loopback of a namespace one more address. Raises RuntimeFailed."""
    _ip("-netns", namespace.name, "address", "add", f"{address}/32", "dev", "lo")


def dial_inside(namespace: Path, address: str, port: int, timeout: float) -> socket.socket:
    """Connect within a network namespace; raises OSError as a socket does, PermissionError without root."""
    return inside(namespace, lambda: socket.create_connection((address, port), timeout=timeout))


def _ip(*arguments: str) -> None:
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RuntimeFailed("the pilot's network needs the command ip; install iproute2") from None
    if done.returncode:
        raise RuntimeFailed(f"ip {' '.join(arguments)}: {done.stderr.strip() or done.returncode}")
