"""A registry, one that needs a password, and a home without credentials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from tests.containerize.registry.pushing import NAME, PASSWORD
from tests.support.registry import Registry, registry


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry() as running:
        yield running


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Registry]:
    """A registry that wants a name and a password."""
    file = tmp_path / "htpasswd"
    file.write_text(f"{NAME}:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, b'2a')).decode()}\n")
    with registry(["auth:", "  htpasswd:", "    realm: tests", f"    path: {file}"]) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return place
