"""Section network on Windows: adapters with IP, their addresses and gateways, name servers, and the hosts file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from inventory.formats.unreadable_rows import unreadable_row
from inventory.formats.windows_registry import RegistryKey, first, keys
from inventory.formats.windows_tables import rows
from inventory.model.network import Address, HostsEntry, Interface, Network, Resolver, Route
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import Part, SectionRecording
from inventory.section import Variant

NAME = "network"

FRAGMENT = r"""
wmi adapters Win32_NetworkAdapterConfiguration Description,MACAddress,IPAddress,IPSubnet,DefaultIPGateway,DNSServerSearchOrder,DHCPEnabled where IPEnabled=TRUE
or interfaces reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces /s
reg tcpip HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
ps hosts [IO.File]::ReadAllText("$env:windir\System32\drivers\etc\hosts")
cmd hosts type "%windir%\System32\drivers\etc\hosts"
"""  # noqa: E501 - a question is one line


class _NetworkAdapter(NamedTuple):
    name: str
    mac: str
    addresses: tuple[str, ...]
    masks: tuple[str, ...]
    gateways: tuple[str, ...]
    servers: tuple[str, ...]
    dhcp: bool
    origin: Origin


def parse(recording: SectionRecording) -> Observation[Network]:
    """The network; adapters read from the registry have no name but their GUID."""
    adapters = [
        _NetworkAdapter(
            name=row.text("Description"),
            mac=row.text("MACAddress").lower(),
            addresses=row.items("IPAddress"),
            masks=row.items("IPSubnet"),
            gateways=row.items("DefaultIPGateway"),
            servers=row.items("DNSServerSearchOrder"),
            dhcp=row.flag("DHCPEnabled"),
            origin=Origin(NAME, row.part, row.line),
        )
        for row in rows(recording.part("adapters"))
    ]
    gaps = [Gap("rules of the firewall, and routes but the default ones", "Windows hosts are not asked for them")]
    if not adapters:
        adapters = [each for key in keys(recording.part("interfaces")) if (each := _configured(key)).addresses]
        gaps.append(Gap("names and hardware addresses of adapters", "the host has no WMI that answers"))
    hosts = tuple(_hosts(recording.part("hosts")))
    if not adapters and not hosts:
        return Unknown("neither WMI nor the registry listed the adapters")
    tcpip = first(recording.part("tcpip"))
    search = (tcpip.text("SearchList").replace(",", " ").split() if tcpip else []) or (
        [tcpip.text("NV Domain")] if tcpip and tcpip.text("NV Domain") else []
    )
    servers = dict.fromkeys(server for each in adapters for server in each.servers)
    network = Network(
        interfaces=tuple(
            Interface(each.name, 0, each.mac, 0, "up", 0, "ethernet", False, (), each.origin) for each in adapters
        ),
        addresses=tuple(address for each in adapters for address in _addresses(each)),
        routes=tuple(
            Route("::/0" if ":" in gateway else "0.0.0.0/0", gateway, each.name, 0, each.origin)
            for each in adapters
            for gateway in each.gateways
        ),
        rules=(),
        bonds=(),
        vlans=(),
        neighbours=(),
        virtual_servers=(),
        resolver=Resolver(tuple(servers), tuple(search), ()),
        hosts=hosts,
        name_services=(),
        settings=(),
        configured_addresses=(),
        virtual_addresses=(),
        cluster_members=(),
        firewall=None,
    )
    return Found(network, tuple(gaps))


def _addresses(adapter: _NetworkAdapter) -> Iterator[Address]:
    """With their prefixes: a mask for IPv4, the length itself for IPv6."""
    masks = (*adapter.masks, *([""] * len(adapter.addresses)))
    for text, mask in zip(adapter.addresses, masks, strict=False):
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
            prefix = ipaddress.ip_network(f"{address}/{mask}", strict=False).prefixlen if mask else None
        except ValueError:
            unreadable_row(f"{adapter.origin.part}:{adapter.origin.line} has no address")
            continue
        scope = "link" if address.is_link_local else "host" if address.is_loopback else "global"
        yield Address(adapter.name, str(address), prefix, scope, "", False, adapter.dhcp, adapter.origin)


def _configured(key: RegistryKey) -> _NetworkAdapter:
    dhcp = key.number("EnableDHCP") == 1
    prefix = "Dhcp" if dhcp else ""

    def several(name: str) -> tuple[str, ...]:
        value = key.value(prefix + name)
        return tuple(item for item in value.items if item != "0.0.0.0") if value is not None else ()  # noqa: S104

    servers = key.text("DhcpNameServer" if dhcp else "NameServer").replace(",", " ")
    return _NetworkAdapter(
        name=key.name,
        mac="",
        addresses=several("IPAddress"),
        masks=several("SubnetMask"),
        gateways=several("DefaultGateway"),
        servers=tuple(servers.split()),
        dhcp=dhcp,
        origin=Origin(NAME, key.part, key.line),
    )


def _hosts(part: Part | None) -> Iterator[HostsEntry]:
    for number, line in enumerate(part.lines() if part is not None and part.status == 0 else (), 1):
        words = line.partition("#")[0].split()
        if len(words) > 1:
            yield HostsEntry(words[0], tuple(words[1:]), Origin(NAME, "hosts", number))


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows)
