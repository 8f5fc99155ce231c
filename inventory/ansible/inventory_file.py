"""hosts.ini, read by Ansible's own parser."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from inventory.ansible import ansible_programs, error_messages
from inventory.ansible.ansible_programs import private_directory, run_program
from inventory.ansible.connection_settings import read_settings
from inventory.ansible.host_variables import make_host, read_of
from inventory.errors import InventoryError
from inventory.host import Host

_TEMPLATE = re.compile(r"\{\{|\{%|\{#")


def read_hosts(
    path: Path,
    *,
    limit: str | None = None,
    vault_password_file: Path | None = None,
    ask_vault_pass: bool = False,
    warn: Callable[[str], None] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> tuple[Host, ...]:
    """The hosts of an inventory, group after group, after Ansible's rules for groups, variables, templates and vault.

    ``path`` is whatever Ansible takes: a file, a directory, a script, a plugin's configuration. ``limit`` is a host
    pattern and means what ``ansible --limit`` means by it. Without ``vault_password_file`` Ansible's own settings hold
    (``ANSIBLE_VAULT_PASSWORD_FILE``); ``ask_vault_pass`` asks on the terminal. Only the variables that are read
    (:func:`inventory.ansible.host_variables.read_of`) are templated: others may need facts, and so a connection.

    ``warn`` gets one sentence for each thing that Ansible only warns of (a part of ``limit`` that matches nothing).
    Raises InventoryError. Takes about half a second, and as much again when a variable holds a template. Ansible works
    in a process of its own: ``meanwhile`` is called in another thread while it does.
    """
    _check_readable(path)
    # A variable file next to a link is looked up next to the link: absolute(), not resolve().
    path = path.absolute()
    with private_directory() as private:
        vault = _vault(private, vault_password_file, ask_vault_pass)
        ansible_programs.load()
        with ThreadPoolExecutor(max_workers=2) as aside:
            settings = aside.submit(read_settings, private / "settings")
            other = aside.submit(meanwhile) if meanwhile is not None else None
            # Ansible in this thread: Ctrl-C comes here, and ends the program that is waited for.
            listing = _listing(path, limit, vault, private, warn)
            defaults = settings.result()
            if other is not None:
                other.result()
        groups, order = _membership(listing)
        if not order:
            raise InventoryError(_nothing(path, limit))
        found: Mapping[str, Mapping[str, Any]] = listing.get("_meta", {}).get("hostvars", {})
        variables = {name: _plain({**defaults, **found.get(name, {})}) for name in order}
        _template(variables, path, vault, private)
    hosts = tuple(make_host(name, groups[name], variables[name]) for name in order)
    _check_key_files(hosts)
    return hosts


def _check_readable(path: Path) -> None:
    if "," in str(path):
        raise InventoryError(f"{path}: Ansible takes a name with a comma for a list of hosts; rename the file")
    if not path.exists():
        raise InventoryError(
            f"there is no inventory at {path}; write one with a line such as 'web01 ansible_user=root'"
        )
    if not os.access(path, os.R_OK):
        raise InventoryError(f"{path} cannot be read; check its owner and mode")


def _vault(private: Path, password_file: Path | None, ask: bool) -> list[str]:
    if password_file is not None:
        if not password_file.is_file():
            raise InventoryError(f"there is no vault password file at {password_file}")
        return ["--vault-password-file", str(password_file.absolute())]
    if not ask:
        return []
    import click

    file = private / "vault-password"
    file.touch(mode=0o600)
    file.write_text(click.prompt("Vault password", hide_input=True, err=True) + "\n", "utf-8")
    return ["--vault-password-file", str(file)]


def _listing(
    path: Path, limit: str | None, vault: Sequence[str], private: Path, warn: Callable[[str], None] | None
) -> dict[str, Any]:
    # ansible-runner makes a file for each line of standard output, so a large answer goes into one file instead.
    output = private / "inventory.json"
    output.touch(mode=0o600)
    arguments = ["--inventory", str(path), "--list", "--output", str(output), *vault]
    if limit is not None:
        arguments.append(f"--limit={limit}")
    answer = run_program("ansible-inventory", arguments, private)
    if answer.status != 0:
        raise InventoryError(error_messages.error_message(answer.stderr, path))
    if warn is not None:
        for warning in error_messages.warnings(answer.stderr):
            warn(warning)
    try:
        listing = json.loads(output.read_text("utf-8", "replace"))
    except ValueError as error:
        raise InventoryError(f"ansible-inventory gave no list of hosts for {path}") from error
    return dict(listing)


def _membership(listing: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The groups of each host (parents too, without ``all``), and the hosts in the order of the file.

    The list of variables is not a list of hosts: hosts without variables are missing from it.
    """
    groups: dict[str, list[str]] = {}

    def walk(name: str, above: tuple[str, ...]) -> None:
        group = listing.get(name, {})
        inside = above if name in ("all", "ungrouped") or name in above else (*above, name)
        for host in group.get("hosts", ()):
            known = groups.setdefault(host, [])
            known += [one for one in inside if one not in known]
        for child in group.get("children", ()):
            walk(child, inside)

    walk("all", ())
    return {host: tuple(names) for host, names in groups.items()}, list(groups)


