"""ReproZip on a host of the estate: its tracer brought there, a service traced, and what it packed tried.

ReproZip watches a service with ptrace from its start on, while somebody asks for its pages, and packs every file that
was opened. It wants Python and a compiled module on the host. Here both are copied there, with the C library they were
built for, so the host needs no compiler; the host must be a clone, since the service is stopped and started.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from tests.estate.running_host import RunningHost

_AT = "/opt/reprozip"
_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_RUN = (
    f"env PYTHONHOME={_AT} {_AT}/libs/ld-linux-x86-64.so.2 --library-path {_AT}/libs {_AT}/bin/{_PYTHON} "
    "-m reprozip.main"
)
_NOT_COPIED = ("test", "__pycache__", "site-packages", "config-*", "idlelib", "tkinter", "_tkinter*", "ensurepip")

Page = tuple[int, bytes]
"""Status, and the content without its digits: times and numbers of orders differ from call to call."""


class CannotTrace(Exception):
    """ReproZip cannot be had, or did not do its work; the sentence says which."""


@dataclass(frozen=True)
class Traced:
    """What came of it. ``pack`` is the tar of the files, ``size`` the bytes of what ReproZip wrote, ``seconds`` from
    the start of the traced service to the end of packing. ``answers``: the packed files alone serve the same pages.
    """

    pack: Path
    size: int
    seconds: float
    answers: bool


def install(folder: Path) -> Path:
    """A folder that runs on any x86-64 Linux: ReproZip from the package index, this Python, the libraries of both."""
    venv, tools = folder / "venv", folder / "tools"
    try:
        _quietly([sys.executable, "-m", "venv", str(venv)])
        _quietly([str(venv / "bin/pip"), "install", "--quiet", "reprozip"])
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or "").strip().splitlines()
        raise CannotTrace(f"ReproZip cannot be installed here: {lines[-1] if lines else error}") from error
    library = f"lib/{_PYTHON}"
    shutil.copytree(Path(sys.base_prefix, library), tools / library, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    shutil.copytree(venv / library / "site-packages", tools / library / "site-packages")
    (tools / "bin").mkdir()
    shutil.copy2(Path(sys.base_prefix, "bin", _PYTHON), tools / "bin")
    (tools / "libs").mkdir()
    for binary in [tools / "bin" / _PYTHON, *tools.rglob("*.so")]:
        # Of something that is not linked dynamically ldd says nothing of use, and fails.
        said = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False).stdout
        for name in re.findall(r"(/\S+\.so\S*)", said):
            if not (tools / "libs" / Path(name).name).exists():
                shutil.copy(name, tools / "libs")
    if not (tools / "libs/ld-linux-x86-64.so.2").exists():
        raise CannotTrace("ReproZip is copied to hosts for x86-64 only")
    return tools


def trace(host: RunningHost, service: str, tools: Path, ask: Callable[[], list[Page]], folder: Path) -> Traced:
    """Trace a service of the host from its start on, while ``ask`` asks for its pages; pack it, and try the pack.

    The service is stopped then. Raises CannotTrace.
    """
    there = Path(f"/proc/{host.pid}/root")
    shutil.copytree(tools, there / _AT.lstrip("/"))
    expected = _patiently(ask)
    host.run("service", service, "stop")
    begun = time.perf_counter()
    # A service that ends kills its process group, which without setsid is ReproZip's too.
    start = f"env -u PYTHONHOME setsid /etc/init.d/{service} start"
    options = "-w --dont-identify-packages -d /root/trace"
    tracing = subprocess.Popen(
        host.argv("sh", "-c", f"cd /root; {_RUN} usage_report --disable; exec {_RUN} trace {options} {start}"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        if _patiently(ask) != expected:
            raise CannotTrace(f"{service} does not serve the same pages while ReproZip traces it")
        host.run("service", service, "stop")
        said, _ = tracing.communicate(timeout=120)
    except subprocess.TimeoutExpired as error:
        raise CannotTrace(f"{service} was stopped, and ReproZip did not end") from error
    finally:
        tracing.kill()
    if not (there / "root/trace/config.yml").exists():
        raise CannotTrace(f"ReproZip traced nothing: {said.strip().splitlines()[-1:]}")
    subprocess.run(host.argv("sh", "-c", f"cd /root; {_RUN} pack -d trace out.rpz"), check=True, capture_output=True)
    shutil.copy(there / "root/out.rpz", folder / "out.rpz")
    seconds = time.perf_counter() - begun
    with tarfile.open(folder / "out.rpz") as archive, (folder / "out.tar").open("wb") as plain:
        packed = archive.extractfile("DATA.tar.gz")
        assert packed is not None
        with gzip.open(packed) as data:
            shutil.copyfileobj(cast("IO[bytes]", data), plain)
    answers = _answers(host, service, there, folder / "out.tar", ask, expected)
    return Traced(folder / "out.tar", (folder / "out.rpz").stat().st_size, seconds, answers)


def _answers(
    host: RunningHost, service: str, there: Path, pack: Path, ask: Callable[[], list[Page]], expected: list[Page]
) -> bool:
    """Start the service from the packed files alone, in the host's own network, as ReproZip's unpacker would."""
    root = there / "root/packed"
    root.mkdir()
    # What cannot be made again (a link where a directory is) is what the unpacker would not have either.
    unpack = ["tar", "-xpf", str(pack), "-C", str(root), "--strip-components=1"]
    subprocess.run(unpack, check=False, capture_output=True)
    script = (
        "cd /root/packed; mkdir -p proc dev tmp run/lock; chmod 1777 tmp; "
        "mount -t proc proc proc; mount --bind /dev dev; "
        f"exec chroot . /usr/bin/env setsid /etc/init.d/{service} start"
    )
    subprocess.run(host.argv("sh", "-c", script), check=False, capture_output=True, timeout=120)
    try:
        return _patiently(ask, expected) == expected
    finally:
        subprocess.run(host.argv("sh", "-c", f"chroot /root/packed /etc/init.d/{service} stop"), check=False,
                       capture_output=True)  # fmt: skip


def ask_for(base: str, paths: Iterable[str]) -> list[Page]:
    """The pages of a site; status 0 for one that nobody answers."""
    pages: list[Page] = []
    for path in paths:
        try:
            with urllib.request.urlopen(base + path, timeout=30) as answer:  # noqa: S310 - a host of the estate
                pages.append((answer.status, re.sub(rb"\d", b"", answer.read())))
        except urllib.error.HTTPError as error:
            pages.append((error.code, b""))
        except OSError:
            pages.append((0, b""))
    return pages


def _patiently(ask: Callable[[], list[Page]], expected: list[Page] | None = None) -> list[Page]:
    """The pages once all are there (or as expected), or as they are after a minute."""
    deadline = time.monotonic() + 60
    while True:
        pages = ask()
        done = pages == expected if expected else all(status == 200 for status, _ in pages)
        if done or time.monotonic() > deadline:
            return pages
        time.sleep(0.5)


def _quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
