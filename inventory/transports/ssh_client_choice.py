"""The choice between the two SSH clients for a host."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from inventory.host import Host
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.openssh import connect_openssh
from inventory.transports.ssh import connect_ssh
from inventory.transports.ssh_connection import HungUp, OldCrypto, OnlyOpenSsh
from inventory.transports.ssh_settings import SshSettings, settings_for
from inventory.transports.transport import Transport

_ATTEMPTS = 3


@contextmanager
def connect_either(host: Host, options: ConnectOptions) -> Iterator[Transport]:
    """paramiko; the OpenSSH client where the host's arguments or, with ``legacy_crypto``, its age demand it."""
    settings = settings_for(host, options)
    with ExitStack() as stack:
        if settings.beyond:
            yield stack.enter_context(connect_openssh(host, options, settings))
            return
        try:
            transport: Transport = stack.enter_context(_patiently(host, options, settings))
        except OnlyOpenSsh:
            transport = stack.enter_context(connect_openssh(host, options, settings))
        except OldCrypto:
            if not options.legacy_crypto:
                raise
            transport = stack.enter_context(connect_openssh(host, options, settings))
        yield transport


@contextmanager
def _patiently(host: Host, options: ConnectOptions, settings: SshSettings) -> Iterator[Transport]:
    """Servers drop some connections at random when many come at once (MaxStartups); jump hosts see all of ours."""
    with ExitStack() as stack:
        for attempt in range(_ATTEMPTS):
            try:
                transport = stack.enter_context(connect_ssh(host, options, settings))
                break
            except HungUp:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0.3, 1.0) * (attempt + 1))  # noqa: S311 - spreads load, keeps no secret
        yield transport
