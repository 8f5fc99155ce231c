"""Settings of the registry that decide whether something can be a container, and which products store state there."""

from __future__ import annotations

from inventory.formats.windows_registry import RegistryKey, keys
from inventory.model.windows import RegistrySetting
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "windows_settings"

# Of the topics in _BELOW the names of the keys below are the fact: vendors, event logs, printers, data sources.
FRAGMENT = r"""
reg edition "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
reg terminal-server "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
reg msmq HKLM\SOFTWARE\Microsoft\MSMQ\Parameters\MachineCache
reg msdtc HKLM\SOFTWARE\Microsoft\MSDTC\Security
reg rpc HKLM\SOFTWARE\Microsoft\Rpc\Internet
reg memory "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management"
reg identity HKLM\SOFTWARE\Microsoft\Cryptography
reg time-zone HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation
reg powershell HKLM\SOFTWARE\Microsoft\PowerShell\3\PowerShellEngine
reg smb-server HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters
reg odbc "HKLM\SOFTWARE\ODBC\ODBC.INI\ODBC Data Sources"
reg odbc-wow64 "HKLM\SOFTWARE\Wow6432Node\ODBC\ODBC.INI\ODBC Data Sources"
reg fonts "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts"
reg printers HKLM\SYSTEM\CurrentControlSet\Control\Print\Printers
reg event-logs HKLM\SYSTEM\CurrentControlSet\Services\EventLog
reg vendors HKLM\SOFTWARE
reg vendors-wow64 HKLM\SOFTWARE\Wow6432Node
wmi machine Win32_ComputerSystemProduct Name,Vendor,UUID
"""

_BELOW = frozenset({"printers", "event-logs", "vendors", "vendors-wow64"})
_TOPICS = tuple(line.split()[1] for line in FRAGMENT.strip().splitlines() if line.startswith("reg "))


def parse(recording: SectionRecording) -> Observation[tuple[RegistrySetting, ...]]:
    """Each value of the keys above, and the names of keys where those are the fact."""
    found: list[RegistrySetting] = []
    for topic in _TOPICS:
        answer = keys(recording.part(topic))
        if not answer:
            continue
        if topic in _BELOW:
            found += (RegistrySetting(topic, each.path, "", "", Origin(NAME, topic, each.line)) for each in answer[1:])
        else:
            found += _values(topic, answer[0])
    return Found(tuple(found)) if found else Unknown("the registry of the host could not be read")


def _values(topic: str, key: RegistryKey) -> list[RegistrySetting]:
    return [
        RegistrySetting(
            topic,
            key.path,
            value.name,
            str(value.number) if value.number is not None else value.data,
            Origin(NAME, topic, value.line),
        )
        for value in key.values
    ]


SECTION: Section[tuple[RegistrySetting, ...]] = Section(
    NAME,
    "Settings of the registry: terminal server, MSMQ, DTC, RPC, memory, ODBC, fonts, printers, event logs, vendors",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=4 * 1024 * 1024, redact=redact_windows),),
)
