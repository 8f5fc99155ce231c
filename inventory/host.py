"""A host as the inventory file describes it: how to reach it, and nothing of what is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Host:
    """One line of hosts.ini after Ansible's own rules were applied.

    ``connection`` is the connection plugin (``ssh``, ``local``, ``winrm`` …). Passwords are left out of ``repr`` and
    are never stored; ``variables`` holds the remaining ansible_* variables for transports that need more of them.
    """

    name: str
    address: str
    groups: tuple[str, ...] = ()
    connection: str = "ssh"
    port: int | None = None
    user: str | None = None
    private_key_file: str | None = None
    password: str | None = field(default=None, repr=False)
    become: bool = False
    become_method: str = "sudo"
    become_user: str = "root"
    become_password: str | None = field(default=None, repr=False)
    ssh_arguments: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
