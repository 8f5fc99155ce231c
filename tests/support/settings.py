"""Kernel settings for hosts that are built by hand."""

from __future__ import annotations

from inventory.model.sysctls import Sysctl
from tests.support.snapshots import origin


def setting(
    name: str, value: str, *, path: str = "/etc/sysctl.conf", default: str | None = None, live: bool = True
) -> Sysctl:
    """A setting that ``path`` sets to its value ("" for none that a file sets)."""
    configured = value if path else ""
    where = origin("sysctls", 2, "settings") if path else None
    return Sysctl(
        name,
        value if live else "",
        path,
        origin("sysctls", 1, "values"),
        configured,
        live=live,
        configured_line=3 if path else 0,
        configured_origin=where,
        default=default,
    )
