"""An action plugin: it holds one connection of Ansible's open and runs on it what comes over a unix socket.

Ansible's ``raw`` gives a command no standard input, ``script`` writes a file on the host, and both hand an answer back
through callbacks as text. This hands bytes to the connection plugin (``exec_command``) and bytes back.

It runs in a worker of ``ansible``, which may be another Python than ours, so it imports nothing of ours. A message is
four bytes of length (big endian), that much JSON, and then the bytes that the JSON announces:

    <- {"hello": PID, "input": BOOL}           whether the connection plugin passes standard input on
    -> {"command": TEXT, "become": BOOL, "input": SIZE, "text": BOOL, "memory": BYTES} INPUT
    <- {"status": N, "stdout": SIZE, "stderr": SIZE} STDOUT STDERR
    <- {"error": "unreachable" | "login" | "become" | "failed", "words": TEXT}
    -> {"bye": true}

An end of the stream without a bye means that assess has died. Then all that was started is ended, and the directory
with everything the run needed is removed, since nothing else does it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

_BECOME = re.compile(r"privilege|escalat|become|(incorrect|missing) \S* ?password", re.IGNORECASE)
_PREFIX = "assess-private-"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Serves one connection until its client says goodbye."""

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible. The result is empty: no text of a host passes through callbacks."""
        super().run(tmp, task_vars)
        private = Path(os.environ["ASSESS_PRIVATE"])
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(str(private / "socket"))
        except OSError:
            _remove(private)
            return {"changed": False}
        farewell = threading.Event()
        threading.Thread(target=_watch, args=(client, private, farewell), daemon=True).start()
        with client:
            client.sendall(_framed({"hello": os.getpid(), "input": bool(self._connection.has_pipelining)}))
            while (request := _receive(client)) is not None and "bye" not in request:
                client.sendall(self._answer(client, request))
            farewell.set()
        if request is None:
            _remove(private)
        return {"changed": False}

    def _answer(self, client: socket.socket, request: Mapping[str, Any]) -> bytes:
        given = _exactly(client, request["input"])
        # Connection plugins keep the whole answer in memory. A host that sends without end must not take all of it.
        resource.setrlimit(resource.RLIMIT_DATA, (request["memory"], resource.getrlimit(resource.RLIMIT_DATA)[1]))
        try:
            status, out, err = self._execute(request, given)
        except AnsibleAuthenticationFailure as error:
            return _framed({"error": "login", "words": str(error)})
        except AnsibleConnectionFailure as error:
            words = str(error)
            return _framed({"error": "become" if _BECOME.search(words) else "unreachable", "words": words})
        except MemoryError:
            return _framed({"error": "failed", "words": "the answer is larger than a connection plugin can take"})
        except Exception as error:  # plugins of others raise anything, and our user needs a sentence
            words = str(error) if isinstance(error, AnsibleError) else f"{type(error).__name__}: {error}"
            return _framed({"error": "become" if _BECOME.search(words) else "failed", "words": words})
        return _framed({"status": status or 0, "stdout": len(out), "stderr": len(err)}) + out + err

    def _execute(self, request: Mapping[str, Any], given: bytes) -> tuple[int, bytes, bytes]:
        connection = self._connection
        command = request["command"]
        become = connection.become if request["become"] else None
        if become is not None and become.get_option("become_user") != self._get_remote_user():
            command = become.build_become_command(command, connection._shell)
        # PSRP makes objects of its input, and an object of a line of bytes is not text.
        data: Any = given.decode("utf-8", "replace") if request["text"] else given
        status, out, err = connection.exec_command(command, in_data=data or None, sudoable=request["become"])
        return status, _bytes(out), _bytes(err)


def _bytes(said: Any) -> bytes:
    if isinstance(said, bytes):
        return said
    if not isinstance(said, str):  # a file, as some plugins give it
        said = b"".join(said.readlines())
    return said if isinstance(said, bytes) else str(said).encode("utf-8", "surrogateescape")


def _framed(header: Mapping[str, Any]) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text


def _receive(client: socket.socket) -> dict[str, Any] | None:
    try:
        (size,) = struct.unpack(">I", _exactly(client, 4))
        return dict(json.loads(_exactly(client, size)))
    except (OSError, EOFError):
        return None


def _exactly(client: socket.socket, size: int) -> bytes:
    pieces = []
    while size:
        piece = client.recv(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _watch(client: socket.socket, private: Path, farewell: threading.Event) -> None:
    """End everything as soon as the client is gone without a goodbye, also in the middle of a command that hangs."""
    waiting = select.poll()
    try:
        waiting.register(client, select.POLLRDHUP)
        waiting.poll()
    except (OSError, ValueError):
        return
    if farewell.wait(1.0):
        return
    _remove(private)
    for pid in _descendants(os.getpid()):
        _kill(pid)
    os._exit(1)


def _descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {pid}, reverse=True)


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def _remove(private: Path) -> None:
    if private.name.startswith(_PREFIX):
        shutil.rmtree(private, ignore_errors=True)
