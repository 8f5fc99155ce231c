"""SSH by the OpenSSH client, for what paramiko cannot do: its options of the inventory, and the cryptography of old
servers.

Host keys are checked by ssh, against the same files. What it asks for (a password, a passphrase) it asks us
(:mod:`inventory.transports.askpass`); without an answer it asks nothing (BatchMode).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from inventory.ansible.host_variables import PASSPHRASE
from inventory.errors import (
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
)
from inventory.host import Host
from inventory.transports.askpass import Askpass, names_asking_host
from inventory.transports.become import Escalation, TerminalWanted, escalation_for, runs_as_root
from inventory.transports.child_process import ChildProcess
from inventory.transports.command_session import command_line, converse, converse_verbatim, conversing
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.login_shell import Marker, marked
from inventory.transports.printable_text import last_line, printable
from inventory.transports.ssh_settings import SshSettings, settings_for
from inventory.transports.transport import Completed, Duplex

# What servers from before 2014 have and the client has switched off. "+": behind everything better.
LEGACY = (
    "KexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "HostKeyAlgorithms=+ssh-rsa",
    "PubkeyAcceptedAlgorithms=+ssh-rsa",
    "Ciphers=+aes256-cbc,aes128-cbc,3des-cbc",
    "MACs=+hmac-sha1,hmac-md5",
    "RequiredRSASize=768",
)


_REFUSED = (
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ForwardX11Trusted=no",
    "GSSAPIDelegateCredentials=no",
    "PermitLocalCommand=no",
    "Tunnel=no",
    "UpdateHostKeys=no",
)
"""Options that a scanned host never gets, whatever an ssh_config allows: ports of this machine, its agent, display and
credentials, a tunnel, a command that runs here. The agent still logs in, and jump hosts work: ssh starts a separate
process for each.
"""
GIVE_NOTHING = tuple(word for option in _REFUSED for word in ("-o", option))
"""The same as arguments. They come first, since ssh takes the first value of each option."""
GIVE_NOTHING_LAST = ("-a", "-x")
"""Of flags ssh takes the last one: these come after the arguments of the inventory (``-A``, ``-X``)."""


class OpenSshTransport:
    """See :class:`inventory.transports.transport.Transport`. Each command is a separate connection."""

    def __init__(self, host: Host, options: ConnectOptions, settings: SshSettings) -> None:
        self.user = settings.user
        self.privileged = runs_as_root(host, settings.user)
        self.banner = ""
        self.peer = ""
        self._host = host
        self._options = options
        self._settings = settings
        self._opened = ExitStack()
        self._terminal = False  # becomes true when sudo turns out to need one
        passphrase = next((str(host.variables[name]) for name in PASSPHRASE if name in host.variables), None)
        self._answers: Askpass | None = None
        if host.password is not None or passphrase is not None:
            names = (settings.hostname, host.address)
            self._answers = Askpass(settings.user, names, host.password, passphrase)
            self._opened.callback(self._answers.close)

    def arguments(self, *words: str, control: Path | None = None) -> list[str]:
        """The ssh command line up to and with the address; ``words`` go before the address.

        ``control`` is the socket at which this client takes commands.
        """
        settings, options = self._settings, self._options
        program = str(self._host.variables.get("ansible_ssh_executable") or "ssh")
        found = shutil.which(program)
        if found is None:
            needs = ", ".join(settings.beyond) or "old cryptography"
            raise HostError(f"{self._host.name} needs the OpenSSH client ({needs}), and {program} is not installed")
        line = [found, *GIVE_NOTHING, "-o", f"ControlPath={control or 'none'}", "-o", "LogLevel=ERROR"]
        line += ["-o", "BatchMode=yes"] if self._answers is None else ["-o", "NumberOfPasswordPrompts=1"]
        if self._answers is not None and (
            self._host.password is None or (self._answers.has_passphrase and not names_asking_host(found))
        ):
            # Such a client passes on a server's prompt unchanged, and that may ask for the passphrase of a key.
            line += ["-o", "KbdInteractiveAuthentication=no"]
        line += ["-o", f"ConnectTimeout={max(1, round(settings.connect_timeout))}"]
        if self._host.private_key_file is not None:
            line += ["-i", self._host.private_key_file]
        if self._host.port is not None:
            line += ["-p", str(self._host.port)]
        if self._host.user is not None:
            line += ["-l", self._host.user]
        # Before the arguments of the inventory, since ssh takes the first value; they are part of the policy already.
        line += ["-o", f"UserKnownHostsFile={' '.join(_quoted(file) for file in settings.policy.files) or '/dev/null'}"]
        line += ["-o", f"StrictHostKeyChecking={'accept-new' if settings.policy.accept_new else 'yes'}"]
        line += [*self._host.ssh_arguments, *GIVE_NOTHING_LAST]
        if options.legacy_crypto:
            for option in LEGACY:
                line += ["-o", option]
        return [*line, *words, "--", self._host.address]

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        try:
            with self._started(command, stdin) as (exchange, marker, escalation):
                return converse(exchange, self._host.name, marker, escalation, stdin, timeout=timeout, limit=limit)
        except TerminalWanted:
            if self._terminal:
                raise
        self._terminal = True  # nothing was run, so nothing is done twice
        return self.run(command, stdin, timeout=timeout, limit=limit)

    def run_verbatim(
        self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20
    ) -> Completed:
        """See :class:`inventory.transports.transport.Verbatim`."""
        with self._executing(command, "-T") as exchange:
            return converse_verbatim(exchange, self._host.name, stdin, timeout=timeout, limit=limit)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """See the Protocol."""
        if not self._terminal and escalation_for(self._host, self.user) is not None:
            self.run(":")  # to find out whether sudo needs a terminal, before there is half a stream
        with (
            self._started(command, stdin) as (exchange, marker, escalation),
            conversing(exchange, self._host.name, marker, escalation, stdin) as output,
        ):
            yield output

    @contextmanager
    def _started(self, command: str, stdin: bytes) -> Iterator[tuple[_Overheard, Marker, Escalation | None]]:
        marker = Marker()
        escalation = escalation_for(self._host, self.user)
        if escalation is not None:
            escalation = (escalation.on_a_terminal() if self._terminal else escalation).saying(marked(command, marker))
        line = command_line(command, marker, escalation, len(stdin))
        terminal = "-tt" if escalation is not None and escalation.terminal else "-T"
        with self._executing(line, terminal) as exchange:
            yield exchange, marker, escalation

    @contextmanager
    def _executing(self, line: str, terminal: str) -> Iterator[_Overheard]:
        exchange = _Overheard([*self.arguments(terminal), line], self._environment)
        try:
            yield exchange
        except HostError as error:
            raise self._translated(error, exchange) from error
        finally:
            exchange.kill()

    def _translated(self, error: HostError, exchange: _Overheard) -> HostError:
        """Find out why ssh failed: it ends with 255 for every failure of its own; its messages name the cause."""
        if exchange.own_status() != 255:
            return error
        return translate(self._host, self._settings, exchange.errors, self._answers.unanswered if self._answers else "")

    @property
    def _environment(self) -> Mapping[str, str] | None:
        return None if self._answers is None else self._answers.environment

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self.arguments("-W", target),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        self._opened.callback(_end, process)
        ours.settimeout(timeout)
        return ours

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol.

        A client cannot forward one socket and deny what its configuration forwards. So it connects without forwarding;
        afterwards a client without a configuration asks it to forward this one.
        """
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="assess-")))
        here, control = folder / "s", folder / "c"
        line = self.arguments("-M", "-N", control=control)
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )
        self._opened.callback(_end, process)
        deadline = time.monotonic() + timeout
        while not control.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        tell = [line[0], "-F", "none", "-o", f"ControlPath={control}", "-O", "forward"]
        tell += ["-L", f"{here}:{path}", "--", self._host.address]
        with suppress(OSError, subprocess.TimeoutExpired):
            left = max(1.0, deadline - time.monotonic())
            done = subprocess.run(tell, stdin=subprocess.DEVNULL, capture_output=True, timeout=left, check=False)
            if done.returncode == 0:
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(timeout)
                connection.connect(str(here))
                return connection
        raise HostError(f"{self._host.name} does not forward to {path}")

    def close(self) -> None:
        """See the Protocol."""
        self._opened.close()


