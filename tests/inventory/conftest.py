"""A real SSH server of our own on loopback, for whatever must be shown with one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.inventory.sshd import Sshd, SshdFactory, start, stop
from tests.support.shells import SHELLS


@pytest.fixture(scope="session")
def sshd_program() -> str:
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        pytest.skip("no sshd on this machine")
    return program


@pytest.fixture
def sshd_factory(tmp_path: Path, sshd_program: str) -> Iterator[SshdFactory]:
    """Starts servers: ``sshd_factory("AllowTcpForwarding no", …)``, each line put into its configuration.

    ``within`` is a command before the server's (``unshare …``). Ended with the test.
    """
    running: list[Sshd] = []

    def start_one(*lines: str, within: tuple[str, ...] = ()) -> Sshd:
        sshd = start(tmp_path / f"sshd{len(running)}", sshd_program, lines, within)
        running.append(sshd)
        return sshd

    yield start_one
    for sshd in running:
        stop(sshd)


@pytest.fixture(scope="session")
def _shared_sshd(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[Sshd]:
    sshd = start(tmp_path_factory.mktemp("shared") / "sshd", sshd_program, ())
    yield sshd
    stop(sshd)


@pytest.fixture
def sshd(_shared_sshd: Sshd, tmp_path: Path) -> Iterator[Sshd]:
    """A server with usual settings. It is shared, but the files a test may change are the test's own."""
    known_hosts, key = tmp_path / "sshd_known_hosts", tmp_path / "sshd_login"
    shutil.copy(_shared_sshd.known_hosts, known_hosts)
    shutil.copy(_shared_sshd.key, key)
    shutil.copy(f"{_shared_sshd.key}.pub", f"{key}.pub")
    authorized = (_shared_sshd.folder / "authorized_keys").read_bytes()
    yield replace(_shared_sshd, known_hosts=known_hosts, key=key)
    (_shared_sshd.folder / "authorized_keys").write_bytes(authorized)


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Each shell a host may have."""
    command = SHELLS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return command
