"""Rules of packet filters, as nft and iptables-save print them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class FirewallChain:
    """A chain. ``family`` is ip, ip6, inet, arp, bridge or netdev; ``policy`` is accept, drop, or "" for none."""

    family: str
    table: str
    name: str
    policy: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """A rule, in the words of the tool that printed it (``tool``: nft or iptables)."""

    tool: str
    family: str
    table: str
    chain: str
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Firewall:
    """All chains and rules; both are empty when the kernel has no packet filter in use. ``unread`` names the tables
    whose rules could not be read (``nf_tables``, ``iptables``, ``ip6tables``).
    """

    chains: tuple[FirewallChain, ...]
    rules: tuple[FirewallRule, ...]
    unread: tuple[str, ...] = ()

    @property
    def filters(self) -> bool:
        """Whether anything is decided about packets: a rule, or a chain that drops what no rule lets through."""
        return bool(self.rules) or any(chain.policy == "drop" for chain in self.chains)
