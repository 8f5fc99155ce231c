"""Ports that the kernel assigned because the program requested none: they differ at each start or for each query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assess.knowledge.kernel_features import broadcasts, multicast_groups
from assess.targets.port_ranges import DEFAULT_RANGE, RANGE, ephemeral_ports
from inventory.model.sockets import Listener
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot


def random_ports(snapshot: Snapshot) -> range:
    """The ports that the kernel gives to who asks for none; Linux's default where the setting was not seen."""
    settings = {each.name: each.value for each in value_or_none(snapshot.sysctls) or () if each.name == RANGE}
    first, last = ephemeral_ports(settings) or DEFAULT_RANGE
    return range(first, last + 1)


def answer_ports(snapshot: Snapshot) -> range:
    """Those of them at which only answers arrive. None where the host is in a multicast group that no table knows: what
    is sent to the group may arrive at any port.
    """
    sockets = value_or_none(snapshot.sockets)
    joined = {each.group for each in (sockets.multicast if sockets else ()) if not each.routine}
    return range(0) if joined - multicast_groups().keys() else random_ports(snapshot)


def is_return_address(listener: Listener, ports: range) -> bool:
    """Whether a UDP socket is where a client (a resolver, a sender of logs) waits for answers, and no service.

    Nothing tells it from a server's but its port. ``ports`` are :func:`answer_ports`; those of protocols whose clients
    speak to many are none.
    """
    return listener.protocol.startswith("udp") and listener.port in ports and listener.port not in _spoken_to_all()


@lru_cache(maxsize=1)
def _spoken_to_all() -> frozenset[int]:
    return frozenset(broadcasts()).union(*(group.ports for group in multicast_groups().values()))


def names_port(texts: Iterable[str], port: int) -> bool:
    """Whether a command line or a file contains the number of a port."""
    number = re.compile(rf"(?<![\d.]){port}(?![\d.])")
    return any(number.search(text) for text in texts)
