"""Becoming root: the password is never an argument, and never sent to a program that did not ask for it.

sudo is given a prompt (``-p``) with an unpredictable number. The password goes out only after this prompt has come, so
a shell's start file that prints ``password:`` gets nothing.

su and doas ask with their own prompts, and only on a terminal (as does sudo where its sudoers contains ``requiretty``).
So the command gets one, made raw so that bytes pass unchanged; a line with a number of ours marks that from here on su
is speaking. On a terminal there is one stream, so the standard error of a command is dropped there.
"""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass, field, replace

from inventory.errors import BecomeRefused
from inventory.host import Host
from inventory.transports.login_shell import portable
from inventory.transports.printable_text import last_line

METHODS = ("sudo", "su", "doas")

READS = ("dac_read_search", "sys_ptrace")
"""The rights of a reader: read any file and look into any process. It writes no file, signals no process and changes no
account; but tracing is enough to take over a process, so control of the account is as good as root.
"""
_ONLY = ",".join(["-all", *(f"+{capability}" for capability in READS)])
READER = (
    "/usr/bin/setpriv",
    *("--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"),
    *(f"--inh-caps={_ONLY}", f"--ambient-caps={_ONLY}", f"--bounding-set={_ONLY}"),
    *("/bin/sh", "-c", 'read${IFS}n;eval${IFS}"$(dd${IFS}bs=1${IFS}count=$n${IFS}status=none)"'),
)
"""A command of fixed words that runs scripts as an account without rights, but for those of READS: a number of bytes, a
newline, the script of so many bytes, then the script's own input. sudoers cannot distinguish words with blanks, so
there are none. setpriv has had ``--ambient-caps`` since util-linux 2.31.
"""
_READER_VARIABLE = "assess_become_reader"

_ASKING = re.compile(rb"[Pp]assword[^\r\n]{0,60}: ?")
_OURS = ("-S", "-n", "--stdin", "--non-interactive")  # they hang together with whether there is a password


