"""Folders: the service files in the checkout, everything else in the cache."""

from __future__ import annotations

import os
from pathlib import Path

WILD = Path(__file__).resolve().parent
SERVICES = WILD / "services"
BOOT = WILD / "boot"
MEASURED = WILD / "measured.jsonl"
"""The results that docs/reference/wild.md is made from."""


def cache() -> Path:
    """``$BROWNFIELD_CACHE/wild``, else ``~/.cache/brownfield/wild``."""
    configured = os.environ.get("BROWNFIELD_CACHE")
    return (Path(configured).resolve() if configured else Path.home() / ".cache" / "brownfield") / "wild"
