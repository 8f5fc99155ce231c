"""Connection settings of ansible.cfg and ANSIBLE_* variables, applied as if the inventory set them for every host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from inventory.ansible.ansible_programs import configuration_in_effect, run_program

_BASE = {
    "DEFAULT_REMOTE_USER": "ansible_user",
    "DEFAULT_REMOTE_PORT": "ansible_port",
    "DEFAULT_PRIVATE_KEY_FILE": "ansible_private_key_file",
    "DEFAULT_TRANSPORT": "ansible_connection",
    "HOST_KEY_CHECKING": "ansible_host_key_checking",
    "DEFAULT_BECOME": "ansible_become",
    "DEFAULT_BECOME_METHOD": "ansible_become_method",
    "DEFAULT_BECOME_USER": "ansible_become_user",
}
_SSH = {
    "remote_user": "ansible_user",
    "port": "ansible_port",
    "private_key_file": "ansible_private_key_file",
    "host_key_checking": "ansible_host_key_checking",
    "ssh_args": "ansible_ssh_args",
    "ssh_common_args": "ansible_ssh_common_args",
    "ssh_extra_args": "ansible_ssh_extra_args",
}
_BECOME = {
    "become_user": "ansible_become_user",
    "become_pass": "ansible_become_password",
    "become_exe": "ansible_become_exe",
    "become_flags": "ansible_become_flags",
}


def read_settings(private: Path) -> Mapping[str, Any]:
    """Settings that differ from Ansible's defaults, by the name of the variable that would override each.

    Empty at no cost when there is no configuration at all, which is the usual case.
    """
    if not configuration_in_effect():
        return {}
    answer = run_program("ansible-config", ["dump", "--only-changed", "--format", "json", "-t", "all"], private)
    try:
        entries = json.loads(answer.stdout)
    except ValueError:
        # A broken ansible.cfg also stops the parser of the inventory, which reports the error.
        return {}
    return dict(_variables(entries))


def _variables(entries: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        if entry.get("name") in _BASE:
            yield _BASE[entry["name"]], entry["value"]
        for plugin in entry.get("CONNECTION_PLUGINS", ()):
            yield from _translate(plugin.get("ssh", ()), _SSH)
        for plugin in entry.get("BECOME_PLUGINS", ()):
            yield from _translate(plugin.get("sudo", ()), _BECOME)


def _translate(options: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for option in options:
        if option.get("name") in names and option.get("value") not in (None, ""):
            yield names[option["name"]], option["value"]
