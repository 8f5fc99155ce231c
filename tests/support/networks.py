"""Networks for hosts that are built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inventory.model.firewall import Firewall
from inventory.model.network import Interface, Network, Resolver
from tests.support.snapshots import origin

PLAIN = Network(
    interfaces=(), addresses=(), routes=(), rules=(), bonds=(), vlans=(), neighbours=(), virtual_servers=(),
    resolver=Resolver((), (), ()), hosts=(), name_services=(), settings=(), configured_addresses=(),
    virtual_addresses=(), cluster_members=(), firewall=Firewall((), ()),
)  # fmt: skip


def network(**changes: Any) -> Network:
    """A network of nothing, with changes."""
    return replace(PLAIN, **changes)


def interface(name: str, kind: str = "ethernet", *lower: str, flags: int = 0x1003) -> Interface:
    """An interface that is up; ``lower`` are those that it stands on."""
    return Interface(name, 2, "", 1500, "up", flags, kind, kind == "ethernet", lower, origin("network"))
