"""The supervisor's binaries, compiled from ``source/`` by Zig's C compiler, the same to the byte on every machine.

The build of the wheel imports this module before the project is installed: it needs the standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import tempfile
from pathlib import Path

ZIG_VERSION = "0.17.1"
"""pyproject.toml names the same: another version makes other binaries."""

ARCHITECTURES = {"amd64": ("x86_64", "x86"), "arm64": ("aarch64", "aarch64")}
"""The name that images use, with Zig's names of the processor and of its kernel headers."""

SOURCE = Path(__file__).parent / "source"
BINARIES = Path(__file__).parent / "binaries"

_OPTIONS = (
    *("-std=c11", "-static", "-nostdlib", "-Os", "-s", "-g0"),
    # No C library, so nothing may be replaced by a call of one, and no handler of faults is there to report to.
    *("-fno-builtin", "-fno-stack-protector", "-fno-sanitize=undefined", "-fno-unwind-tables"),
    *("-fno-asynchronous-unwind-tables", "-Wl,--build-id=none", "-Wall", "-Wextra", "-Wno-sign-compare", "-Werror"),
)


class CompilerMissing(Exception):
    """Zig is not installed, or is another version."""


def source_digest() -> str:
    """SHA-256 of all that the binaries are made from, in hexadecimal digits."""
    digest = hashlib.sha256(" ".join((ZIG_VERSION, *_OPTIONS)).encode())
    for path in sorted(SOURCE.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def compile_binary(architecture: str, to: Path) -> None:
    """Write the binary for an architecture (``amd64``, ``arm64``). Raises CompilerMissing, or OSError when it fails."""
    zig = _zig_folder()
    processor, headers = ARCHITECTURES[architecture]
    include = zig / "lib/libc/include"
    folders = (f"{processor}-linux-musl", "generic-musl", f"{headers}-linux-any", "any-linux-any")
    with tempfile.TemporaryDirectory(prefix="brownfield-supervisor-") as folder:
        command = [str(zig / "zig"), "cc", "-target", f"{processor}-linux-musl", *_OPTIONS]
        for each in folders:
            command += ["-isystem", str(include / each)]
        command += ["-o", f"{folder}/init", *sorted(path.name for path in SOURCE.glob("*.c"))]
        # Relative names and a cache apart: neither the place of the checkout nor an earlier build leaves a trace.
        caches = {"ZIG_GLOBAL_CACHE_DIR": f"{folder}/cache", "ZIG_LOCAL_CACHE_DIR": f"{folder}/cache"}
        done = subprocess.run(command, cwd=SOURCE, env=caches, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"zig could not compile the supervisor for {architecture}: {done.stderr[-2000:]}")
        to.parent.mkdir(parents=True, exist_ok=True)
        made = to.with_name(f"{to.name}.{Path(folder).name}")
        made.write_bytes(Path(folder, "init").read_bytes())
        made.chmod(0o755)
        made.replace(to)


def binary_path(architecture: str) -> Path:
    """The place of a binary: its name tells the source that it was made from."""
    return BINARIES / f"init-{architecture}-{source_digest()[:16]}"


def compile_all() -> list[Path]:
    """Compile what is not there yet for both architectures, and remove those of other sources."""
    wanted = [binary_path(each) for each in ARCHITECTURES]
    for architecture, path in zip(ARCHITECTURES, wanted, strict=True):
        if not path.is_file():
            compile_binary(architecture, path)
    for path in BINARIES.glob("init-*"):
        if path not in wanted:
            path.unlink(missing_ok=True)
    return wanted


def _zig_folder() -> Path:
    """The folder of the package ``ziglang``, with the program and its headers."""
    found = importlib.util.find_spec("ziglang")
    places = list(found.submodule_search_locations or ()) if found else []
    if not places or not Path(places[0], "zig").is_file():
        raise CompilerMissing(f"the Python package ziglang=={ZIG_VERSION} is not installed")
    folder = Path(places[0])
    version = subprocess.run(
        [str(folder / "zig"), "version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if version != ZIG_VERSION:
        raise CompilerMissing(f"the Python package ziglang is version {version}, not {ZIG_VERSION}")
    return folder
