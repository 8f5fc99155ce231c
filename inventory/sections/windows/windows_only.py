"""The questions that only Windows hosts are asked, in their order."""

from __future__ import annotations

from typing import Any

from inventory.section import Section
from inventory.sections.windows import (
    certificate_stores,
    com_applications,
    devices,
    domain,
    dotnet,
    drivers,
    features,
    http_sys,
    iis,
    port_exclusions,
    settings,
    shares,
    sql_server,
)

SECTIONS: tuple[Section[Any], ...] = (
    domain.SECTION,
    features.SECTION,
    iis.SECTION,
    http_sys.SECTION,
    dotnet.SECTION,
    sql_server.SECTION,
    shares.SECTION,
    port_exclusions.SECTION,
    drivers.SECTION,
    devices.SECTION,
    certificate_stores.SECTION,
    com_applications.SECTION,
    settings.SECTION,
)
