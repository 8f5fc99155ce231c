"""The image with the programs of the cases: each C program of ``programs/``, busybox, and the libraries they need.

There is no registry to take an image from.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from .machine import OTHER_MACHINE

PROGRAMS = Path(__file__).with_name("programs")
APPLETS = ("sh", "true", "grep", "ip", "mount", "hostname")


def image_archive(directory: Path) -> bytes:
    """A tar archive of a root file system, for ``docker import``; compiles in ``directory``."""
    busybox = shutil.which("busybox")
    assert busybox is not None, "these tests need busybox"
    programs = _compile(directory)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, mode in (("bin", 0o755), ("mnt", 0o755), ("proc", 0o755), ("shared", 0o777), ("tmp", 0o1777)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        _add(tar, "bin/busybox", Path(busybox).read_bytes())
        for program in programs:
            _add(tar, f"bin/{program.name}", program.read_bytes(), 0o4755 if program.name == "rights" else 0o755)
        _add(tar, "bin/raw-for-another-machine", _for_another_machine((directory / "raw").read_bytes()))
        for library in _libraries([Path(busybox), *programs]):
            _add(tar, library.lstrip("/"), Path(library).resolve().read_bytes())
    return buffer.getvalue()


def _compile(directory: Path) -> list[Path]:
    made = []
    for source in sorted(PROGRAMS.glob("*.c")):
        made.append(directory / source.stem)
        subprocess.run(["cc", "-D_GNU_SOURCE", "-O1", "-w", "-o", str(made[-1]), str(source)], check=True)
    return made


def _libraries(programs: list[Path]) -> list[str]:
    """Paths of all shared libraries and of the loader; none for static programs."""
    listed = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    lines = [line.strip() for line in listed.splitlines() if not line.endswith(":")]
    return sorted({word for line in lines for word in line.split() if word.startswith("/")})


def _for_another_machine(program: bytes) -> bytes:
    """The same ELF file with another machine in its header."""
    return program[:18] + OTHER_MACHINE.to_bytes(2, sys.byteorder) + program[20:]


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o755) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
