"""Root file systems of the embedded runtime: unpacked image layers with an overlay per container."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import limits_at, unpack_tar


def unpack_image(layout: ImageLayout, target: Path) -> None:
    """Unpack the layers, lowest first, into an empty directory."""
    target.mkdir(mode=0o755, parents=True)
    for blob in layout.layers:
        with layout.layer(blob) as tar:
            unpack_tar(tar, target, limits_at(target), layer=True)


class OverlayMount:
    """A writable root on top of an unpacked image. ``place`` is its own directory for one container."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image = image
        self._place = place
        self.root = place / "rootfs"

    def mount(self) -> None:
        """Mount it. Where the file system below rejects to be an overlay's upper layer (it is one itself), that layer
        goes to memory.
        """
        self.root.mkdir(mode=0o755, parents=True)
        if not self._refusal(self._place):
            return
        memory = self._place / "memory"
        memory.mkdir(mode=0o700)
        _mount("-t", "tmpfs", "-o", "mode=0700", "brownfield", str(memory))
        if refusal := self._refusal(memory):
            raise RuntimeFailed(f"cannot mount an overlay file system: {refusal}")

    def _refusal(self, place: Path) -> str:
        """Mount with the upper layer in ``place``; why it was refused, "" when it was not."""
        upper, work = place / "upper", place / "work"
        for directory in (upper, work):
            directory.mkdir(mode=0o755)
        # The upper layer is the root directory of the container: it takes the image's own owner and mode.
        status = self._image.stat()
        os.chown(upper, status.st_uid, status.st_gid)
        upper.chmod(status.st_mode & 0o7777)
        options = f"lowerdir={self._image},upperdir={upper},workdir={work}"
        done = subprocess.run(
            ["mount", "-t", "overlay", "-o", options, "brownfield", str(self.root)],
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stderr.strip() or "mount failed") if done.returncode else ""


def unmount_below(place: Path) -> None:
    """Unmount everything below a directory, the deepest first. Safe to call twice."""
    text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    inside = []
    for line in text.splitlines():
        target = line.split(" ")[4].encode().decode("unicode_escape")
        if Path(target).is_relative_to(place):
            inside.append(target)
    for target in sorted(inside, key=len, reverse=True):
        subprocess.run(["umount", "--lazy", target], capture_output=True, check=False)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeFailed(f"mount {' '.join(arguments)}: {done.stderr.strip()}")
