"""Passwords that are asked for once, on the terminal, instead of written into the inventory.

They live in the memory of this process and in the :class:`inventory.host.Host` objects, which hide them from ``repr``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from inventory.ansible.host_variables import PASSPHRASE
from inventory.errors import BrownfieldError
from inventory.host import Host


class PromptUnanswered(BrownfieldError):
    """A password prompt that could not be answered."""


@dataclass(frozen=True)
class Passwords:
    """The answers; None: not asked for, or left empty."""

    login: str | None = field(default=None, repr=False)
    become: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def fill(self, hosts: Iterable[Host]) -> tuple[Host, ...]:
        """``hosts`` with the passwords that their inventory does not give: the inventory's password of one host takes
        precedence.
        """
        return tuple(self._filled(host) for host in hosts)

    def _filled(self, host: Host) -> Host:
        variables = host.variables
        if self.passphrase is not None and not any(name in variables for name in PASSPHRASE):
            variables = {**variables, PASSPHRASE[-1]: self.passphrase}
        return replace(
            host,
            password=self.login if host.password is None else host.password,
            become_password=self.become if host.become_password is None else host.become_password,
            variables=variables,
        )


def ask_passwords(*, login: bool = False, become: bool = False, passphrase: bool = False) -> Passwords:
    """Ask for the passwords that are needed, in this order. As with Ansible, an empty answer for ``become`` means the
    login's.

    Raises PromptUnanswered when there is no terminal and nothing on standard input.
    """
    asked = _ask("SSH password") if login else None
    words = "password to become root" + (" [as for SSH]" if asked else "")
    return Passwords(
        login=asked,
        become=(_ask(words) or asked) if become else None,
        passphrase=_ask("passphrase of the key") if passphrase else None,
    )


def _ask(words: str) -> str | None:
    import click

    try:
        question = words[0].upper() + words[1:]
        answer: str = click.prompt(question, hide_input=True, err=True, default="", show_default=False)
    except (click.Abort, EOFError) as error:
        if isinstance(error.__cause__, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise PromptUnanswered(f"there is no terminal to ask for the {words} on") from error
    return answer or None
