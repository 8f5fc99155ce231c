"""A Dask scheduler and workers as processes of their own, on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DASK = Path(sys.executable).with_name("dask")
ADDRESS = "127.0.0.1"


@dataclass
class Cluster:
    """A running cluster."""

    folder: Path
    port: int
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What ``--executor`` takes."""
        return f"dask://{ADDRESS}:{self.port}"

    def add_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until the scheduler knows it."""
        number = len(self.workers)
        command = [str(DASK), "worker", f"tcp://{ADDRESS}:{self.port}", "--no-nanny", "--no-dashboard"]
        command += ["--nthreads", "2", "--host", ADDRESS, "--local-directory", str(self.folder), "--name", f"w{number}"]
        worker = _start(command, self.folder / f"worker{number}")
        self.workers.append(worker)
        _line(self.folder / f"worker{number}", rb"Starting established connection|Registered to", worker)
        return worker

    @classmethod
    @contextmanager
    def running(cls, workers: int = 2) -> Iterator[Cluster]:
        """Start it, and end every process of it."""
        with tempfile.TemporaryDirectory(prefix="brownfield-dask-") as name:
            folder = Path(name)
            command = [str(DASK), "scheduler", "--host", ADDRESS, "--port", "0", "--no-dashboard"]
            scheduler = _start(command, folder / "scheduler")
            cluster = cls(folder, 0, scheduler)
            try:
                found = _line(folder / "scheduler", rb"Scheduler at: +tcp://[\d.]+:(\d+)", scheduler)
                cluster.port = int(found[1])
                for _ in range(workers):
                    cluster.add_worker()
                yield cluster
            finally:
                for process in (*cluster.workers, scheduler):
                    process.kill()
                    process.wait()


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def _line(log: Path, pattern: bytes, process: subprocess.Popen[bytes]) -> re.Match[bytes]:
    for _ in range(600):
        if (found := re.search(pattern, log.read_bytes())) is not None:
            return found
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
