"""Access to a node's network for members of group docker, who cannot enter its namespace.

The pilot's network has no address of this machine, so nothing of this machine can be reached from it, and it cannot be
reached from here. A container of our own shares the node's network and nothing else: an empty image, this machine's
Python mounted read-only, our own user, no capabilities. It connects where it is told to over a socket in a directory of
ours, and hands over the connected socket (SCM_RIGHTS), which stays in the node's network for good.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from containerize.runtimes.engine_store import labels, refusals
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.pilot_memory import PilotMemory
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import RuntimeFailed

if TYPE_CHECKING:
    from containerize.runtimes.engine_runtime import EngineRuntime

_PLACE = "/door"
_START_SECONDS = 20.0
_MEMORY, _PIDS = 128 << 20, 32

_SCRIPT = """
import os, socket, sys, threading
def answer(asked):
    with asked:
        try:
            address, port, seconds = asked.recv(200).decode().split()
            reached = socket.create_connection((address, int(port)), timeout=float(seconds))
        except OSError as error:
            asked.sendall(bytes([min(error.errno or 255, 255)]))
        except ValueError:
            asked.sendall(b"\\xff")
        else:
            with reached:
                socket.send_fds(asked, [b"\\0"], [reached.fileno()])
os.umask(0o077)
door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen(16)
while True:
    threading.Thread(target=answer, args=(door.accept()[0],), daemon=True).start()
"""


class NodeAccess:
    """The way into one node's network. ``holder`` is the container that has it, ``pid`` its process at the time."""

    def __init__(self, runtime: EngineRuntime, pilot: PilotId, holder: str, pid: int) -> None:
        self.pid = pid
        name = str(pid)
        memory = PilotMemory(pilot, runtime.name).directory("doors", name)
        self._path = memory / "socket"
        self._path.unlink(missing_ok=True)
        self._runtime = runtime
        with refusals("no way into the pilot's network was opened"), uninterrupted():
            self.container = str(
                runtime.api.create_container(
                    runtime.empty_image(pilot),
                    entrypoint=[str(Path(sys.executable).resolve())],
                    command=["-I", "-c", _SCRIPT, f"{_PLACE}/socket"],
                    name=f"{pilot.prefix}-door-{name}",
                    user=f"{os.geteuid()}:{os.getegid()}",
                    labels=labels(pilot),
                    host_config=runtime.api.create_host_config(
                        network_mode=f"container:{holder}",
                        binds=[*(f"{path}:{path}:ro" for path in _python_places()), f"{memory}:{_PLACE}:rw"],
                        cap_drop=["ALL"],
                        security_opt=["no-new-privileges"],
                        read_only=True,
                        mem_limit=_MEMORY,
                        pids_limit=_PIDS,
                    ),
                )["Id"]
            )
            runtime.api.start(self.container)

    def dial(self, address: str, port: int, timeout: float) -> socket.socket:
        """Connect within the node's network; raises OSError as a socket does, RuntimeFailed when the door is shut."""
        with self._knock() as asking:
            asking.settimeout(timeout + 5)
            asking.sendall(f"{address} {port} {timeout}".encode())
            answer, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
        if descriptors:
            reached = socket.socket(fileno=descriptors[0])
            reached.settimeout(timeout)
            return reached
        number = answer[0] if answer else errno.ECONNABORTED
        if number == 255:
            raise TimeoutError(f"{address}:{port} did not answer within {timeout:.0f} s")
        raise OSError(number, os.strerror(number))

    def _knock(self) -> socket.socket:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            asking = socket.socket(socket.AF_UNIX)
            try:
                asking.connect(str(self._path))
                return asking
            except OSError:
                asking.close()
                if time.monotonic() > deadline or not self._runtime.state(self.container).running:
                    words = self._runtime.logs(self.container).decode("utf-8", "replace").strip()
                    raise RuntimeFailed(f"there is no way into the pilot's network: {words or 'no answer'}") from None
                time.sleep(0.05)


def _python_places() -> list[str]:
    """Directories of this machine that its Python needs."""
    prefix = str(Path(sys.base_prefix).resolve())
    system = [path for path in ("/usr", "/lib", "/lib64", "/bin") if Path(path).exists()]
    return system if prefix == "/usr" or prefix.startswith("/usr/") else [*system, prefix]
