"""From Ansible's variables of one host to a :class:`inventory.host.Host`.

The names, and that the last of several names wins, are those of Ansible's plugins: ``connection/ssh.py`` and
``become/{sudo,su,doas}.py`` of ansible-core 2.16 to 2.19.
"""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inventory.errors import InventoryError
from inventory.host import Host

ADDRESS = ("ansible_host", "ansible_ssh_host")
PORT = ("ansible_port", "ansible_ssh_port")
USER = ("ansible_user", "ansible_ssh_user")
PASSWORD = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
KEY_FILE = ("ansible_private_key_file", "ansible_ssh_private_key_file")
PASSPHRASE = ("ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase")
HOST_KEY_CHECKING = ("ansible_host_key_checking", "ansible_ssh_host_key_checking")
SSH_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
CONNECTION = ("ansible_connection",)
BECOME = ("ansible_become",)
BECOME_METHOD = ("ansible_become_method",)
BECOME_USER = ("ansible_become_user", "ansible_sudo_user", "ansible_su_user", "ansible_doas_user")
BECOME_PASSWORD = (
    "ansible_become_password",
    "ansible_become_pass",
    "ansible_sudo_pass",
    "ansible_su_pass",
    "ansible_doas_pass",
)
_KEPT = (
    "ansible_become_exe",
    "ansible_become_flags",
    "ansible_shell_type",
    "ansible_shell_executable",
    "ansible_ssh_executable",
    "ansible_network_os",
    *PASSPHRASE,
)

_MAGIC = ("ansible_check_mode", "ansible_diff_mode", "ansible_facts", "ansible_version", "ansible_playbook_python")

READ: tuple[str, ...] = (
    *ADDRESS,
    *PORT,
    *USER,
    *PASSWORD,
    *KEY_FILE,
    *HOST_KEY_CHECKING,
    *SSH_ARGUMENTS,
    *CONNECTION,
    *BECOME,
    *BECOME_METHOD,
    *BECOME_USER,
    *BECOME_PASSWORD,
    *_KEPT,
)
"""Every variable that is read, and so templated and decrypted. Others may refer to facts, which need a connection."""


def read_of(variables: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables of one host that are read: all of Ansible's own where its connection or become plugin is not ours.

    Those of interpreters control how modules run, and no modules run here.
    """
    connection = str(_last(variables, CONNECTION) or "ssh").rpartition(".")[2]
    method = str(_last(variables, BECOME_METHOD) or "sudo").rpartition(".")[2]
    if connection in (*_SSH_NAMES, "local") and method in _OUR_METHODS:
        return READ
    more = (name for name in variables if name.startswith("ansible_") and not name.endswith("_interpreter"))
    return tuple(dict.fromkeys((*READ, *more)))


_OUR_METHODS = ("sudo", "su", "doas")
_TRUE = {"y", "yes", "on", "1", "true", "t", "1.0"}
_FALSE = {"n", "no", "off", "0", "false", "f", "0.0"}
_SSH_NAMES = {"", "smart", "ssh", "paramiko", "paramiko_ssh"}


def _last(variables: Mapping[str, Any], names: Sequence[str]) -> Any | None:
    found = None
    for name in names:
        value = variables.get(name)
        if value is not None and value != "":
            found = value
    return found


def _text(variables: Mapping[str, Any], names: Sequence[str], default: str | None = None) -> str | None:
    value = _last(variables, names)
    return default if value is None else str(value)


def _boolean(host: str, variables: Mapping[str, Any], names: Sequence[str], default: bool) -> bool:
    value = _last(variables, names)
    if value is None:
        return default
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise InventoryError(f"{names[-1]} of host {host} is {str(value)!r}; write yes or no")


def _port(host: str, variables: Mapping[str, Any]) -> int | None:
    value = _last(variables, PORT)
    if value is None:
        return None
    try:
        port = int(str(value))
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise InventoryError(f"ansible_port of host {host} is {str(value)!r}; write a number from 1 to 65535")
    return port


def _ssh_arguments(host: str, variables: Mapping[str, Any]) -> tuple[str, ...]:
    arguments: list[str] = []
    for name in SSH_ARGUMENTS:
        try:
            arguments += shlex.split(str(variables.get(name) or ""))
        except ValueError as error:
            raise InventoryError(f"{name} of host {host} cannot be split into arguments: {error}") from error
        if name == "ansible_ssh_args" and not _boolean(host, variables, HOST_KEY_CHECKING, True):
            arguments += ["-o", "StrictHostKeyChecking=no"]
    return tuple(arguments)


def _connection(variables: Mapping[str, Any]) -> str:
    name = str(_text(variables, CONNECTION, "ssh")).removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    return "ssh" if name in _SSH_NAMES else name


def make_host(name: str, groups: tuple[str, ...], variables: Mapping[str, Any]) -> Host:
    """The host that these variables describe, already templated; raises InventoryError for a value that cannot be."""
    address = str(_text(variables, ADDRESS, name))
    if address.startswith("-") or any(not character.isprintable() or character.isspace() for character in address):
        raise InventoryError(
            f"the address of host {name!r} is {address!r}, which is neither a host name nor an IP address"
        )
    key_file = _text(variables, KEY_FILE)
    method = str(_text(variables, BECOME_METHOD, "sudo"))
    return Host(
        name=name,
        address=address,
        groups=groups,
        connection=_connection(variables),
        port=_port(name, variables),
        user=_text(variables, USER),
        private_key_file=str(Path(key_file).expanduser()) if key_file else None,
        password=_text(variables, PASSWORD),
        become=_boolean(name, variables, BECOME, False),
        become_method=method.removeprefix("ansible.builtin.").removeprefix("community.general."),
        become_user=str(_text(variables, BECOME_USER, "root")),
        become_password=_text(variables, BECOME_PASSWORD),
        ssh_arguments=_ssh_arguments(name, variables),
        variables=_kept(variables),
    )


def _kept(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables without a field of their own. Passwords have fields; the others of a plugin (a token, a certificate)
    are for the plugin alone.
    """
    fields = {*READ, *_MAGIC} - {*_KEPT}
    return {name: value for name, value in variables.items() if name not in fields and value not in (None, "")}


def local_user() -> str:
    """The user whom ssh logs in as by default."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in passwd: a container with an arbitrary uid
        return "root"
