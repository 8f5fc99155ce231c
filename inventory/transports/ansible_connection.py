"""The connection plugins of Ansible that are not ours: docker, podman, chroot, winrm, psrp and the rest.

Ansible's plugin connects and becomes another user; commands, input and output are ours. One ``ansible`` process serves
one host as long as its connection is open: a second or two to start, then what the plugin takes. Plugins return an
answer when a command has ended, so a stream here is an answer that was held in memory.
"""

from __future__ import annotations

import importlib.util
import io
import re
import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from inventory.errors import BecomeRefused, HostError
from inventory.host import Host
from inventory.transports.ansible_connection_inventory import inventory_of
from inventory.transports.ansible_process import AnsibleProcess, AnsibleTimeout, PluginOutput
from inventory.transports.become import runs_as_root
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.login_shell import Marker, clean, portable
from inventory.transports.printable_text import last_line
from inventory.transports.transport import Completed, Duplex, Interrupted

WINDOWS = {"winrm": "winrm", "psrp": "pypsrp"}
"""Connections whose commands are PowerShell, with the Python module that each needs."""

_DEVICES = ("network_cli", "netconf", "httpapi", "grpc_config")
_STREAM_LIMIT = 512 << 20
_STREAM_SECONDS = 3600.0
_PIECE = 30_000  # bytes of input in one argument; Linux takes 128 kB, and a byte may become five
_ARGUMENTS = 1_500_000  # Linux takes 2 MB in all, with the environment
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord("\\")} | {0x0A, 0x09}
_BECAME = re.compile(rb"BECOME-SUCCESS-[a-z]+\r?\n")


class AnsibleTransport:
    """See :class:`inventory.transports.transport.Transport`.

    On Windows ``command`` is text for PowerShell, and ``stdin`` is text whose lines it finds in ``$input``.
    """

    banner = ""
    peer = ""

    def __init__(self, host: Host, options: ConnectOptions) -> None:
        self.windows = _plugin(host) in WINDOWS
        self._host = host
        self._options = options
        self._lock = threading.Lock()  # a connection plugin does one thing at a time
        self._closed = False
        self._process: AnsibleProcess | None = self._started()
        self.user = host.user or ""
        self.privileged = False
        if not self.windows:
            try:
                self._who()
            except BaseException:
                self.close()
                raise

    def _who(self) -> None:
        """The login user is known only there: a container's image names it."""
        done = self._run("id -un 2>/dev/null || id -u", b"", 60.0, 1 << 16, become=False)
        named = done.stdout.decode("utf-8", "replace").split()
        user = named[-1] if named and named[-1].isprintable() else ""
        self.user = "root" if user == "0" else user or self.user
        self.privileged = runs_as_root(self._host, self.user)

    def _started(self) -> AnsibleProcess:
        return AnsibleProcess(self._host.name, inventory_of(self._host, self._options))

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        return self._run(command, stdin, timeout, limit, become=True)

    def _run(self, command: str, stdin: bytes, timeout: float, limit: int, *, become: bool) -> Completed:
        marker = Marker()
        deadline = time.monotonic() + timeout
        if not self._lock.acquire(timeout=timeout):
            raise HostError(f"{self._host.name} is still busy with another command after {timeout:g} s")
        try:
            process = self._open_process()
            line = command if self.windows else self._line(_limited(command, marker, limit + 1), stdin, process)
            said = process.ask(
                line,
                stdin if process.takes_input else b"",
                become=become and self._host.become,
                text=_plugin(self._host) == "psrp",
                seconds=max(0.1, deadline - time.monotonic()),
                memory=4 * max(limit, 64 << 20) + (1 << 30),
            )
        except AnsibleTimeout:
            words = f"a command on {self._host.name} timed out after {timeout:g} s"
            raise Interrupted(words, Completed(-1, b"", b"")) from None
        finally:
            self._lock.release()
        return self._heard(said, marker, limit, become=become and self._host.become)

    def _line(self, script: str, stdin: bytes, process: AnsibleProcess) -> str:
        if process.takes_input or not stdin:
            return portable(script)
        pieces = [_escaped(stdin[at : at + _PIECE]) for at in range(0, len(stdin), _PIECE)]
        if sum(map(len, pieces)) > _ARGUMENTS:
            raise HostError(
                f"{self._host.name}: ansible_connection={self._host.connection} passes no standard input on, and this "
                "needs more than fits on a command line; reach the host by ssh for this"
            )
        # Such plugins run a program in a container and no login shell that might not be sh.
        words = ("/bin/sh", "-c", f'printf %b "$@" | {{ {script}\n}}', "sh", *pieces)
        return clean(shlex.join(words))

    def _open_process(self) -> AnsibleProcess:
        """The process; another one when the last was ended with a command that took too long."""
        if self._closed:
            raise HostError(f"the connection to {self._host.name} was closed")
        if self._process is None or not self._process.usable:
            self._process = self._started()
        return self._process

    def _heard(self, said: PluginOutput, marker: Marker, limit: int, *, become: bool) -> Completed:
        if self.windows:
            return Completed(said.status, said.stdout[:limit], said.stderr, len(said.stdout) > limit)
        noise, begun, out = said.stdout.partition(marker.line)
        if not begun:
            words = last_line(said.stderr or said.stdout)
            told = f": {words}" if words else ""
            if become:
                method, user = self._host.become_method, self._host.become_user
                raise BecomeRefused(f"{method} on {self._host.name} denies running /bin/sh as {user}{told}")
            raise HostError(f"{self._host.name} does not run /bin/sh through {self._host.connection}{told}")
        _, found, err = said.stderr.partition(marker.line)
        noise = _BECAME.sub(b"", noise)
        if len(out) > limit:
            return Completed(-1, out[:limit], err if found else said.stderr, truncated=True, noise=noise)
        return Completed(said.status, out, err if found else said.stderr, noise=noise)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """See the Protocol. The command ends before the first byte is given; at most 512 MB."""
        done = self.run(command, stdin, timeout=_STREAM_SECONDS, limit=_STREAM_LIMIT)
        if done.truncated:
            raise HostError(
                f"{self._host.name} sends more than {_STREAM_LIMIT >> 20} MB at once, which its connection "
                f"{self._host.connection} cannot pass on; reach the host by ssh for this"
            )
        yield io.BytesIO(done.stdout)
        if done.exit_status != 0:
            said = last_line(done.stderr)
            words = f"a command on {self._host.name} ended with status {done.exit_status}"
            raise HostError(words + (f": {said}" if said else ""))

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol: connection plugins run commands and nothing else."""
        raise self._no_way(f"{address} port {port}")

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol: connection plugins run commands and nothing else."""
        raise self._no_way(path)

    def _no_way(self, target: str) -> HostError:
        return HostError(
            f"{target} on {self._host.name} cannot be reached through ansible_connection={self._host.connection}, "
            "which only runs commands"
        )

    def close(self) -> None:
        """See the Protocol."""
        self._closed = True
        if self._process is not None:
            self._process.close()


