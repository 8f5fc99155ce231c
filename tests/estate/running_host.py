"""A host that runs: where it is reached, how to run commands on it, and whether it is ready."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import time
from dataclasses import dataclass

from tests.estate import client_key, processes
from tests.estate.errors import EstateError
from tests.estate.places import STATE
from tests.estate.recipe import Recipe

# A virtual machine without KVM, on a busy machine, takes long to boot.
BOOT_SECONDS = 240


@dataclass(frozen=True)
class RunningHost:
    """A host that runs, and how to reach it."""

    recipe: Recipe
    pid: int
    """Its init as this machine sees it; for a virtual machine its QEMU."""

    @property
    def name(self) -> str:
        """Name of the host in the inventory, which is also its host name."""
        return self.recipe.name

    def published(self, port: int) -> tuple[str, int]:
        """Loopback address and port behind which a port of the host is reached from this machine."""
        return self.recipe.loopback, self.recipe.publish[port]

    def url(self, path: str = "/", port: int = 80) -> str:
        """Address of a page of the host."""
        address, published = self.published(port)
        return f"http://{address}:{published}{path}"

    def argv(self, *command: str) -> list[str]:
        """Command line that runs a command as root on the host, without SSH where that is possible."""
        if self.recipe.machine == "namespaces":
            namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
            command = command or ("/bin/bash", "-l")
            return ["nsenter", "--target", str(self.pid), *namespaces, "--", "env", "-i", *_LOGIN, *command]
        return self.ssh_argv("root", *command)

    def ssh_argv(self, user: str, *command: str) -> list[str]:
        """Command line of an OpenSSH client that logs in to the host."""
        options = ["-F", "none", "-i", str(client_key.path()), "-o", f"UserKnownHostsFile={STATE / 'known_hosts'}"]
        options += ["-o", "BatchMode=yes", "-p", str(self.recipe.ssh_port)]
        # sshd hands one string to a shell.
        return ["ssh", *options, f"{user}@{self.recipe.loopback}", *([shlex.join(command)] if command else [])]

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command as root on the host and return what it printed."""
        return subprocess.run(self.argv(*command), stdout=subprocess.PIPE, text=True, check=check, cwd="/").stdout

    def wait_until_ready(self) -> None:
        """Wait until everything that is published answers."""
        deadline = time.monotonic() + BOOT_SECONDS
        for port in sorted(self.recipe.publish):
            while not self._answers(port):
                if not processes.alive(self.pid):
                    logs = [STATE / self.name / name for name in ("boot.log", "qemu.log")]
                    said = " ".join(processes.last_words(log) for log in logs if log.exists())
                    raise EstateError(f"{self.name} ended while it started: {said}")
                if time.monotonic() > deadline:
                    raise EstateError(
                        f"{self.name} was started, but its port {port} does not answer after {BOOT_SECONDS} s; look "
                        f"inside with `python -m tests.estate shell {self.name}`, then take it down."
                    )
                time.sleep(0.1)

    def _answers(self, port: int) -> bool:
        # Forwarders accept whether or not the host does; so a host with an address is asked there, and a virtual
        # machine must say something.
        behind_forwarder = self.recipe.address is None
        address = self.published(port) if self.recipe.address is None else (self.recipe.address, port)
        try:
            with socket.create_connection(address, timeout=2) as connection:
                if port != 22 and not behind_forwarder:
                    return True
                if port != 22:
                    connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
                connection.settimeout(10)
                return bool(connection.recv(1))
        except OSError:
            return False


_LOGIN = (
    "HOME=/root",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    f"TERM={os.environ.get('TERM', 'dumb')}",
    "LANG=C.UTF-8",
)
