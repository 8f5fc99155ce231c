"""The transports to hosts: one a file, and the table that assigns connections to them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from inventory.ansible.host_variables import local_user
from inventory.host import Host
from inventory.transports.become import METHODS
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.transport import Completed, Duplex, Interrupted, Transport

__all__ = ["TRANSPORTS", "Completed", "ConnectOptions", "Duplex", "Interrupted", "Transport", "connect"]

TRANSPORTS: dict[str, str] = {
    "ssh": "inventory.transports.ssh_client_choice:connect_either",
    "local": "inventory.transports.local:connect_local",
}
"""From a connection plugin's name to our own way. Names, not functions: paramiko is loaded when a host needs it."""

RUNNER = "inventory.transports.ansible_connection:connect_by_ansible"
"""The way for all other connection plugins, and for ways to become root that are not ours."""


def connect(host: Host, options: ConnectOptions | None = None) -> AbstractContextManager[Transport]:
    """An open transport to ``host``, closed at the end of the block; entering raises a HostError with the reason."""
    return _connect(host, options or ConnectOptions())


@contextmanager
def _connect(host: Host, options: ConnectOptions) -> Iterator[Transport]:
    target = RUNNER if _becomes_otherwise(host) else TRANSPORTS.get(host.connection, RUNNER)
    module, _, function = target.partition(":")
    with getattr(importlib.import_module(module), function)(host, options) as transport:
        yield transport


def _becomes_otherwise(host: Host) -> bool:
    if not host.become or host.become_method in METHODS:
        return False
    return host.connection == "local" or (host.user or local_user()) != host.become_user
