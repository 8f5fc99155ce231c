"""Membership of a domain, from what the host itself knows: no domain controller is asked."""

from __future__ import annotations

from inventory.formats.windows_registry import first
from inventory.formats.windows_tables import rows
from inventory.model.windows import Domain
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "domain"

FRAGMENT = r"""
wmi computer Win32_ComputerSystem Domain,PartOfDomain,DomainRole
reg product HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions
reg tcpip HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
"""


def parse(recording: SectionRecording) -> Observation[Domain]:
    """``name`` is the domain, or the workgroup of a host that is not a member."""
    product, tcpip = first(recording.part("product")), first(recording.part("tcpip"))
    kind = product.text("ProductType") if product else ""
    row = next(iter(rows(recording.part("computer"))), None)
    if row is not None:
        member = row.flag("PartOfDomain")
        return Found(
            Domain(row.text("Domain"), member, row.number("DomainRole"), kind, Origin(NAME, row.part, row.line))
        )
    if product is None:
        return Unknown("neither WMI nor the registry reported a domain")
    name = (tcpip.text("NV Domain") or tcpip.text("Domain")) if tcpip else ""
    domain = Domain(name, bool(name), None, kind, Origin(NAME, product.part, product.line))
    return Found(domain, (Gap("membership", "without WMI only the primary DNS suffix shows it"),))


SECTION: Section[Domain] = Section(
    NAME,
    "Domain or workgroup, and the role of the host in it",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows),),
)