def _limited(command: str, marker: Marker, size: int) -> str:
    """``command``, which first prints that it begins, and is cut off there after ``size`` bytes of output.

    Plugins hold all output, so the host has to stop by itself. Systems whose ``head`` knows no ``-c`` (Solaris) send
    everything. Backquotes and a function, since old shells have no ``$( )``; file descriptor 3 carries the status past
    the pipe, 4 the output out of the backquotes.
    """
    return (
        f"bf_command() {{ {command}\n}}\n"
        f"echo {marker.word}; echo {marker.word} >&2\n"
        "if head -c 1 </dev/null >/dev/null 2>&1; then\n"
        "exec 4>&1\n"
        f"bf_status=`{{ {{ ( bf_command ) 3>&- 4>&-; echo $? >&3; }} | head -c {size} >&4 3>&- 4>&-; }} 3>&1`\n"
        'exit "$bf_status"\n'
        "fi\n"
        "bf_command"
    )


def _escaped(data: bytes) -> str:
    """``data`` for ``printf %b``: text stays as it is."""
    return "".join(chr(one) if one in _PLAIN else f"\\0{one:03o}" for one in data)


def _plugin(host: Host) -> str:
    return host.connection.rpartition(".")[2]


def _check(host: Host) -> None:
    """Reject what is known to fail before anything is started."""
    plugin = _plugin(host)
    if plugin in _DEVICES:
        raise HostError(
            f"{host.name} is a network device (ansible_connection={host.connection}): it has no shell to run commands "
            "in; leave it out with --limit"
        )
    module = WINDOWS.get(plugin)
    if module is not None and importlib.util.find_spec(module) is None:
        raise HostError(
            f"{host.name} needs the Python module {module} (ansible_connection={host.connection}); install it with "
            "pip install 'brownfield[windows]'"
        )


@contextmanager
def connect_by_ansible(host: Host, options: ConnectOptions) -> Iterator[AnsibleTransport]:
    """The connection that the inventory names, by Ansible's own plugin."""
    _check(host)
    transport = AnsibleTransport(host, options)
    try:
        yield transport
    finally:
        transport.close()
