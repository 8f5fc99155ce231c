"""One host as an inventory for Ansible: what its connection plugin, its become plugin and its shell need to know."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from inventory.host import Host
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.openssh import GIVE_NOTHING, GIVE_NOTHING_LAST, LEGACY
from inventory.transports.ssh_settings import settings_for


def inventory_of(host: Host, options: ConnectOptions) -> str:
    """The inventory in YAML. It holds the passwords of the host, so it belongs into memory only."""
    lines = [f"  {_quoted(name)}: {_written(value)}" for name, value in variables_of(host, options).items()]
    return "\n".join(["all:", f" hosts:\n  {_quoted(host.name)}:", *(f"  {line}" for line in lines), ""])


def variables_of(host: Host, options: ConnectOptions) -> dict[str, Any]:
    """The variables of the inventory, and over them what is known of the host now (a password that was asked for)."""
    known: dict[str, Any] = {
        "ansible_connection": host.connection,
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": host.user,
        "ansible_password": host.password,
        "ansible_private_key_file": host.private_key_file,
        "ansible_become": host.become,
        "ansible_become_method": host.become_method,
        "ansible_become_user": host.become_user,
        "ansible_become_password": host.become_password,
    }
    if host.connection == "ssh":
        known |= _ssh(host, options)
    return {**host.variables, **{name: value for name, value in known.items() if value is not None}}


def _ssh(host: Host, options: ConnectOptions) -> dict[str, Any]:
    """The arguments of Ansible's own ssh: ours first, since ssh takes the first value of each."""
    policy = settings_for(host, options).policy
    files = " ".join(str(file) for file in policy.files) or "/dev/null"
    words = [
        *GIVE_NOTHING,
        "-o",
        f"UserKnownHostsFile={files}",
        "-o",
        f"StrictHostKeyChecking={'accept-new' if policy.accept_new else 'yes'}",
        # A master that stays would keep its socket in a directory that is removed.
        "-o",
        "ControlMaster=no",
        "-o",
        "ControlPath=none",
        *host.ssh_arguments,
        *GIVE_NOTHING_LAST,
        *(word for option in LEGACY if options.legacy_crypto for word in ("-o", option)),
    ]
    return {
        "ansible_ssh_args": shlex.join(words),
        "ansible_ssh_common_args": "",
        "ansible_ssh_extra_args": "",
        "ansible_host_key_checking": True,
        "ansible_timeout": max(1, round(options.connect_timeout)),
    }


def _written(value: Any) -> str:
    """A value that Ansible takes as it is: it was templated before, and a password may hold ``{{``."""
    if isinstance(value, str):
        return f"!unsafe {_quoted(value)}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(name))}: {_written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar; what YAML does not take as it is travels as its number."""
    return '"' + "".join(one if " " <= one <= "~" and one not in '"\\' else f"\\U{ord(one):08X}" for one in text) + '"'
