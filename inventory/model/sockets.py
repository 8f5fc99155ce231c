"""Sockets and connections, as the kernel lists them. Owners are joined by inode (see ``Snapshot.listeners``)."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound TCP socket in LISTEN, or a bound UDP, UDP-Lite or raw socket.

    ``protocol`` is tcp, udp, udplite or raw, with a 6 behind it for IPv6. SCTP, which has several addresses for one
    port, has :class:`SctpEndpoint`.

    ``address`` is printed in its usual form (``0.0.0.0``, ``::``, ``127.0.0.1``). ``port`` of a raw socket is the IP
    protocol.
    """

    protocol: str
    address: str
    port: int
    uid: int
    inode: int
    origin: Origin

    @property
    def loopback(self) -> bool:
        """Whether only the host itself can reach it."""
        return self.address.startswith("127.") or self.address in ("::1", "::ffff:127.0.0.1")

    @property
    def any_address(self) -> bool:
        """Whether it is bound to every address."""
        return self.address in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection of a process (not one in TIME_WAIT), or a UDP or raw socket that has a peer.

    ``state`` is the kernel's word (``ESTABLISHED``, ``CLOSE_WAIT`` …); of sockets without TCP always ``ESTABLISHED``.
    """

    protocol: str
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    state: str
    uid: int
    inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A named unix socket; an abstract name starts with ``@``. ``kind`` is stream, dgram or seqpacket.

    A connection that was accepted has the name of the socket that listened.
    """

    path: str
    kind: str
    listening: bool
    inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class UnixPeer:
    """A connected unix socket and the inode of the socket at its other end, as the kernel's sock_diag reports it.

    ``path`` is "" for an end without a name; the end that accepted has the name of the server's socket. Of a pair both
    ends are listed. ``kind`` is stream, dgram or seqpacket.
    """

    path: str
    kind: str
    inode: int
    peer_inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class PacketSocket:
    """A socket that sees frames (AF_PACKET): sniffers, DHCP, LLDP, VRRP, see packet(7).

    ``kind`` is raw or dgram; ``ethernet_protocol`` is the type of frames it takes (0x0003 all, 0x88cc LLDP);
    ``interface`` is the index of its interface, 0 for all.
    """

    kind: str
    ethernet_protocol: int
    interface: int
    uid: int
    inode: int
    origin: Origin


NETLINK_FAMILIES = {
    0: "route",
    2: "usersock",
    4: "sock_diag",
    5: "nflog",
    6: "xfrm",
    7: "selinux",
    8: "iscsi",
    9: "audit",
    10: "fib_lookup",
    11: "connector",
    12: "netfilter",
    14: "dnrtmsg",
    15: "kobject_uevent",
    16: "generic",
    18: "scsitransport",
    19: "ecryptfs",
    20: "rdma",
    21: "crypto",
    22: "smc",
}
"""Protocols of netlink(7) by number."""


@dataclass(frozen=True, slots=True)
class NetlinkSocket:
    """A socket to the kernel.

    ``port_id`` is usually the PID of the process that opened it; ``groups`` is the mask of its groups 1 to 32;
    ``inode`` is 0 on kernels before 2.6.39, which do not report it.
    """

    protocol: int
    port_id: int
    groups: int
    inode: int
    origin: Origin

    @property
    def family(self) -> str:
        """The name of its protocol, or the number."""
        return NETLINK_FAMILIES.get(self.protocol, str(self.protocol))


@dataclass(frozen=True, slots=True)
class SctpEndpoint:
    """An SCTP endpoint, or an association of one when ``remote_port`` is not 0.

    ``listening``: it takes associations.
    """

    addresses: tuple[str, ...]
    port: int
    remote_addresses: tuple[str, ...]
    remote_port: int
    listening: bool
    uid: int
    inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class MulticastMembership:
    """A group that an interface listens to; ``users`` counts the sockets (and the kernel itself) that asked for it."""

    interface: str
    group: str
    users: int
    origin: Origin

    @property
    def routine(self) -> bool:
        """Whether the kernel itself is in it: all hosts, all nodes, all routers and snoopers (bridges), and the
        solicited-node groups of IPv6.
        """
        return self.group in _ROUTINE_GROUPS or self.group.startswith("ff02::1:ff")


_ROUTINE_GROUPS = frozenset(
    {"224.0.0.1", "224.0.0.106", "ff01::1", "ff02::1", "ff01::2", "ff02::2", "ff05::2", "ff02::6a"}
)


@dataclass(frozen=True, slots=True)
class ProtocolUse:
    """A protocol of which there are sockets (``SCTP``, ``DCCP``, ``XDP``, ``AF_VSOCK`` ...), with their number."""

    name: str
    sockets: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sockets:
    """All sockets of the host's network namespace.

    ``unix_peers`` is None when the kernel could not be asked without loading a module into it.
    """

    listeners: tuple[Listener, ...]
    connections: tuple[Connection, ...]
    unix: tuple[UnixSocket, ...]
    unix_peers: tuple[UnixPeer, ...] | None = None
    packet: tuple[PacketSocket, ...] = ()
    netlink: tuple[NetlinkSocket, ...] = ()
    sctp: tuple[SctpEndpoint, ...] = ()
    multicast: tuple[MulticastMembership, ...] = ()
    protocols: tuple[ProtocolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedListener:
    """A listener with the processes that hold it; ``pids`` is empty when the owner is not known."""

    listener: Listener
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OwnedConnection:
    """A connection with the processes that hold it. ``inbound``: its local port is one the host listens on."""

    connection: Connection
    pids: tuple[int, ...]
    inbound: bool
