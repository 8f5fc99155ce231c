"""The sandbox needs root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def target(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("only root sets the sandbox up")
    path = tmp_path / "target"
    path.mkdir(mode=0o755)
    return path
