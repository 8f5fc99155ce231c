"""A PostgreSQL cluster of the tests' own: made in a folder of its own, on a free port of loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "s3cret-of-the-tests"
ADDRESS = "127.0.0.1"


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass
class Cluster:
    """A server. Every user has a password, as in real life."""

    port: int
    process: subprocess.Popen[bytes]
    _made: int = field(default=0)

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        """The URL of a database."""
        return f"postgresql://brown:{password}@{ADDRESS}:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        self._made += 1
        name = f"assessment{self._made}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Cluster]:
        """Make it, start it, and remove it in the end. The server refuses to run as root, so it gets another user."""
        where = programs()
        assert where is not None
        folder = Path(tempfile.mkdtemp(prefix="brownfield-postgresql-"))
        try:
            user = _unprivileged(folder)
            (folder / "password").write_text(PASSWORD)
            made = [
                str(where / "initdb"),
                "-D",
                str(folder / "data"),
                "-U",
                "brown",
                "-A",
                "scram-sha-256",
                "-E",
                "UTF8",
            ]
            made += ["--locale=C", "--no-sync", f"--pwfile={folder / 'password'}"]
            subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
            port = _free_port()
            start = [str(where / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-h", ADDRESS]
            start += ["-k", str(folder), "-c", "fsync=off"]
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(start, stdout=log, stderr=log, user=user, cwd=folder)
            try:
                _wait(process, port, folder / "log")
                yield cls(port, process)
            finally:
                process.send_signal(signal.SIGINT)  # a fast shutdown: whoever is connected is cut off
                process.wait(30)
        finally:
            shutil.rmtree(folder)


def _unprivileged(folder: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_uid


def _free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as listening:
        return int(listening.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            socket.create_connection((ADDRESS, port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text()[-2000:])
