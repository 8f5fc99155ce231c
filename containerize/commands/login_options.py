"""Options of every command that logs in to hosts: which passwords are asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.host import Host

_P = ParamSpec("_P")
_R = TypeVar("_R")

Fill = Callable[["Iterable[Host]"], "tuple[Host, ...]"]
"""Asks, once, and gives hosts with the passwords."""

_OPTIONS = (
    click.option("-k", "--ask-pass", is_flag=True, help="Ask for the SSH password, as ansible does."),
    click.option("-K", "--ask-become-pass", is_flag=True, help="Ask for the password of sudo, su or doas."),
    click.option("--ask-key-passphrase", is_flag=True, help="Ask for the passphrase of the SSH key."),
)


def login_options(command: Callable[_P, _R]) -> Callable[..., _R]:
    """Add the options to a command, which gets one argument ``fill`` (:data:`Fill`) for the three."""

    @functools.wraps(command)
    def wrapped(*args: object, ask_pass: bool, ask_become_pass: bool, ask_key_passphrase: bool, **kwargs: object) -> _R:
        def fill(hosts: Iterable[Host]) -> tuple[Host, ...]:
            from inventory.ansible.prompts import ask_passwords

            asked = ask_passwords(login=ask_pass, become=ask_become_pass, passphrase=ask_key_passphrase)
            return asked.fill(hosts)

        return command(*args, fill=fill, **kwargs)  # type: ignore[arg-type]

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
