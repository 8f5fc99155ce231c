"""Starting a real SSH server on loopback; used through the fixtures of conftest.py."""

from __future__ import annotations

import getpass
import shutil
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


def public(key: Path) -> tuple[str, str]:
    """Kind and base64 of the public half."""
    kind, encoded = Path(f"{key}.pub").read_text().split()[:2]
    return kind, encoded


def fingerprint_of(key: Path) -> str:
    """As ssh-keygen prints it."""
    command = ["ssh-keygen", "-l", "-f", f"{key}.pub"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


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
        given: dict[str, object] = {"known_hosts": self.known_hosts, "connect_timeout": 5.0}
        return ConnectOptions(**{**given, **changes})  # type: ignore[arg-type]

    def inventory_line(self, name: str = "web01", *arguments: str) -> str:
        """A line of hosts.ini that is this server."""
        words = " ".join(("-F none", f"-o UserKnownHostsFile={self.known_hosts}", *arguments))
        return (
            f"{name} ansible_host={self.address} ansible_port={self.port} ansible_user={self.user} "
            f"ansible_ssh_private_key_file={self.key} ansible_ssh_common_args='{words}'"
        )

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


def start(folder: Path, program: str, lines: tuple[str, ...], within: tuple[str, ...] = ()) -> Sshd:
    """A server with its own keys in ``folder``; ``within`` is a command put before it."""
    folder.mkdir(mode=0o700)
    (folder / "home").mkdir()
    key, host_key = make_key(folder / "login"), make_key(folder / "host_key")
    shutil.copy(f"{key}.pub", folder / "authorized_keys")
    port = free_port()
    own = (
        f"ListenAddress {ADDRESS}",
        f"Port {port}",
        f"HostKey {host_key}",
        f"AuthorizedKeysFile {folder}/authorized_keys",
        f"PidFile {folder}/pid",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
        "PrintMotd no",
        "UseDNS no",
        "LogLevel VERBOSE",
        "MaxStartups 200",
        # The ~/.bashrc of this machine has no place in a test: it can take long, or hang.
        f"Match User {getpass.getuser()}",
        f"SetEnv HOME={folder}/home",
    )
    (folder / "sshd_config").write_text("\n".join((*lines, *own)) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [*within, program, "-D", "-f", f"{folder}/sshd_config", "-E", f"{folder}/log"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    _wait_for(port, process)
    kind, encoded = public(host_key)
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(f"[{ADDRESS}]:{port} {kind} {encoded}\n")
    return Sshd(folder, port, process, key, known_hosts, host_key)


def stop(sshd: Sshd) -> None:
    sshd.process.terminate()
    try:
        sshd.process.wait(5)
    except subprocess.TimeoutExpired:
        sshd.process.kill()
        sshd.process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        try:
            socket.create_connection((ADDRESS, port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "sshd did not start"
            time.sleep(0.02)
    raise AssertionError("sshd does not listen")


SshdFactory = Callable[..., Sshd]
"""Type of the fixture ``sshd_factory``."""
