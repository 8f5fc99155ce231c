"""Becoming root by sudo, without a terminal: the password is never an argument, and never sent to what did not ask.

sudo is told which words to ask with (``-p``), and they hold a number that nobody knows beforehand. The password goes
out only after these words have come, so a shell's start file that prints ``password:`` gets nothing.
"""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass, field

from inventory.errors import BecomeRefused
from inventory.host import Host
from inventory.transports.printable import last_line

METHODS = ("sudo",)
"""The methods that work here. su and doas read the password from a terminal only."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """How one host lets us become another user."""

    user: str
    password: str | None = field(default=None, repr=False)
    program: str = "sudo"
    flags: str = "-H"
    prompt: str = field(default_factory=lambda: f"[assess {secrets.token_hex(8)}] password:")

    def command(self, shell_command: str) -> str:
        """``shell_command`` (an argument vector as shell text) run as the other user."""
        ask = f"-S -p {shlex.quote(self.prompt)}" if self.password is not None else "-n"
        words = (self.program, self.flags, ask, "-u", shlex.quote(self.user), "--", shell_command)
        return " ".join(word for word in words if word)

    def answer(self, host: str, time: int) -> bytes:
        """What to send when sudo asks for the ``time``-th time; raises BecomeRefused when it was told already."""
        if self.password is None or time > 1:
            raise BecomeRefused(
                f"sudo on {host} does not take the password of the inventory; correct ansible_become_password"
            )
        return self.password.encode()

    def refused(self, host: str, said: bytes) -> BecomeRefused:
        """The sentence for a sudo that ended without running anything, from what it said."""
        lower = said.lower()
        if b"a password is required" in lower or b"no askpass" in lower or b"password is required" in lower:
            return BecomeRefused(
                f"sudo on {host} wants a password; give ansible_become_password (encrypt it with vault)"
            )
        if b"must have a tty" in lower:
            return BecomeRefused(f"sudo on {host} wants a terminal (requiretty in its sudoers), which a scan has not")
        if b"not found" in lower or b"no such file" in lower:
            return BecomeRefused(f"{host} has no {self.program}; log in as root, or scan it without ansible_become")
        if b"incorrect password" in lower or b"sorry, try again" in lower:
            return BecomeRefused(
                f"sudo on {host} does not take the password of the inventory; correct ansible_become_password"
            )
        words = last_line(said)
        return BecomeRefused(f"sudo on {host} refuses to run /bin/sh as {self.user}" + (f": {words}" if words else ""))

    def silent(self, host: str, seconds: float) -> BecomeRefused:
        """The sentence for a sudo that hangs."""
        return BecomeRefused(
            f"sudo on {host} gave no answer within {seconds:g} s; does it wait for a directory server?"
        )


def escalation_for(host: Host, login: str) -> Escalation | None:
    """How to become the user that the inventory asks for; None when it asks for nothing or the login is that user.

    Raises BecomeRefused for a method that does not work here.
    """
    if not host.become or login == host.become_user:
        return None
    if host.become_method not in METHODS:
        raise BecomeRefused(
            f"ansible_become_method={host.become_method} of {host.name} is not supported; use sudo, or log in as root"
        )
    if host.become_user.startswith("-") or not host.become_user.isprintable():
        raise BecomeRefused(f"ansible_become_user of {host.name} is no user name: {host.become_user!r}")
    flags = str(host.variables.get("ansible_become_flags", "-H"))
    # -S and -n are ours to decide: they hang together with whether there is a password.
    kept = [word for word in shlex.split(flags) if word not in ("-S", "-n", "--stdin", "--non-interactive")]
    return Escalation(
        user=host.become_user,
        password=host.become_password,
        program=shlex.quote(str(host.variables.get("ansible_become_exe", "sudo"))),
        flags=shlex.join(kept),
    )


def runs_as_root(host: Host, login: str) -> bool:
    """Whether commands run as root: by login, or because the inventory asks for it."""
    return (host.become_user if host.become else login) == "root"
