"""An ``ansible`` process that keeps one connection open for us; see :mod:`ansible_action.assess_serve` for its side.

Everything that it needs and writes lies in a directory in memory. What a host answers comes over a unix socket, and so
is in none of the files that ansible-runner leaves.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

from inventory.ansible.ansible_programs import ProgramOutput, private_directory, run_program
from inventory.errors import BecomeRefused, HostError, HostUnreachable, InventoryError, LoginRefused
from inventory.transports.printable_text import printable

START_SECONDS = 60.0
"""Seconds that Ansible may take to load its plugins: a second or two, many times that on a busy machine."""

_ACTIONS = Path(__file__).parent / "ansible_action"
_ERRORS = {"unreachable": HostUnreachable, "login": LoginRefused, "become": BecomeRefused, "failed": HostError}
_QUIET = {
    "ANSIBLE_ACTION_PLUGINS": str(_ACTIONS),
    "ANSIBLE_ASK_PASS": "0",
    "ANSIBLE_ASK_VAULT_PASS": "0",
    "ANSIBLE_BECOME_ASK_PASS": "0",
    "ANSIBLE_CACHE_PLUGIN": "memory",
    "ANSIBLE_DEBUG": "0",
    "ANSIBLE_ENABLE_TASK_DEBUGGER": "0",
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_INVENTORY_ENABLED": "yaml",
    "ANSIBLE_LOAD_CALLBACK_PLUGINS": "0",
    "ANSIBLE_NO_TARGET_SYSLOG": "1",
    "ANSIBLE_RETRY_FILES_ENABLED": "0",
    "ANSIBLE_STRATEGY": "linear",
    "ANSIBLE_TASK_TIMEOUT": "0",
    "ANSIBLE_VERBOSITY": "0",
}
"""No log, no cache of facts, no callback and no question, whatever the user's ansible.cfg sets."""


class PluginOutput(NamedTuple):
    """The output of a connection plugin."""

    status: int
    stdout: bytes
    stderr: bytes


class AnsibleTimeout(Exception):
    """A command did not end in its time; the process was ended with it."""


