"""A sandbox on this machine: its own network and Docker Engine, so that neither ports nor names clash with anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.wild.errors import WildError
from tests.wild.places import BOOT, cache
from tests.wild.trees import lock

ADDRESS = "10.78.0.1"
"""Address of the sandbox: published ports of containers answer here."""

_START_SECONDS = 60


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox; ends with the process that started it."""

    pid: int
    """Its first process, as this machine sees it."""

    def argv(self, *command: str, environment: Mapping[str, str] | None = None) -> list[str]:
        """Command line that runs a command in the sandbox."""
        added = [f"{key}={value}" for key, value in (environment or {}).items()]
        return ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--", "env", *added, *command]

    def run(self, *command: str, seconds: float = 120, check: bool = True, cwd: Path | None = None) -> str:
        """Run a command in the sandbox and return its output. Raises WildError when it fails or takes too long."""
        argv = self.argv(*(("sh", "-c", 'cd "$0" && exec "$@"', str(cwd)) if cwd else ()), *command)
        done = bounded(argv, seconds)
        if check and done.returncode:
            raise WildError(f"{' '.join(command[:4])}: {last_line(done.stderr or done.stdout)}")
        return done.stdout

    def path(self, path: Path) -> Path:
        """A path in the sandbox, for a process outside it."""
        return Path(f"/proc/{self.pid}/root") / str(path).lstrip("/")


@contextmanager
def open_sandbox() -> Iterator[Sandbox]:
    """Start the sandbox; one at a time on a machine."""
    state = cache() / "engine"
    state.mkdir(parents=True, exist_ok=True)
    with lock("sandbox"):
        namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child"]
        process = subprocess.Popen(
            # --pdeathsig: the sandbox ends even when this process is killed.
            ["setpriv", "--pdeathsig", "KILL", "unshare", *namespaces,
             "sh", str(BOOT / "sandbox.sh"), str(state), f"{ADDRESS}/24"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            sandbox = Sandbox(_child(process))
            deadline = time.monotonic() + _START_SECONDS
            while bounded(sandbox.argv("docker", "version"), 20).returncode:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = state / "log"
                    words = last_line(log.read_text("utf-8", "replace")) if log.exists() else "it wrote nothing"
                    raise WildError(f"The Docker Engine of the sandbox did not start (log: {log}): {words}")
                time.sleep(0.3)
            # What a killed run left.
            leftovers = "docker ps -aq | xargs -r docker rm -fv; docker system prune -af --volumes"
            sandbox.run("sh", "-c", leftovers, check=False)
            yield sandbox
        finally:
            process.kill()
            process.wait()


def bounded(argv: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a command with a time limit; 124 as status when it timed out. All that it started in its session is ended."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(argv, process.returncode, output, errors)
    except subprocess.TimeoutExpired:
        _end(process)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(argv, 124, output, f"{errors}\ntimed out after {seconds:.0f} s")
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def last_line(text: str) -> str:
    """The last line that says something, cut to a length that fits a table."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-300:] if lines else "it wrote nothing"


def _child(process: subprocess.Popen[bytes]) -> int:
    """The first process of the new pid namespace."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = children.read_text().split() if children.exists() else []
        if found:
            return int(found[0])
        if process.poll() is not None:
            assert process.stderr is not None
            raise WildError(f"The sandbox did not start (it needs root): {last_line(process.stderr.read().decode())}")
        time.sleep(0.02)
    raise WildError("The sandbox did not start within 10 s.")
