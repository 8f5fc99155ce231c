"""The supervisor with real processes below it: as process 1 of a namespace (root), or as a subreaper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.supervisor.render_spec import render
from containerize.supervisor.service_spec import ServiceCommand, SupervisedService, SupervisorSpec
from containerize.supervisor.supervisor_binary import supervisor_binary

DAEMONS = Path(__file__).parent / "daemons.py"
MODES = ("process 1", "subreaper")


def daemon(name: str, *arguments: str | Path | int) -> ServiceCommand:
    """A program of daemons.py."""
    return ServiceCommand((sys.executable, "-S", "-E", str(DAEMONS), name, *map(str, arguments)))


def shell(text: str, *, ignore_failure: bool = False, as_root: bool = False) -> ServiceCommand:
    return ServiceCommand(("/bin/sh", "-c", text), ignore_failure=ignore_failure, as_root=as_root)


def own(service: SupervisedService) -> SupervisedService:
    """The service under the account of the test, where the test named none."""
    return replace(service, uid=service.uid or os.geteuid(), gid=service.gid or os.getegid())


class Supervised:
    """A running supervisor."""

    def __init__(self, process: subprocess.Popen[str], pid: int, output: Path) -> None:
        self._process = process
        self.pid = pid
        self._output = output

    @property
    def output(self) -> str:
        return self._output.read_text()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 20) -> int:
        """The status of the supervisor, which must end by itself."""
        return self._process.wait(seconds)

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()

    def until(self, text: str, seconds: float = 10) -> None:
        """Wait for a text in what the supervisor and its services print."""
        eventually(lambda: text in self.output, seconds, lambda: f"{text!r} not in {self.output!r}")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None


def eventually(true: Callable[[], bool], seconds: float = 10, message: Callable[[], str] = lambda: "") -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, message()
        time.sleep(0.02)


@contextmanager
def supervised(
    *services: SupervisedService,
    mode: str = "subreaper",
    text: bytes | None = None,
    binary: Path | None = None,
    before: tuple[str, ...] = (),
    **environment: str,
) -> Iterator[Supervised]:
    """Run the services. ``text`` replaces the file of services; ``before`` is a command that runs the supervisor."""
    if mode == "process 1":
        if os.geteuid() != 0:
            pytest.skip("a namespace of processes needs root")
        before = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *before)
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "services")
        spec.write_bytes(render(SupervisorSpec(tuple(map(own, services)), system_log=False)) if text is None else text)
        Path(folder).chmod(0o755)
        output = Path(folder, "output")
        with output.open("w") as to:
            process = subprocess.Popen(
                [*before, str(binary or supervisor_binary("amd64")), str(spec)],
                stdin=subprocess.DEVNULL,
                stdout=to,
                stderr=subprocess.STDOUT,
                text=True,
                env={"PATH": os.environ["PATH"], **environment},
                start_new_session=True,
            )
        pid = process.pid
        if mode == "process 1":
            children = Path(f"/proc/{pid}/task/{pid}/children")
            eventually(lambda: bool(children.read_text().strip()) or process.poll() is not None)
            pid = int(children.read_text().split()[0]) if process.poll() is None else pid
        try:
            yield Supervised(process, pid, output)
        finally:
            if process.poll() is None:
                os.kill(pid, signal.SIGKILL)
            process.wait(10)
