"""Images of two services of the estate, side by side: what others would make of them, and the three levels.

- the whole machine: ``tar`` over SSH, as one does before ``docker import``;
- a rebuild: a base image made by mmdebstrap, the packages installed on it, the changed files copied
  (``assess rebuild``; ``docker build`` runs what it wrote);
- ReproZip: traced on a clone of the host while the pages below are asked for, and packed;
- ``assess build`` at each level, and the pilot of the image.

MB are files in a tar, and the same with zstd at one level for all. ``fetched`` is what came from the host: a rebuild
takes its packages from a mirror beside. Each build has a workspace in which nothing is known yet. An observed image is
built with what it talks to, and piloted twice, which its seconds hold. BENCH_ROWS=whole,rebuild,reprozip,levels and
BENCH_WORKLOADS=web01/apache2,app01/tomcat9 choose.

Needs root, Docker, mmdebstrap, and for ReproZip a package index, a compiler and the headers of this Python.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import zstandard
from rich.console import Console
from rich.table import Table

from containerize.image.layer_files import COMPRESSION_LEVEL, WORKERS
from inventory.ansible.inventory_file import read_hosts
from inventory.store.workspace import Workspace
from inventory.transports import connect
from tests.benchmarks.reprozip_trace import CannotTrace, ask_for, install, trace
from tests.estate import Estate, apt_mirror
from tests.estate.places import cache

ROWS = os.environ.get("BENCH_ROWS", "whole,rebuild,reprozip,levels").split(",")


@dataclass(frozen=True)
class Subject:
    """A service. ``neighbours`` are workloads it cannot be piloted without; ``clone`` is a clone of its host that may
    be stopped, with the ``service`` that answers on ``port`` there with ``pages``.
    """

    workload: str
    neighbours: tuple[str, ...]
    suite: str
    clone: str
    service: str
    port: int
    pages: tuple[str, ...]

    @property
    def host(self) -> str:
        return self.workload.partition("/")[0]


_SUBJECTS = (
    Subject("web01/apache2", ("db01/mariadb",), "bookworm", "web01-187", "apache2", 80,
            ("/", "/report", "/upload", "/shop.css")),
    Subject("app01/tomcat9", (), "bullseye", "app01-188", "tomcat9", 8080,
            ("/parts/", "/parts/chart.jsp", "/parts/note.jsp", "/parts/environment.jsp")),
)  # fmt: skip
_WANTED = os.environ.get("BENCH_WORKLOADS", "")
SUBJECTS = tuple(each for each in _SUBJECTS if not _WANTED or each.workload in _WANTED.split(","))


@dataclass(frozen=True)
class Row:
    """One way of one service; numbers are None where there are none, and ``works`` says why."""

    way: str
    works: str
    files: int | None = None
    size: int | None = None
    packed: int | None = None
    fetched: int | None = None
    seconds: float | None = None


class _Failed(Exception):
    """A way that could not be gone; the sentence says why."""


def main() -> None:
    """Print the table."""
    table = Table(title=f"Images of services, zstd -{COMPRESSION_LEVEL} for all")
    for name in ("service", "way", "files", "MB", "MB zstd", "MB fetched", "s", "works"):
        table.add_column(name, justify="left" if name in ("service", "way", "works") else "right")
    hosts = sorted({name.partition("/")[0] for each in SUBJECTS for name in (each.workload, *each.neighbours)})
    with Estate.running(hosts) as estate, tempfile.TemporaryDirectory(prefix="assess-bench-") as folder:
        scanned = Path(folder) / "scanned"
        _assess(scanned, "scan", str(estate.hosts_ini), "--limit", ",".join(hosts))
        for subject in SUBJECTS:
            for row in _rows(subject, scanned, Path(folder)):
                table.add_row(subject.workload, row.way, _number(row.files), _mega(row.size), _mega(row.packed),
                              _mega(row.fetched), _number(row.seconds), row.works)  # fmt: skip
                sys.stderr.write(f"{subject.workload}: {row}\n")
            table.add_section()
    Console(width=150).print(table)


def _rows(subject: Subject, scanned: Path, folder: Path) -> Iterator[Row]:
    ways: dict[str, list[tuple[str, Callable[[Subject, Path, Path], Row]]]] = {
        "whole": [("whole machine, tar", _whole_machine)],
        "rebuild": [("rebuild on a base", _rebuild)],
        "reprozip": [("ReproZip", _reprozip)],
        "levels": [(f"assess, {level}", partial(_level, level)) for level in ("complete", "lean", "observed")],
    }
    for name in ROWS:
        for way, measure in ways[name]:
            place = Path(tempfile.mkdtemp(dir=folder))
            try:
                yield measure(subject, scanned, place)
            except (_Failed, CannotTrace) as error:
                yield Row(way, str(error))
            shutil.rmtree(place)


def _whole_machine(subject: Subject, scanned: Path, folder: Path) -> Row:
    """All but what the kernel makes and what is temporary; compressed here, as it arrives."""
    outside = " ".join(f"--exclude=./{name}/*" for name in ("proc", "sys", "dev", "run", "tmp"))
    (host,) = (each for each in read_hosts(_hosts_ini()) if each.name == subject.host)
    begun = time.perf_counter()
    with (
        connect(host, Workspace.open(scanned).connect_options()) as transport,
        transport.stream(f"tar -cf - -C / {outside} . 2>/dev/null || true") as source,
        (folder / "machine.tar").open("wb") as plain,
    ):
        shutil.copyfileobj(source, plain, 1 << 20)
    row = _tar("whole machine, tar", "not started", folder / "machine.tar")
    return _with(row, fetched=row.size, seconds=time.perf_counter() - begun)


def _rebuild(subject: Subject, scanned: Path, folder: Path) -> Row:
    with _base(subject.suite) as base:
        options = ("--base-image", base, "--build-network", "host", "--runtime", "docker")
        return _build("rebuild on a base", subject, scanned, folder, options, command="rebuild")


def _level(level: str, subject: Subject, scanned: Path, folder: Path) -> Row:
    return _build(f"assess, {level}", subject, scanned, folder, ("--level", level))


def _build(
    way: str, subject: Subject, scanned: Path, folder: Path, options: tuple[str, ...], command: str = "build"
) -> Row:
    """Build, and pilot beside neighbours. Those of an observed image have to be there, and are built with it."""
    workspace = Path(shutil.copytree(scanned, folder / "workspace"))
    observed = "observed" in options
    names = (subject.workload, *(subject.neighbours if observed else ()))
    begun = time.perf_counter()
    document = _assess(workspace, command, "--json", *options, *names)
    seconds = time.perf_counter() - begun
    (row,) = (each for each in document["builds"] if each["workload"] == subject.workload)
    if not observed and subject.neighbours:
        _assess(workspace, "build", "--json", *subject.neighbours)
    pilots = _assess(workspace, "pilot", "--json", "--runtime", "docker", subject.workload, *subject.neighbours)
    (pilot,) = (each for each in pilots["pilots"] if each["workload"] == subject.workload)
    works = f"pilot: {pilot['verdict']}, {len(pilot['checks'])} checks"
    if observed and row["level"] != "observed":
        works += ", but the lean image stayed"
    return Row(way, works, row["files"], row["size"], row["compressed_size"], row["fetched"], seconds)


def _reprozip(subject: Subject, _scanned: Path, folder: Path) -> Row:
    tools = install(folder)
    with Estate.running([subject.clone]) as estate:
        host = estate.host(subject.clone)
        traced = trace(host, subject.service, tools, lambda: ask_for(host.url("", subject.port), subject.pages), folder)
    works = f"same {len(subject.pages)} pages" if traced.answers else "does not serve the same pages"
    return _with(_tar("ReproZip", works, traced.pack), fetched=traced.size, seconds=traced.seconds)


@contextmanager
def _base(suite: str) -> Iterator[str]:
    """An image as debian:SUITE-slim is made: what is essential, apt, and a policy that starts no service."""
    archive = cache() / "public-base" / f"{suite}.tar"
    archive.parent.mkdir(parents=True, exist_ok=True)
    if not archive.exists():
        if shutil.which("mmdebstrap") is None:
            raise _Failed("mmdebstrap is not installed")
        half = archive.with_suffix(f".{os.getpid()}.tar")
        policy = 'printf "#!/bin/sh\\nexit 101\\n" > "$1"/usr/sbin/policy-rc.d; chmod 755 "$1"/usr/sbin/policy-rc.d'
        command = ["mmdebstrap", "--variant=minbase", f"--customize-hook={policy}", suite, str(half), apt_mirror.find()]
        subprocess.run(command, check=True, capture_output=True)
        half.rename(archive)
    name = f"brownfield-bench-{os.getpid()}/debian:{suite}-slim"
    subprocess.run(["docker", "import", str(archive), name], check=True, capture_output=True)
    try:
        yield name
    finally:
        subprocess.run(["docker", "image", "rm", "--force", name], check=False, capture_output=True)


def _tar(way: str, works: str, path: Path) -> Row:
    """What a tar holds, and its size with zstd as layers have it."""
    with tarfile.open(path, errors="surrogateescape") as archive:
        files = sum(not member.isdir() for member in archive)
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, threads=WORKERS)
    with path.open("rb") as plain, (path.parent / "packed.zst").open("wb") as packed:
        compressor.copy_stream(plain, packed)
    return Row(way, works, files, path.stat().st_size, (path.parent / "packed.zst").stat().st_size)


def _with(row: Row, *, fetched: int | None, seconds: float) -> Row:
    return Row(row.way, row.works, row.files, row.size, row.packed, fetched, seconds)


def _hosts_ini() -> Path:
    return Estate().hosts_ini


def _assess(workspace: Path, *arguments: str) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("assess")), *arguments, "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=workspace.parent)
    # 1 is what a pilot ends with that does not pass: it says so itself.
    if done.returncode not in (0, 1):
        raise _Failed(f"assess {arguments[0]} ended with status {done.returncode}: {done.stderr.strip()[-200:]}")
    document: dict[str, Any] = json.loads(done.stdout) if "--json" in arguments else {}
    if document.get("failed"):
        raise _Failed(f"assess {arguments[0]}: {document['failed'][0]['reason']}")
    return document


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:,.0f}"


def _mega(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:,.1f}"


if __name__ == "__main__":
    main()
