"""Options of every command that logs in to hosts, and reading the hosts of an inventory with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import cloup

from assess.commands.command import collect
from assess.commands.console import note

if TYPE_CHECKING:
    from inventory.host import Host
    from inventory.store.workspace import Workspace
    from inventory.transports.connect_options import ConnectOptions


@dataclass(frozen=True)
class ConnectionSettings:
    """Options for reaching hosts, and the passwords to ask for."""

    accept_new_host_keys: bool
    legacy_crypto: bool
    vault_password_file: Path | None
    ask_vault_pass: bool
    ask_pass: bool
    ask_become_pass: bool
    ask_key_passphrase: bool

    def hosts(
        self, inventory: Path, *, limit: str | None = None, meanwhile: Callable[[], None] | None = None
    ) -> tuple[Host, ...]:
        """Read the hosts of an inventory; Ansible does, and ``meanwhile`` runs until it has. Raises InventoryError."""
        from inventory.ansible.inventory_file import read_hosts

        return read_hosts(
            inventory,
            limit=limit,
            vault_password_file=self.vault_password_file,
            ask_vault_pass=self.ask_vault_pass,
            warn=note,
            meanwhile=meanwhile,
        )

    def fill(self, hosts: Iterable[Host]) -> tuple[Host, ...]:
        """Ask for the passwords, once, and return the hosts with them."""
        from inventory.ansible.prompts import ask_passwords

        asked = ask_passwords(login=self.ask_pass, become=self.ask_become_pass, passphrase=self.ask_key_passphrase)
        return asked.fill(hosts)

    def connect_options(self, place: Workspace, **more: Any) -> ConnectOptions:
        """Return the options of a transport; ``more`` are fields of it."""
        return place.connect_options(
            accept_new_host_keys=self.accept_new_host_keys, legacy_crypto=self.legacy_crypto, **more
        )


def connection_options(*more: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the group of options; the command gets them as one argument, ``connection``."""
    group = cloup.option_group(
        "Connection",
        cloup.option("--accept-new-host-keys", is_flag=True, help="Trust hosts that are in no known_hosts file yet."),
        cloup.option(
            "--legacy-crypto", is_flag=True, help="Allow key exchanges and ciphers that servers used before 2014."
        ),
        *more,
        cloup.option("-k", "--ask-pass", is_flag=True, help="Ask for the SSH password, as ansible does."),
        cloup.option("-K", "--ask-become-pass", is_flag=True, help="Ask for the password of sudo, su or doas."),
        cloup.option("--ask-key-passphrase", is_flag=True, help="Ask for the passphrase of the SSH key."),
        cloup.option(
            "--vault-password-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Password file or script of Ansible Vault.",
        ),
        cloup.option("--ask-vault-pass", is_flag=True, help="Ask for the password of Ansible Vault."),
    )
    return lambda function: group(collect("connection", ConnectionSettings)(function))
