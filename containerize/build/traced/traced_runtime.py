"""A runtime whose containers are traced from their first instruction on.

A mount can be marked only when it is there, and a container that is there runs already. So every container starts as a
shell that waits for a file at its root: the mount is marked, the file is made, and the shell replaces itself by the
service, which has its process number and its environment. Nothing of the shell's own start is seen. Everything else is
the runtime beneath.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Self

from containerize.build.traced.fanotify import MountWatch
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import (
    ContainerPressure,
    ContainerProcess,
    ContainerSpec,
    ContainerState,
    ExecResult,
    NetworkSpec,
    Runtime,
    RuntimeFailed,
    StopResult,
)
from inventory.transports.transport import Duplex

SHELL = "/bin/sh"
_WAIT = 'until [ -e "$0" ]; do :; done; exec "$@"'
_SECONDS = 20.0


class TracedRuntime:
    """See the module. Use as a context; raises TracingUnavailable when the kernel rejects."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.name = runtime.name
        self.notes = runtime.notes
        self._gate = f"/.brownfield-{secrets.token_hex(8)}"
        self._stack = ExitStack()
        self._watches: dict[str, MountWatch] = {}
        self._images: dict[str, str] = {}

    def __enter__(self) -> Self:
        with MountWatch():
            pass  # says at once when the kernel rejects
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def opened(self, image: str) -> frozenset[str]:
        """Real paths that the containers of an image (by the name under which it was loaded) opened in it so far."""
        watch = self._watches.get(image)
        return watch.seen() - {self._gate} if watch is not None else frozenset()

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See Runtime."""
        if spec.image not in self._watches:
            self._watches[spec.image] = self._stack.enter_context(MountWatch())
        arguments = [SHELL, "-c", _WAIT, self._gate, *spec.arguments]
        container = self._runtime.start(pilot, replace(spec, arguments=arguments))
        self._images[container] = spec.image
        self._open_gate(container)
        return container

    def restart(self, container: str) -> None:
        """See Runtime."""
        self._runtime.restart(container)
        self._open_gate(container)

    def _open_gate(self, container: str) -> None:
        """Mark the container's root, let its service go, and shut the gate again for its next start."""
        pid = self._until(container, waiting=True)
        if not pid:
            return  # it ended before it could wait: the next look reports why
        try:
            self._watches[self._images[container]].mark(f"/proc/{pid}/root")
            # A descriptor keeps the root within reach when the service ends at once.
            root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY)
        except FileNotFoundError:
            return
        try:
            gate = self._gate.lstrip("/")
            os.close(os.open(gate, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o444, dir_fd=root))
            self._until(container, waiting=False)
            os.unlink(gate, dir_fd=root)
        except OSError as error:
            raise RuntimeFailed(f"the container cannot be traced: {error.strerror} at its root") from error
        finally:
            os.close(root)

    def _until(self, container: str, *, waiting: bool) -> int:
        """Wait until the shell waits (its process, as this machine numbers it), or does not any more (0). 0 as well
        when the container ended.
        """
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            running = self._runtime.state(container).running
            pid = next(
                (
                    each.pid
                    for each in self._runtime.processes(container)
                    if each.arguments[:1] == (SHELL,) and self._gate in each.arguments
                ),
                0,
            )
            if bool(pid) == waiting:
                return pid
            if not running:
                return 0
            time.sleep(0.02)
        raise RuntimeFailed("the container cannot be traced: its shell does not run the given command")

    # The runtime beneath

    def load(self, pilot: PilotId, layout: Path, image: str) -> None:
        """See Runtime."""
        self._runtime.load(pilot, layout, image)

    def read_image(self, pilot: PilotId, image: str, path: str) -> bytes | None:
        """See Runtime."""
        return self._runtime.read_image(pilot, image, path)

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime."""
        return self._runtime.create_network(pilot, network)

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """See Runtime."""
        self._runtime.create_volume(pilot, name, uid, gid, mode)

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        """See Runtime."""
        return self._runtime.fill_volume(pilot, name, tar, most=most)

    def room(self) -> int:
        """See Runtime."""
        return self._runtime.room()

    def state(self, container: str) -> ContainerState:
        """See Runtime."""
        return self._runtime.state(container)

    def execute(
        self,
        container: str,
        arguments: Sequence[str],
        *,
        user: str = "0:0",
        stdin: bytes | BinaryIO = b"",
        timeout: float = 60.0,
    ) -> ExecResult:
        """See Runtime."""
        return self._runtime.execute(container, arguments, user=user, stdin=stdin, timeout=timeout)

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """See Runtime."""
        return self._runtime.processes(container)

    def pressure(self, container: str) -> ContainerPressure:
        """See Runtime."""
        return self._runtime.pressure(container)

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """See Runtime."""
        return self._runtime.listeners(container)

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """See Runtime."""
        return self._runtime.logs(container, limit=limit)

    def dial(self, container: str, port: int, *, address: str = "127.0.0.1", timeout: float = 5.0) -> Duplex:
        """See Runtime."""
        return self._runtime.dial(container, port, address=address, timeout=timeout)

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """See Runtime."""
        return self._runtime.stop(container, grace=grace)

    def remove(self, container: str) -> None:
        """See Runtime."""
        self._runtime.remove(container)

    def remove_pilot(self, pilot: PilotId) -> None:
        """See Runtime."""
        self._runtime.remove_pilot(pilot)

    def reap(self) -> tuple[str, ...]:
        """See Runtime."""
        return self._runtime.reap()

    def close(self) -> None:
        """See Runtime."""
        self._runtime.close()
