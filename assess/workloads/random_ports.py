"""Ports that the kernel picked because nobody asked for one: another at each start, or for each question."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assess.target_network import DEFAULT_RANGE, RANGE, ephemeral_ports
from inventory.model.sockets import Listener
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot


def random_ports(snapshot: Snapshot) -> range:
    """The ports that the kernel gives to who asks for none; Linux's default where the setting was not seen."""
    settings = {each.name: each.value for each in value_or_none(snapshot.sysctls) or () if each.name == RANGE}
    first, last = ephemeral_ports(settings) or DEFAULT_RANGE
    return range(first, last + 1)


def is_return_address(listener: Listener, ports: range) -> bool:
    """Whether a UDP socket is where a client (a resolver, a sender of logs) waits for answers, and no service.

    Nothing tells it from a server's but its port.
    """
    return listener.protocol.startswith("udp") and listener.port in ports


def names_port(texts: Iterable[str], port: int) -> bool:
    """Whether somebody has written the number of a port into a command line or a file."""
    number = re.compile(rf"(?<![\d.]){port}(?![\d.])")
    return any(number.search(text) for text in texts)
