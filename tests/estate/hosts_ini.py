"""Writes what clients need to reach the running hosts: an Ansible inventory and their SSH host keys."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.estate.recipe import Recipe


def inventory(recipes: Iterable[Recipe], key: Path, known_hosts: Path) -> str:
    """hosts.ini: a group for each kind of host, and all variables on the host's own line, so that it can be reused."""
    groups: dict[str, list[str]] = {}
    # The user's own known_hosts and ssh configuration have no say in what the estate's tests see.
    arguments = f"-F none -o UserKnownHostsFile={shlex.quote(str(known_hosts))} -o GlobalKnownHostsFile=/dev/null"
    for recipe in recipes:
        variables = {
            "ansible_host": recipe.loopback,
            "ansible_port": str(recipe.ssh_port),
            "ansible_user": "root",
            "ansible_ssh_private_key_file": shlex.quote(str(key)),
            "ansible_ssh_common_args": f"'{arguments}'",
        }
        line = " ".join([recipe.name, *(f"{name}={value}" for name, value in variables.items())])
        groups.setdefault(recipe.group, []).append(line)
    return "\n".join(f"[{group}]\n" + "\n".join(lines) + "\n" for group, lines in sorted(groups.items()))


def known_hosts(keys: Iterable[tuple[Recipe, Sequence[str]]]) -> str:
    """known_hosts: the keys under the published address, and under the host's own."""
    lines = []
    for recipe, host_keys in keys:
        names = f"[{recipe.loopback}]:{recipe.ssh_port}" + (f",{recipe.address}" if recipe.address else "")
        lines += [f"{names} {key}\n" for key in host_keys]
    return "".join(lines)


def replace(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old or the new one."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)
