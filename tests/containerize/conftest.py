"""This machine as a host, also with the tools of a small one, and an empty content store."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from containerize.content_store import ContentStore
from inventory.host import Host
from inventory.transports import connect
from inventory.transports.login_shell import PATH
from inventory.transports.transport import Completed, Transport


@pytest.fixture
def here() -> Iterator[Transport]:
    """This machine, asked as any other host is."""
    with connect(Host("here", "127.0.0.1", connection="local")) as transport:
        yield transport


class WithTools:
    """A host where the tools of ``folder`` are found before those of the system."""

    def __init__(self, transport: Transport, folder: Path) -> None:
        self._transport, self._path = transport, f"{folder}:{PATH}"

    def _changed(self, command: str) -> str:
        return f"PATH={self._path}; export PATH\n" + command.replace(f"PATH={PATH}", f"PATH={self._path}")

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        stdin = stdin.replace(f"PATH={PATH}".encode(), f"PATH={self._path}".encode())
        return self._transport.run(self._changed(command), stdin, timeout=timeout, limit=limit)

    def stream(self, command: str, stdin: bytes = b"") -> AbstractContextManager[BinaryIO]:
        return self._transport.stream(self._changed(command), stdin)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Transport]:
    """This machine with busybox in place of the GNU tools."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("no busybox")
    tools = tmp_path / "tools"
    tools.mkdir()
    applets = set(subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split())
    for name in applets & {"find", "md5sum", "nice", "readlink", "sha256sum", "stat", "tar", "xargs"}:
        (tools / name).symlink_to(busybox)
    with connect(Host("plain", "127.0.0.1", connection="local")) as connected:
        transport = WithTools(connected, tools)
        if transport.run("find / -maxdepth 0 -printf x").stdout == b"x":
            pytest.skip("this busybox knows -printf")
        yield cast(Transport, transport)


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "content")
