"""The user's options for connections, for all hosts alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """Options of connections. Everything that differs from host to host is in :class:`inventory.host.Host`.

    ``known_hosts`` is the workspace's own file of host keys: it is read in addition to the user's, and the only one
    that is written, and only with ``accept_new_host_keys``. ``connect_timeout`` (seconds) bounds each step of
    connecting separately: TCP, greeting, key exchange, login. ``legacy_crypto`` allows the key exchanges, host keys and
    ciphers of servers from before about 2014. ``bytes_per_second`` limits bulk reads, 0 for no limit: no server may
    then send much ahead.
    """

    known_hosts: Path | None = None
    accept_new_host_keys: bool = False
    connect_timeout: float = 10.0
    legacy_crypto: bool = False
    bytes_per_second: int = 0
