"""What package managers of real systems answered: ``tests/fixtures/package_databases/NAME.gz``."""

from __future__ import annotations

import gzip
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fixtures" / "package_databases"


def answer(name: str) -> bytes:
    """The answer as it came."""
    return gzip.decompress((FOLDER / f"{name}.gz").read_bytes())