class AnsibleProcess:
    """One process; starting it waits until its action runs. Raises HostError.

    ``takes_input``: whether its connection plugin passes standard input on.
    """

    def __init__(self, name: str, inventory: str) -> None:
        self._name = name
        self.takes_input = True
        self._closing = ExitStack()
        self._answer: ProgramOutput | InventoryError | None = None
        try:
            self._begin(inventory)
        except InventoryError as error:
            self.close()
            raise HostError(f"{name}: {error}") from error
        except BaseException:
            self.close()
            raise

    def _begin(self, inventory: str) -> None:
        self._private = self._closing.enter_context(private_directory(only_memory=True))
        file = self._private / "inventory.yml"
        file.touch(mode=0o600)
        file.write_text(inventory, "utf-8")
        server = self._closing.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(self._private / "socket"))
        server.listen(1)
        server.settimeout(0.2)
        self._thread = threading.Thread(target=self._run, args=(file,), name=f"ansible for {self._name}", daemon=True)
        self._thread.start()
        self._client = self._closing.enter_context(self._accept(server))
        self.takes_input = bool(self._receive(START_SECONDS)["input"])
        file.unlink()  # it was read, and it holds the passwords

    def _run(self, inventory: Path) -> None:
        arguments = ["all", "--inventory", str(inventory), "--module-name", "assess_serve"]
        environment = {
            **_QUIET,
            "ASSESS_PRIVATE": str(self._private),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._private / "cp"),
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self._private / "facts"),
        }
        try:
            self._answer = run_program("ansible", arguments, self._private / "runner", environment)
        except InventoryError as error:
            self._answer = error
        except OSError:  # the directory is gone, because we are closing
            self._answer = ProgramOutput(1, "", "")

    def _accept(self, server: socket.socket) -> socket.socket:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return server.accept()[0]
            except TimeoutError:
                if self._thread.is_alive():
                    continue
            if isinstance(self._answer, InventoryError):
                raise self._answer
            raise self._not_started()
        raise HostError(f"{self._name}: Ansible did not start within {START_SECONDS:g} s")

    def _not_started(self) -> HostError:
        answer = self._answer if isinstance(self._answer, ProgramOutput) else ProgramOutput(1, "", "")
        return not_started(self._name, answer)

    def ask(self, command: str, stdin: bytes, *, become: bool, text: bool, seconds: float, memory: int) -> PluginOutput:
        """Run a command. ``text``: its input is text (PSRP). ``memory``: bytes that its answer may take there.

        Raises HostError, and AnsibleTimeout after ``seconds``; after either the process is of no use, unless the host
        itself denied it.
        """
        request = {"command": command, "become": become, "input": len(stdin), "text": text, "memory": memory}
        try:
            self._client.settimeout(seconds)
            self._client.sendall(_framed(request) + stdin)
            header = self._receive(seconds)
            if "error" in header:
                raise self._refused(header)
            out, err = (self._exactly(header[one], seconds) for one in ("stdout", "stderr"))
        except TimeoutError as error:
            self.close()
            raise AnsibleTimeout from error
        except (OSError, EOFError) as error:
            self.close()
            raise HostError(f"the Ansible process for {self._name} ended while a command ran") from error
        return PluginOutput(header["status"], out, err)

    def _refused(self, header: dict[str, Any]) -> HostError:
        words = printable(str(header["words"]), 300)
        kind = _ERRORS.get(header["error"], HostError)
        return kind(f"{self._name}: {words or 'its connection plugin gave no reason'}")

    def _receive(self, seconds: float) -> dict[str, Any]:
        (size,) = struct.unpack(">I", self._exactly(4, seconds))
        return dict(json.loads(self._exactly(size, seconds)))

    def _exactly(self, size: int, seconds: float) -> bytes:
        pieces = bytearray()
        deadline = time.monotonic() + seconds
        while len(pieces) < size:
            self._client.settimeout(max(0.01, deadline - time.monotonic()))
            piece = self._client.recv(min(size - len(pieces), 1 << 20))
            if not piece:
                raise EOFError
            pieces += piece
        return bytes(pieces)

    @property
    def usable(self) -> bool:
        """Whether it can serve another command."""
        return self._client.fileno() >= 0

    def close(self) -> None:
        """End it and remove its directory. Safe to call twice, and from another thread while a command runs."""
        client = getattr(self, "_client", None)
        if client is not None:
            with suppress(OSError):
                client.setblocking(False)
                client.sendall(_framed({"bye": True}))
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        thread = getattr(self, "_thread", None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)
            if thread.is_alive():
                self._kill()
        self._closing.close()

    def _kill(self) -> None:
        """Its own processes are known by the directory in their environment or arguments."""
        import psutil

        mark = str(self._private)
        for process in psutil.Process(os.getpid()).children(recursive=True):
            with suppress(psutil.Error):
                if any(mark in word for word in process.cmdline()) or process.environ().get("ASSESS_PRIVATE") == mark:
                    process.kill()


def _framed(header: dict[str, Any]) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text


def not_started(name: str, answer: ProgramOutput) -> HostError:
    """The sentence for an ``ansible`` that ended before its action ran, from what it printed."""
    said = f"{answer.stdout}\n{answer.stderr}"
    if missing := re.search(r"[Tt]he connection plugin '?([\w.]+)'? (?:was not found|could not be)", said):
        return HostError(f"{name}: Ansible has no connection plugin {missing[1]}; {_collection(missing[1])}")
    if missing := re.search(r"[Ii]nvalid become method[^:\n]{0,200}: '([\w.]+)'", said):
        return HostError(f"{name}: Ansible has no become plugin {missing[1]}; {_collection(missing[1])}")
    _, found, result = answer.stdout.partition("=>")
    words = ""
    if found:
        with suppress(ValueError, TypeError):
            words = str(json.JSONDecoder().raw_decode(result.strip())[0].get("msg", ""))
    if not words:
        errors = re.findall(r"(?:\[ERROR\]|ERROR!?):?\s*(.+)", said)
        words = errors[-1] if errors else said
    return HostError(f"{name}: Ansible could not use its connection: {printable(words, 300) or 'it gave no reason'}")


def _collection(plugin: str) -> str:
    collection = ".".join(plugin.split(".")[:2])
    if plugin.count(".") < 2:
        return "is its name right, and its collection installed (ansible-galaxy collection list)?"
    return f"install its collection with ansible-galaxy collection install {collection}"
