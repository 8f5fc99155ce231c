"""A real SSH server of our own on loopback, for whatever must be shown with one."""

from __future__ import annotations

import getpass
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from inventory.host import Host
from inventory.transports import ConnectOptions

ADDRESS = "127.0.79.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def make_key(path: Path, *options: str) -> Path:
    """A new key pair, ed25519 unless the options say otherwise."""
    kind = () if "-t" in options else ("-t", "ed25519")
    subprocess.run(["ssh-keygen", "-q", "-N", "", *kind, *options, "-f", str(path)], check=True)
    return path


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            socket.create_connection((ADDRESS, port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "sshd did not start"
            time.sleep(0.02)
    raise AssertionError("sshd does not listen")


@dataclass
class Sshd:
    """One running server: ``address``:``port``, logs in ``user`` (who runs the tests) with ``key``.

    ``known_hosts`` knows its host key. ``host()`` and ``options()`` are what ``inventory.transports.connect`` takes.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    key: Path
    known_hosts: Path
    host_key: Path
    address: str = ADDRESS
    user: str = field(default_factory=getpass.getuser)

    def host(self, name: str = "web01", *arguments: str, **changes: object) -> Host:
        """A host of an inventory that is this server. Nothing of the machine's own ssh configuration counts."""
        given: dict[str, object] = {
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "private_key_file": str(self.key),
            "ssh_arguments": ("-F", "none", "-o", "GlobalKnownHostsFile=none", "-o", "IdentityAgent=none", *arguments),
        }
        return Host(name=name, **{**given, **changes})  # type: ignore[arg-type]

    def options(self, **changes: object) -> ConnectOptions:
        """The server's key is known, and nothing waits long."""
        return ConnectOptions(**{"known_hosts": self.known_hosts, "connect_timeout": 5.0, **changes})  # type: ignore[arg-type]

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


SshdFactory = Callable[..., Sshd]
"""Type of the fixture ``sshd_factory``."""