def _plain(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is read; a value that must not be templated is wrapped by Ansible and unwrapped here."""
    plain: dict[str, Any] = {}
    for name in read_of(variables):
        if name not in variables:
            continue
        value = variables[name]
        if isinstance(value, dict) and set(value) == {"__ansible_unsafe"}:
            value = value["__ansible_unsafe"]
        plain[name] = value
    return plain


def _needs_ansible(value: object) -> bool:
    if isinstance(value, dict):
        return "__ansible_vault" in value
    return isinstance(value, str) and _TEMPLATE.search(value) is not None


def _template(variables: dict[str, dict[str, Any]], path: Path, vault: list[str], private: Path) -> None:
    """Let Ansible fill in templates and decrypt single values, on the hosts that have any, in one run."""
    wanted = {
        host: [name for name, value in values.items() if _needs_ansible(value)] for host, values in variables.items()
    }
    hosts = [host for host, names in wanted.items() if names]
    if not hosts:
        return
    by_name: dict[str, list[str]] = {}
    for host in hosts:
        for name in wanted[host]:
            by_name.setdefault(name, []).append(host)
    for name, values in _evaluate(by_name, path, vault, private).items():
        for host, value in zip(by_name[name], values, strict=True):
            variables[host][name] = value


def _evaluate(
    by_name: Mapping[str, list[str]], path: Path, vault: Sequence[str], private: Path
) -> dict[str, list[Any]]:
    """The values of variables on the hosts that have them.

    One ``debug`` on this machine reads them all through ``hostvars``: a task for each host costs 35 ms a host. The
    names go through a file, since a list of thousands does not fit on a command line.
    """
    extra = private / "wanted.json"
    extra.write_text(json.dumps({"assess_wanted": by_name}), "utf-8")
    each = ", ".join(f"assess_wanted.{name} | map('extract', hostvars, '{name}') | list" for name in by_name)
    # Not on one of the hosts: Ansible would load its connection plugin, which may be missing.
    arguments = ["localhost", "--inventory", str(path), *vault, "--extra-vars", f"@{extra}"]
    arguments += ["--one-line", "--module-name", "ansible.builtin.debug", "--args", f"msg={{{{ [{each}] }}}}"]
    answer = run_program("ansible", arguments, private)
    _, _, result = answer.stdout.partition(" => ")
    try:
        values = json.loads(result)["msg"]
    except (ValueError, KeyError, TypeError):
        values = answer.stderr or answer.stdout
    if answer.status != 0 or not isinstance(values, list):
        raise InventoryError(error_messages.template_sentence(by_name, f"{values}\n{answer.stderr}"))
    return dict(zip(by_name, values, strict=True))


def _nothing(path: Path, limit: str | None) -> str:
    if limit is not None:
        return f"no host of {path} matches --limit {limit!r}; `ansible-inventory -i {path} --graph` lists what is there"
    return f"{path} names no hosts; add a line such as 'web01 ansible_host=192.0.2.10 ansible_user=root'"


def _check_key_files(hosts: Sequence[Host]) -> None:
    """A key file that no host could use is a mistake in the inventory file; one that only some hosts lack is reported
    for those hosts.
    """
    remote = [host for host in hosts if host.connection == "ssh"]
    missing = list(_missing_key_files(remote))
    if remote and len(missing) == len(remote):
        name, key = missing[0]
        raise InventoryError(f"the key file {key} of host {name} does not exist; correct ansible_ssh_private_key_file")


def _missing_key_files(hosts: Sequence[Host]) -> Iterator[tuple[str, str]]:
    for host in hosts:
        if host.private_key_file and not Path(host.private_key_file).is_file():
            yield host.name, host.private_key_file
