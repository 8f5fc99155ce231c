"""This machine as a host, and an empty content store."""

from __future__ import annotations

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
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "content")
