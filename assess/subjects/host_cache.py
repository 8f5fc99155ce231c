"""A cache of values computed from one host, released together with the host."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from assess.subjects.host_facts import HostFacts

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class HostCache(Generic[K, V]):
    """Values by host and key. They must not refer to the :class:`HostFacts` that they are computed from."""

    def __init__(self) -> None:
        self._by_host: WeakKeyDictionary[HostFacts, dict[K, V]] = WeakKeyDictionary()

    def get(self, host: HostFacts, key: K, compute: Callable[[], V]) -> V:
        """Return the value of ``key``; compute it the first time."""
        values = self._by_host.setdefault(host, {})
        if key not in values:
            values[key] = compute()
        return values[key]
