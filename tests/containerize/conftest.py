"""This machine as a host, also with the tools of a small one, and an empty content store."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.content import ContentStore
from inventory.host import Host
from inventory.transports import connect
from inventory.transports.transport import Transport


@pytest.fixture
def here() -> Iterator[Transport]:
    """This machine, asked as any other host is."""
    with connect(Host("here", "127.0.0.1", connection="local")) as transport:
        yield transport


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transport]:
    """This machine with busybox in place of the GNU tools."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("no busybox")
    tools = tmp_path / "tools"
    tools.mkdir()
    applets = set(subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split())
    for name in applets & {"find", "md5sum", "nice", "readlink", "sha256sum", "stat", "tar", "xargs"}:
        (tools / name).symlink_to(busybox)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with connect(Host("plain", "127.0.0.1", connection="local")) as transport:
        if transport.run("find / -maxdepth 0 -printf x").stdout == b"x":
            pytest.skip("this busybox knows -printf")
        yield transport


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "content")
