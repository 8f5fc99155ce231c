"""A registry of the tests' own: the distribution project's server on a free port of loopback, gone afterwards."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "docker-registry"
"""As the package docker-registry of Debian and Ubuntu calls it."""


@dataclass(frozen=True)
class Registry:
    """A registry that runs. ``folder`` is where it keeps what it has, ``log`` its access log."""

    port: int
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def requests(self, method: str) -> list[str]:
        """Paths of the requests of one method so far, without their queries."""
        words = (line.split() for line in self.log.read_text(errors="replace").splitlines())
        return [row[6].partition("?")[0] for row in words if len(row) > 6 and row[5] == f'"{method}']

    def blobs(self) -> set[str]:
        """Digests of all that it has stored."""
        return {f"sha256:{path.parent.name}" for path in self.folder.glob("docker/registry/v2/blobs/sha256/*/*/data")}


@contextmanager
def registry(top: Sequence[str] = (), http: Sequence[str] = ()) -> Iterator[Registry]:
    """Run one with more lines of YAML at the top and under ``http``."""
    with tempfile.TemporaryDirectory(prefix="brownfield-registry-") as name:
        folder = Path(name)
        port = _free_port()
        lines = ["version: 0.1", "storage:", "  filesystem:", f"    rootdirectory: {json.dumps(str(folder / 'data'))}"]
        lines += [*top, "http:", f"  addr: 127.0.0.1:{port}", *http, ""]
        (folder / "config.yml").write_text("\n".join(lines))
        program = shutil.which(PROGRAM)
        assert program is not None
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([program, "serve", str(folder / "config.yml")], stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield Registry(port, folder / "data", folder / "log", process)
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text(errors="replace"))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
