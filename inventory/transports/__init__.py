"""Ways to a host: one a file, and the table that says which connection goes which way."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports.options import ConnectOptions
from inventory.transports.transport import Completed, Duplex, Interrupted, Transport

__all__ = ["TRANSPORTS", "Completed", "ConnectOptions", "Duplex", "Interrupted", "Transport", "connect"]

TRANSPORTS: dict[str, str] = {
    "ssh": "inventory.transports.choice:connect_either",
    "local": "inventory.transports.local:connect_local",
}
"""From a connection plugin's name to the way. Names, not functions: paramiko is loaded when a host needs it."""


def connect(host: Host, options: ConnectOptions | None = None) -> AbstractContextManager[Transport]:
    """An open way to ``host``, closed at the end of the block; entering raises a HostError that says why not."""
    return _connect(host, options or ConnectOptions())


@contextmanager
def _connect(host: Host, options: ConnectOptions) -> Iterator[Transport]:
    target = TRANSPORTS.get(host.connection)
    if target is None:
        raise HostError(
            f"ansible_connection={host.connection} of {host.name} is not supported; supported are "
            + ", ".join(TRANSPORTS)
        )
    module, _, function = target.partition(":")
    with getattr(importlib.import_module(module), function)(host, options) as transport:
        yield transport
