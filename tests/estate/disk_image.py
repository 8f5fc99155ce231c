"""Makes the disk of a virtual machine from a root file system, without loop devices or mounts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.estate.errors import EstateError


def make(folder: Path, size_mb: int, authorized_key: str) -> None:
    """Turn ``folder/root`` into ``disk.img``, ``vmlinuz`` and ``initrd.img`` beside it."""
    root = folder / "root"
    for home in (root / "root", *(root / "home").iterdir()):
        (home / ".ssh/authorized_keys").write_text(authorized_key, "ascii")
    # The kernel and its initrd are given to QEMU directly, so the disk needs no boot loader.
    for kind in ("vmlinuz", "initrd.img"):
        shutil.copyfile(_only(root / "boot", f"{kind}-*"), folder / kind)
    image = folder / "disk.img"
    made = subprocess.run(
        ["mke2fs", "-q", "-t", "ext4", "-L", "root", "-m", "0", "-d", str(root), str(image), f"{size_mb}M"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise EstateError(f"mke2fs cannot make the disk ({made.stderr.strip()}); is disk_mb in the recipe too small?")
    shutil.rmtree(root)


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise EstateError(f"A virtual machine needs one kernel, and {folder} has {len(found)} files {pattern}.")
    return found[0]
