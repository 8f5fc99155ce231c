"""Root file systems of the embedded runtime: an image's layers unpacked once, an overlay on top for each container."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from containerize.runtimes import unpack
from containerize.runtimes.layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed


def unpack_image(layout: ImageLayout, target: Path) -> None:
    """Unpack the layers, lowest first, into an empty directory."""
    target.mkdir(mode=0o755, parents=True)
    for blob in layout.layers:
        with layout.layer(blob) as tar:
            unpack_tar(tar, target, layer=True)


def unpack_tar(tar: BinaryIO, target: Path, *, layer: bool = False) -> None:
    """Unpack an uncompressed tar below ``target``, which nothing in it can leave. Needs root."""
    command = [sys.executable, "-I", str(Path(unpack.__file__)), str(target), *(["--layer"] if layer else [])]
    # What it complains of goes to a file: a pipe that nobody reads could stop it.
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=complaints, env={}) as process:
            assert process.stdin is not None  # noqa: S101 - for the type checker
            try:
                shutil.copyfileobj(tar, process.stdin, 1 << 20)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it stopped, and says why
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            complaints.seek(0)
            words = complaints.read(2000).decode("utf-8", "replace").strip()
            raise RuntimeFailed(f"files could not be unpacked to {target}: {words.splitlines()[-1] if words else '?'}")


def read_within(root: Path, path: str, limit: int = 4 << 20) -> bytes | None:
    """A plain file below ``root``, links resolved as the container would; None when there is none."""
    command = [
        sys.executable,
        "-I",
        "-c",
        "import os,sys,stat\n"
        "os.chroot(sys.argv[1]); os.chdir('/')\n"
        "try: f=os.open(sys.argv[2], os.O_RDONLY|os.O_NONBLOCK)\n"
        "except OSError: sys.exit(4)\n"
        "if not stat.S_ISREG(os.fstat(f).st_mode): sys.exit(4)\n"
        "sys.stdout.buffer.write(open(f,'rb').read(int(sys.argv[3])))",
        str(root),
        path,
        str(limit),
    ]
    done = subprocess.run(command, capture_output=True, check=False, env={})
    return done.stdout if done.returncode == 0 else None


class Overlay:
    """A writable root on top of an unpacked image. ``place`` is a directory of its own for one container."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image = image
        self._place = place
        self.root = place / "rootfs"

    def mount(self) -> None:
        """Mount it. Where the file system below refuses to be an overlay's upper layer (it is one itself), that layer
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
