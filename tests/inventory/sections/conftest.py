"""Places for sections that look only so deep."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def shallow() -> Iterator[Path]:
    """A folder near the root; ``tmp_path`` lies the deeper the more processes test at once."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)
