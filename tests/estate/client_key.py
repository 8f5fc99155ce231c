"""The key pair with which this machine logs in to its estate; it never leaves the cache."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.estate.places import cache


def path() -> Path:
    """The private key, made when there is none."""
    key = cache() / "client_key"
    if not key.exists():
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "brownfield estate", "-f", str(key)], check=True
        )
    return key


def public() -> str:
    """The line for authorized_keys."""
    return path().with_suffix(".pub").read_text("ascii")
