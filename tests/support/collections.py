"""Collections of Ansible for tests: connection plugins that ansible-core itself has not.

``python -m tests.support.collections`` fetches the few that are used from the ``ansible`` package (50 MB) into the
cache, once. Where that was not done, and Ansible has none of its own, the tests that need them are skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

_VERSION = "ansible>=12,<13"
_WANTED = ("community/docker", "community/general", "containers/podman")
_CACHE = Path(os.environ.get("BROWNFIELD_CACHE") or Path.home() / ".cache/brownfield") / "collections"


def folder() -> Path | None:
    """The folder for ``ANSIBLE_COLLECTIONS_PATH`` that has them all."""
    for place in (_CACHE, Path("/usr/lib/python3/dist-packages"), Path("/usr/share/ansible/collections")):
        if all((place / "ansible_collections" / one).is_dir() for one in _WANTED):
            return place
    return None


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ansible find them, or skip."""
    place = folder()
    if place is None:
        pytest.skip("no collections of Ansible here: python -m tests.support.collections fetches them")
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(place))


def fetch() -> None:
    """Fetch them into the cache."""
    if folder() is not None:
        return
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, _VERSION]
        subprocess.run(command, check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            wanted = tuple(f"ansible_collections/{one}/" for one in _WANTED)
            names = [name for name in archive.namelist() if name.startswith(wanted) and "/tests/" not in name]
            archive.extractall(_CACHE, names)


if __name__ == "__main__":
    fetch()
