"""Starts the trials with the command line of Docker, and removes all that they leave."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter

from .case import Neighbour, Trial
from .image import image_archive

_ADDED_CALLS = ["io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "keyctl", "request_key", "socket"]
_SECONDS = 30


@dataclass(frozen=True)
class Outcome:
    """How a program ended: ``status`` of ``docker run`` (125 when the engine refused), and all that was printed."""

    status: int
    output: str


class Laboratory:
    """An image of the programs, and the containers of one trial after the other.

    All it makes has the label ``brownfield.reality=ID``; ``close`` removes it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._id = uuid.uuid4().hex[:12]
        self._label = f"brownfield.reality={self._id}"
        self._image = f"brownfield-reality:{self._id}"
        self._profile = directory / "seccomp.json"
        profile = seccomp_filter(DEFAULT_CAPABILITIES)
        profile["syscalls"] = [*profile["syscalls"], {"names": _ADDED_CALLS, "action": "SCMP_ACT_ALLOW"}]
        self._profile.write_text(json.dumps(profile))
        programs = directory / "programs"
        programs.mkdir()
        _docker(
            ["import", "--change", f"LABEL {self._label}", "-", self._image], stdin=image_archive(programs), check=True
        )

    def close(self) -> None:
        """Remove the containers and the image."""
        self._remove_containers()
        _docker(["rmi", "--force", self._image])

    def run(self, trial: Trial) -> Outcome:
        """Start the neighbour, then the trial; wait for its end and remove both."""
        shared = self._directory / uuid.uuid4().hex
        shared.mkdir()
        port, other_port = _free_ports()
        names = {
            "neighbour": f"brownfield-reality-{uuid.uuid4().hex[:12]}",
            "port": str(port),
            "other_port": str(other_port),
            "profile": str(self._profile),
            "directory": str(shared),
        }
        try:
            if trial.neighbour is not None:
                self._start(trial.neighbour, names)
            done = _docker(self._arguments(trial.options, trial.command, names))
            return Outcome(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))
        finally:
            if trial.neighbour is not None:
                _docker(["rm", "--force", "--volumes", names["neighbour"]])
            shutil.rmtree(shared, ignore_errors=True)

    def left_behind(self) -> list[str]:
        """Containers that a trial did not take along."""
        listed = _docker(["ps", "--all", "--quiet", "--filter", f"label={self._label}"])
        return listed.stdout.decode().split()

    def _arguments(self, options: str, command: str, names: dict[str, str], *own: str) -> list[str]:
        given = [word.format_map(names) for word in options.split()]
        words = [word.format_map(names) for word in command.split()]
        return ["run", *(own or ("--rm",)), "--label", self._label, *given, self._image, *words]

    def _start(self, neighbour: Neighbour, names: dict[str, str]) -> None:
        name = names["neighbour"]
        own = ("--detach", "--name", name)
        _docker(self._arguments(neighbour.options, neighbour.command, names, *own), check=True)
        if neighbour.ends:
            _docker(["wait", name], check=True)
        end = time.monotonic() + _SECONDS
        while b"ready" not in (said := _docker(["logs", name]).stdout):
            assert time.monotonic() < end, f"{neighbour.command} is not ready: {said!r}"
            time.sleep(0.05)

    def _remove_containers(self) -> None:
        for container in self.left_behind():
            _docker(["rm", "--force", "--volumes", container])


def _docker(
    arguments: list[str], *, stdin: bytes | None = None, check: bool = False
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(["docker", *arguments], input=stdin, capture_output=True, timeout=_SECONDS, check=False)
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")
    return done


def _free_ports() -> tuple[int, int]:
    """Two ports on which nothing listens now."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
