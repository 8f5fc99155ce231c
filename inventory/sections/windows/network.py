"""Network adapters with IP."""

from __future__ import annotations

from inventory.model.windows import Adapter
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import Section, Variant
from inventory.windows.redaction import redact_windows
from inventory.windows.registry import Key, keys
from inventory.windows.tables import rows

NAME = "windows_network"

FRAGMENT = r"""
wmi adapters Win32_NetworkAdapterConfiguration Description,MACAddress,IPAddress,IPSubnet,DefaultIPGateway,DNSServerSearchOrder,DHCPEnabled where IPEnabled=TRUE
or interfaces reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces /s
"""  # noqa: E501 - a question is one line


def parse(recording: SectionRecording) -> Observation[tuple[Adapter, ...]]:
    """Adapters; from the registry alone they have no name but their GUID."""
    found = tuple(
        Adapter(
            name=row.text("Description"),
            mac=row.text("MACAddress").lower(),
            addresses=row.items("IPAddress"),
            masks=row.items("IPSubnet"),
            gateways=row.items("DefaultIPGateway"),
            name_servers=row.items("DNSServerSearchOrder"),
            dhcp=row.flag("DHCPEnabled"),
            origin=Origin(NAME, row.part, row.line),
        )
        for row in rows(recording.part("adapters"))
    )
    if found:
        return Found(found)
    configured = tuple(adapter for key in keys(recording.part("interfaces")) if (adapter := _configured(key)).addresses)
    if not configured:
        return Unknown("neither WMI nor the registry listed the adapters")
    return Found(configured, (Gap("names and hardware addresses", "the host has no WMI that answers"),))


def _configured(key: Key) -> Adapter:
    dhcp = key.number("EnableDHCP") == 1
    prefix = "Dhcp" if dhcp else ""

    def several(name: str) -> tuple[str, ...]:
        value = key.value(prefix + name)
        return tuple(item for item in value.items if item != "0.0.0.0") if value is not None else ()  # noqa: S104

    servers = key.text("DhcpNameServer" if dhcp else "NameServer").replace(",", " ")
    return Adapter(
        name=key.name,
        mac="",
        addresses=several("IPAddress"),
        masks=several("SubnetMask"),
        gateways=several("DefaultGateway"),
        name_servers=tuple(servers.split()),
        dhcp=dhcp,
        origin=Origin(NAME, key.part, key.line),
    )


SECTION: Section[tuple[Adapter, ...]] = Section(
    NAME,
    "Network adapters with addresses, gateways and name servers",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows),),
)
