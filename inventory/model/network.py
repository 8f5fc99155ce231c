"""Interfaces, addresses, routes, names, and what is configured of them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from inventory.model.firewall import Firewall
from inventory.observation import Origin

_PROMISCUOUS = 0x100


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of the kernel. ``flags`` are those of netdevice(7); ``state`` is up, down, unknown ….

    ``kind`` is ethernet, loopback, bridge, bond, vlan, tun, veth-like ``virtual`` and so on; ``physical``: a device is
    behind it. ``lower`` are the interfaces below it (members of a bridge or bond, the parent of a VLAN).
    """

    name: str
    index: int
    mac: str
    mtu: int
    state: str
    flags: int
    kind: str
    physical: bool
    lower: tuple[str, ...]
    origin: Origin

    @property
    def promiscuous(self) -> bool:
        """Whether it takes frames that are for others: a sniffer runs (a bridge sets it for its members, too)."""
        return bool(self.flags & _PROMISCUOUS)


@dataclass(frozen=True, slots=True)
class Address:
    """An address of an interface. ``interface`` is "" and ``prefix`` None where the kernel's tables do not have them.

    ``label`` is the name of an alias (``eth0:1``), else that of the interface or ""; ``secondary`` is the kernel's word
    for a further address of one network; ``dynamic``: it came by DHCP or router advertisement.
    """

    interface: str
    address: str
    prefix: int | None
    scope: str
    label: str
    secondary: bool
    dynamic: bool
    origin: Origin

    @property
    def alias(self) -> bool:
        """Whether it was added to the interface's own: as an alias or a secondary address of IPv4."""
        return ":" in self.label or (self.secondary and ":" not in self.address)


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the main table. ``destination`` is a network (``0.0.0.0/0``: the default), ``gateway`` "" for none."""

    destination: str
    gateway: str
    interface: str
    metric: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A rule of `ip rule` beyond the three that every host has."""

    priority: int
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Bond:
    """A bond with its mode (``active-backup``, ``802.3ad`` …), all members and the active one ("" when all are)."""

    name: str
    mode: str
    members: tuple[str, ...]
    active: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Vlan:
    """A VLAN interface."""

    name: str
    number: int
    parent: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class StaticNeighbour:
    """A permanent entry of the ARP table."""

    address: str
    mac: str
    interface: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class VirtualServer:
    """A service of the kernel's load balancer (IPVS) and the servers behind it, as ``ADDRESS:PORT``.

    ``protocol`` is tcp, udp or sctp; or ``mark``, and ``service`` the number with which the firewall marks its packets.
    """

    protocol: str
    service: str
    scheduler: str
    servers: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Resolver:
    """The contents of resolv.conf. Behind a stub on 127.0.0.53 the servers of systemd-resolved are listed as well."""

    nameservers: tuple[str, ...]
    search: tuple[str, ...]
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostsEntry:
    """A line of /etc/hosts."""

    address: str
    names: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class NameService:
    """A line of nsswitch.conf, e.g. passwd from files and sss."""

    database: str
    sources: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class NetworkSetting:
    """A setting in a file that configures the network: ifcfg files, interfaces, netplan, keyfiles, hosts.allow ….

    ``scope`` is the section or stanza (``iface eth0 inet static``, ``[ipv4]``, ``network.ethernets.eth0``), or "".
    """

    path: str
    scope: str
    key: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ConfiguredAddress:
    """An address that a file gives to an interface when it is brought up."""

    address: str
    prefix: int | None
    path: str
    scope: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """A service address that a cluster manager moves between hosts.

    ``manager`` is keepalived, pacemaker, heartbeat or rgmanager; ``group`` its VRRP instance or resource, or "".
    """

    address: str
    manager: str
    group: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """A host that the configuration of corosync, heartbeat or keepalived names as a member: address or name."""

    address: str
    manager: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Network:
    """The network of the host, as the kernel has it and as files configure it.

    ``addresses`` is what is in force. ``firewall`` is None when no rules could be read.
    """

    interfaces: tuple[Interface, ...]
    addresses: tuple[Address, ...]
    routes: tuple[Route, ...]
    rules: tuple[PolicyRule, ...]
    bonds: tuple[Bond, ...]
    vlans: tuple[Vlan, ...]
    neighbours: tuple[StaticNeighbour, ...]
    virtual_servers: tuple[VirtualServer, ...]
    resolver: Resolver
    hosts: tuple[HostsEntry, ...]
    name_services: tuple[NameService, ...]
    settings: tuple[NetworkSetting, ...]
    configured_addresses: tuple[ConfiguredAddress, ...]
    virtual_addresses: tuple[VirtualAddress, ...]
    cluster_members: tuple[ClusterMember, ...]
    firewall: Firewall | None

    @property
    def own_addresses(self) -> frozenset[str]:
        """The addresses by which other machines may reach the host: all but loopback and link-local ones."""
        own = (ipaddress.ip_address(address.address) for address in self.addresses)
        return frozenset(str(each) for each in own if not (each.is_loopback or each.is_link_local))

    def interface(self, name: str) -> Interface | None:
        """The interface called ``name``."""
        return next((each for each in self.interfaces if each.name == name), None)