class TerminalWanted(BecomeRefused):
    """A sudo that runs nothing without a terminal."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """The way to become another user on one host. ``terminal``: the command needs one."""

    user: str
    password: str | None = field(default=None, repr=False)
    method: str = "sudo"
    program: str = "sudo"
    flags: str = "-H"
    terminal: bool = False
    reader: bool = False
    script: bytes = field(default=b"", repr=False)
    number: str = field(default_factory=lambda: secrets.token_hex(8))

    def saying(self, script: str) -> Escalation:
        """The input with what a reader must receive first."""
        if not self.reader:
            return self
        told = script.encode("utf-8", "surrogateescape")
        return replace(self, script=b"%d\n%s" % (len(told), told))

    @property
    def prompt(self) -> str:
        """The prompt that sudo is given."""
        return f"[assess {self.number}] password:"

    def on_a_terminal(self) -> Escalation:
        """The same on a terminal."""
        return replace(self, terminal=True)

    def command(self, shell_command: str) -> str:
        """``shell_command`` (an argument vector as shell text) run as the other user, as shell text."""
        user = shlex.quote(self.user)
        words: tuple[str, ...]
        if self.reader:
            return " ".join((self.program, "-n", "-u", user, "--", shlex.join(READER)))
        if self.method == "su":
            words = (self.program, self.flags, user, "-c", shlex.quote(f"exec {shell_command}"))
        elif self.method == "doas":
            words = (self.program, self.flags, "-n" if self.password is None else "", "-u", user, shell_command)
        else:
            ask = f"-S -p {shlex.quote(self.prompt)}" if self.password is not None else "-n"
            words = (self.program, self.flags, ask, "-u", user, "--", shell_command)
        line = " ".join(word for word in words if word)
        if not self.terminal:
            return line
        return portable(f"stty raw -echo; echo {self.number}; LC_ALL=C LANGUAGE=C; export LC_ALL LANGUAGE; exec {line}")

    def asked(self, stdout: bytes, stderr: bytes) -> int:
        """The number of times the password was asked for so far."""
        if self.method == "sudo":
            return stdout.count(self.prompt.encode()) + stderr.count(self.prompt.encode())
        _, begun, said = stdout.partition(self.number.encode())
        return len(_ASKING.findall(said)) if begun else 0

    def answer(self, host: str, time: int, said: bytes) -> bytes:
        """The text to send at the ``time``-th prompt; raises BecomeRefused when it was sent already.

        sudo asks everything with our prompt, also for a code. But only after a wrong password it prints something
        between.
        """
        if self.password is None:
            raise self._wants_password(host)
        if time > 1 and self.method == "sudo" and not said.split(self.prompt.encode())[-2].strip():
            raise BecomeRefused(
                f"sudo on {host} takes the password and asks for more (a second factor?), which cannot be answered "
                "from here; use an account or a rule (NOPASSWD) that needs no more"
            )
        if time > 1:
            raise self._wrong_password(host)
        return self.password.encode()

    def refused(self, host: str, said: bytes) -> BecomeRefused:
        """The sentence for a program that ended without running anything, from its output."""
        lower = said.lower()
        if self.reader:
            words = last_line(said)
            return BecomeRefused(
                f"{host} does not let this account read as root ({words}); put what assess privileges --for build "
                "prints into its sudoers (util-linux 2.31 or later)"
            )
        if b"must have a tty" in lower:
            return TerminalWanted(f"sudo on {host} needs a terminal (requiretty in its sudoers), which it cannot have")
        if b"a password is required" in lower or b"authentication required" in lower:
            return self._wants_password(host)
        if b"incorrect password" in lower or b"try again" in lower or b"authentication fail" in lower:
            return self._wrong_password(host)
        if b"not found" in lower or b"no such file" in lower:
            return BecomeRefused(f"{host} has no {self.program}; log in as root, or scan it without ansible_become")
        words = last_line(said)
        told = f": {words}" if words else ""
        return BecomeRefused(f"{self.method} on {host} denies running /bin/sh as {self.user}{told}")

    def silent(self, host: str, seconds: float, said: bytes) -> BecomeRefused:
        """The sentence for a program that hangs, from its output since: a prompt for a second factor is in words."""
        if self.method != "sudo":
            said = _ASKING.split(said.partition(self.number.encode())[2])[-1]
        words = last_line(said.rpartition(self.prompt.encode())[2], 80)
        if words.endswith((":", "?")):
            return BecomeRefused(
                f"{self.method} on {host} asks {words!r}, which cannot be answered from here; it timed out after "
                f"{seconds:g} s; use an account that needs no second factor, or a rule with NOPASSWD"
            )
        return BecomeRefused(
            f"{self.method} on {host} gave no answer within {seconds:g} s; does it wait for a directory server?"
        )

    def _wants_password(self, host: str) -> BecomeRefused:
        return BecomeRefused(
            f"{self.method} on {host} needs a password; give ansible_become_password (encrypt it with vault)"
        )

    def _wrong_password(self, host: str) -> BecomeRefused:
        return BecomeRefused(
            f"{self.method} on {host} rejects the password of the inventory; correct ansible_become_password"
        )


def escalation_for(host: Host, login: str) -> Escalation | None:
    """The way to become the user that the inventory asks for; None when it asks for none or the login is that user.

    Raises BecomeRefused for a method that does not work here.
    """
    if not host.become or login == host.become_user:
        return None
    method = host.become_method
    if method not in METHODS:
        raise BecomeRefused(
            f"ansible_become_method={method} of {host.name} is not supported; supported are {', '.join(METHODS)}"
        )
    if host.become_user.startswith("-") or not host.become_user.isprintable():
        raise BecomeRefused(f"ansible_become_user of {host.name} is not a user name: {host.become_user!r}")
    reader = str(host.variables.get(_READER_VARIABLE, "")).lower() in ("true", "yes", "1")
    if reader and (method != "sudo" or host.become_user != "root"):
        raise BecomeRefused(f"{_READER_VARIABLE} of {host.name} works with sudo to root only")
    flags = str(host.variables.get("ansible_become_flags", "-H" if method == "sudo" else ""))
    return Escalation(
        user=host.become_user,
        password=None if reader else host.become_password,
        method=method,
        program=shlex.quote(str(host.variables.get("ansible_become_exe", method))),
        flags=shlex.join(word for word in shlex.split(flags) if word not in _OURS),
        terminal=method != "sudo",
        reader=reader,
    )


def runs_as_root(host: Host, login: str) -> bool:
    """Whether commands run as root: by login, or because the inventory asks for it."""
    return (host.become_user if host.become else login) == "root"