class _Overheard(ChildProcess):
    """Remembers the messages of ssh itself on standard error."""

    errors = b""
    _ended = False
    _own: int | None = None

    def read(self, seconds: float, /) -> tuple[bytes, bytes, bool]:
        out, err, self._ended = super().read(seconds)
        self.errors = (self.errors + err)[-8192:]
        return out, err, self._ended

    def own_status(self) -> int:
        """The exit status of ssh; -1 when it was we who ended it, since it reports 255 for that as well."""
        if self._own is None:
            self._own = self.status(0.5) if self._ended else -1
        return self._own

    def kill(self) -> None:
        self.own_status()
        super().kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(2.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _quoted(file: Path) -> str:
    return f'"{file}"' if " " in str(file) else str(file)


def translate(host: Host, settings: SshSettings, said: bytes, unanswered: str = "") -> HostError:
    """The output of ssh before it gave up, as the error and the sentence that our own SSH would give.

    ``unanswered`` is a question without an answer.
    """
    lower = said.lower()
    where = f"{host.name} ({settings.hostname} port {settings.port})"
    words = last_line(said) or "it printed nothing"
    if b"remote host identification has changed" in lower:
        return HostKeyChanged(f"the host key of {where} has changed: {_offending(said)}")
    if b"host key verification failed" in lower:
        return HostKeyUnknown(
            f"the host key of {where} is not known; accept it with assess scan --accept-new-host-keys"
        )
    if b"unable to negotiate" in lower or b"no matching" in lower:
        return HostUnreachable(f"{where} supports only cryptography that is disabled today: {words}")
    if b"permission denied" in lower or b"too many authentication failures" in lower:
        asked = f"; it asked {unanswered!r}, which has no answer here" if unanswered else ""
        return LoginRefused(f"{where} denied the login of {settings.user}: {words}{asked}")
    return HostUnreachable(f"{where} cannot be reached by ssh: {words}")


def _offending(said: bytes) -> str:
    lines = [line for line in said.splitlines() if b"SHA256:" in line or b"Offending" in line]
    return printable(b" ".join(lines), 300) or "ssh denied it"


@contextmanager
def connect_openssh(
    host: Host, options: ConnectOptions, settings: SshSettings | None = None
) -> Iterator[OpenSshTransport]:
    """The OpenSSH client for ``host``; it connects when the first command is run."""
    settings = settings or settings_for(host, options)
    transport = OpenSshTransport(host, options, settings)
    try:
        yield transport
    finally:
        transport.close()
