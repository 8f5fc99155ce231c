"""A real SSH server of our own on loopback, for whatever must be shown with one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port, make_key, wait_for


@pytest.fixture
def sshd_factory(tmp_path: Path) -> Iterator[SshdFactory]:
    """Starts servers: ``sshd_factory("AllowTcpForwarding no", …)``, each line put into its configuration.

    ``within`` is a command before the server's (``unshare …``). Ended with the test.
    """
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        pytest.skip("no sshd on this machine")
    running: list[subprocess.Popen[bytes]] = []

    def start(*lines: str, within: tuple[str, ...] = ()) -> Sshd:
        folder = tmp_path / f"sshd{len(running)}"
        folder.mkdir(mode=0o700)
        key, host_key = make_key(folder / "login"), make_key(folder / "host_key")
        (folder / "authorized_keys").write_bytes(Path(f"{key}.pub").read_bytes())
        port = free_port()
        (folder / "sshd_config").write_text(
            "\n".join(
                [
                    *lines,
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
                ]
            )
            + "\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        command = [*within, program, "-D", "-f", f"{folder}/sshd_config", "-E", f"{folder}/log"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        running.append(process)
        wait_for(port, process)
        known_hosts = folder / "known_hosts"
        public = Path(f"{host_key}.pub").read_text().split()
        known_hosts.write_text(f"[{ADDRESS}]:{port} {public[0]} {public[1]}\n")
        return Sshd(folder, port, process, key, known_hosts, host_key)

    yield start
    for process in running:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def sshd(sshd_factory: SshdFactory) -> Sshd:
    """One server with usual settings."""
    return sshd_factory()
