"""Host names as one host of the estate resolves them, with and without a domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from assess.configuration_text.ip_addresses import plain_address
from assess.subjects.estate_index import EstateIndex, IndexedHost
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot


class ResolvedNames:
    """The names of the estate, and those that the host's own ``/etc/hosts`` and search domains add to them.

    What the inventory says wins over what the host believes of others, and that over what others call themselves. Names
    are in lower case.
    """

    def __init__(self, estate: EstateIndex, snapshot: Snapshot) -> None:
        network = value_or_none(snapshot.network)
        self._known: Mapping[str, IndexedHost] = estate.host_by_inventory_name
        self._claimed: Mapping[str, IndexedHost] = estate.host_by_claimed_name
        self._listed: dict[str, IndexedHost] = {}
        self._claimed_without_domain: dict[str, IndexedHost] = {}
        self._suffixes: tuple[str, ...] = ()
        if network is not None:
            domains = [domain for each in network.resolver.search if (domain := each.lower().strip("."))]
            self._suffixes = tuple(f".{domain}" for domain in domains)
            # As the resolver does it: the first domain with the name wins, and /etc/hosts comes before them all.
            for domain in reversed(domains):
                self._listed.update(estate.inventory_names_by_domain.get(domain, {}))
                self._claimed_without_domain.update(estate.claimed_names_by_domain.get(domain, {}))
            for entry in network.hosts:
                owner = estate.host_by_address.get(plain_address(entry.address))
                if owner is not None:
                    self._listed.update((name.lower(), owner) for name in entry.names)

    def owner(self, name: str) -> IndexedHost | None:
        """The host that a name means."""
        return self._resolved(name) or self._of_claims(name)

    def is_claim(self, name: str) -> bool:
        """Whether nothing but what a host calls itself says that the name means it."""
        return self._resolved(name) is None and self._of_claims(name) is not None

    def may_be_in(self, words: Collection[str]) -> bool:
        """Whether one of many words may mean a host."""
        tables = (self._known, self._listed, self._claimed, self._claimed_without_domain)
        if not all(table.keys().isdisjoint(words) for table in tables):
            return True
        return bool(self._suffixes) and any(self.owner(word) is not None for word in words)

    def _resolved(self, name: str) -> IndexedHost | None:
        return self._known.get(name) or self._listed.get(name) or self._without_domain(name, self._known)

    def _of_claims(self, name: str) -> IndexedHost | None:
        found = self._claimed.get(name) or self._claimed_without_domain.get(name)
        return found or self._without_domain(name, self._claimed)

    def _without_domain(self, name: str, names: Mapping[str, IndexedHost]) -> IndexedHost | None:
        suffix = next((each for each in self._suffixes if name.endswith(each)), None)
        return None if suffix is None else names.get(name.removesuffix(suffix))
