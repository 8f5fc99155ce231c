"""Putting an image together: seconds and memory beside tar with zstd, and beside ``docker build`` with COPY.

All take the same made-up tree in the same run, each in a process of its own. What is wanted: at most half as long again
as writing a tar and compressing it with zstd, less than ``docker build`` takes, and memory that does not depend on the
size. ``BENCH_MB`` names other sizes in megabytes, ``BENCH_ROUNDS`` how often each is measured (the median counts).

Nothing is removed between two measurements: ext4 looks at every inode that was deleted within the last minutes before
it makes a new one there: 400 microseconds for a file and not 12, for whoever comes next. Nor does our "host" work at
the lowest priority, as real ones do: it is this machine, and what else runs on it would come first for us alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.table import Table

from containerize.host.answer_parts import PREAMBLE
from inventory.transports.transport import Completed, Transport
from tests.benchmarks.docker_builds import DockerBuilds

SIZES = tuple(int(size) for size in os.environ.get("BENCH_MB", "500,2000").split(","))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1"))
LARGEST = 64 << 20


def main() -> None:
    """Print the table; as ``bench_build STEP FOLDER SIZE`` do one step of it, with nothing else in memory."""
    if sys.argv[1:2] and sys.argv[1] in _STEPS:
        _STEPS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
        return
    table = Table(title="Images of a made-up tree, from its files to what can be shipped")
    for name in ("MB", "files", "way", "s", "s/GB", "CPU s", "beside tar | zstd", "peak MB", "result MB"):
        table.add_column(name, justify="left" if name == "way" else "right")
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # so that nothing stays behind then
    docker = DockerBuilds()
    docker.remove()
    with contextlib.ExitStack() as kept:
        kept.callback(docker.remove)
        for size in SIZES:
            folder = tempfile.TemporaryDirectory(prefix="assess-bench-", dir=os.environ.get("BENCH_DIR"))
            _measure(table, Path(kept.enter_context(folder)), size * 1_000_000, docker)
    Console(width=140).print(table)


def _measure(table: Table, folder: Path, size: int, docker: DockerBuilds) -> None:
    grow, copy, assemble, both = (
        [sys.executable, "-m", "tests.benchmarks.bench_build", step, str(folder), str(size)] for step in _STEPS
    )
    _run(grow)
    files = sum(len(names) for _, _, names in os.walk(folder / "tree"))
    _run(copy)
    ways: dict[str, tuple[Callable[[], list[float]], Callable[[], int]]] = {
        "tar | zstd": (
            lambda: _run(["sh", "-c", "tar -cf - -C tree . | zstd -q -f -3 -o packed.zst"], folder),
            lambda: (folder / "packed.zst").stat().st_size,
        ),
        "tar, then zstd": (
            lambda: _run(
                ["sh", "-c", "tar -cf plain.tar -C tree . && zstd -q -f -3 --rm plain.tar -o packed.zst"], folder
            ),
            lambda: (folder / "packed.zst").stat().st_size,
        ),
        "assess: from the content store": (
            lambda: _afresh(folder, ["image", "layers"], assemble),
            lambda: _size(folder / "layers"),
        ),
        "assess: with hashing and copying": (
            lambda: _afresh(folder, ["content", "image", "layers"], both),
            lambda: _size(folder / "layers"),
        ),
    }
    if shutil.which("docker") and docker.possible:
        ways["docker build with COPY, legacy builder"] = (lambda: _docker(folder, docker, buildkit=False), lambda: 0)
        if _run_quietly(["docker", "buildx", "version"]):
            ways["docker build with COPY, BuildKit"] = (lambda: _docker(folder, docker, buildkit=True), lambda: 0)
    results: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (measure, _) in ways.items():
            os.sync()
            results[name].append(measure())
    base = statistics.median(row[0] for row in results["tar | zstd"])
    for name, rows in results.items():
        seconds, cpu, peak = (statistics.median(row[number] for row in rows) for number in range(3))
        made = ways[name][1]()
        table.add_row(
            f"{size / 1e6:,.0f}",
            f"{files:,}",
            name,
            f"{seconds:.1f}",
            f"{seconds / size * 1e9:.1f}",
            f"{cpu:.1f}" if cpu else "the daemon's",
            f"{seconds / base:.2f}",
            f"{peak / 1e6:.0f}" if peak else "the daemon's",
            f"{made / 1e6:.0f}" if made else "",
        )


def _grow(folder: Path, size: int) -> None:
    """A tree of ``size`` bytes as applications are: many small files and a few large ones, of real code and text."""
    pool = b"".join(_pieces())
    choose = random.Random(7)
    grown = count = 0
    while grown < size:
        length = min(int(choose.lognormvariate(9.5, 2.2)), LARGEST, size - grown)
        place = folder / "tree" / f"{count // 5000:03d}" / f"{count // 100 % 50:02d}"
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"file-{count}").open("wb") as file:
            file.write(b"%032d\n" % count)
            left = max(0, length - 33)
            while left:
                at = choose.randrange(len(pool))
                piece = pool[at : at + min(left, 1 << 20)]
                file.write(piece)
                left -= len(piece)
        grown += max(33, length)
        count += 1


def _pieces() -> Iterator[bytes]:
    """Up to 96 MB of the Python that runs us and of its libraries."""
    left = 96 << 20
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*")) + sorted(Path(sys.prefix).rglob("*.so")):
        if left > 0 and path.suffix in (".py", ".pyc", ".so") and path.is_file():
            data = path.read_bytes()[:left]
            left -= len(data)
            yield data


def _run(command: list[str], folder: Path | None = None) -> list[float]:
    """[seconds, CPU seconds, bytes of the largest process]."""
    begun = time.perf_counter()
    # wait4 tells of this one child with its children; RUSAGE_CHILDREN would keep the largest that there ever was.
    child = subprocess.Popen(command, cwd=folder)
    try:
        _, status, used = os.wait4(child.pid, 0)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return [time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]


def _run_quietly(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _afresh(folder: Path, without: list[str], command: list[str]) -> list[float]:
    """Run with none of these folders there."""
    aside = Path(tempfile.mkdtemp(dir=folder, prefix="aside-"))
    for name in without:
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    os.sync()
    return _run(command)


def _docker(folder: Path, docker: DockerBuilds, *, buildkit: bool) -> list[float]:
    """The daemon does the work, so neither CPU nor memory is known. BuildKit sends nothing again from a folder that it
    knows, so each build has one of its own.
    """
    context = Path(tempfile.mkdtemp(dir=folder, prefix="context-"))
    shutil.copytree(folder / "tree", context / docker.name, copy_function=os.link)
    (context / "Dockerfile").write_text(docker.dockerfile)
    os.sync()
    with docker.watched():
        seconds = _run(
            ["env", f"DOCKER_BUILDKIT={int(buildkit)}", "docker", "build", "-q", "--no-cache", str(context)]
        )[0]
    return [seconds, 0, 0]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.suffix != ".json")


class _Hasty:
    """A transport whose commands have the priority of everything else."""

    def __init__(self, transport: Transport) -> None:
        self.user, self.privileged, self.banner = transport.user, transport.privileged, transport.banner
        self.dial, self.dial_unix, self.close = transport.dial, transport.dial_unix, transport.close
        self._transport = transport

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        return self._transport.run(self._same(command), stdin, timeout=timeout, limit=limit)

    def stream(self, command: str, stdin: bytes = b"") -> AbstractContextManager[BinaryIO]:
        """See the Protocol."""
        return self._transport.stream(self._same(command), stdin)

    def _same(self, command: str) -> str:
        return command.replace(PREAMBLE, PREAMBLE + 'low() { "$@"; }\n')


def _copy(folder: Path, _size: int) -> None:
    """Hash the files and copy them into the content store, as those of packages are from a host without a network."""
    from containerize.content_store import ContentStore
    from containerize.host.file_listing import list_files
    from containerize.plan.model import PlannedFile
    from containerize.plan.plan_json import save_plan
    from containerize.transfer.content_fetch import fetch
    from containerize.transfer.content_origins import Origins
    from containerize.transfer.file_receiver import Examiner, WantedFile
    from containerize.transfer.host_hashes import hash_files
    from inventory.host import Host
    from inventory.transports import connect
    from tests.containerize.plans import make_plan

    top = str(folder / "tree")
    with connect(Host("here", "127.0.0.1", connection="local")) as connection:
        transport = _Hasty(connection)
        tree = list_files(transport, {}, top=top)
        entries = {path: entry for path in tree.paths() if (entry := tree.get(path)) is not None}
        names = [path for path, entry in entries.items() if entry.kind == "f"]
        digests = hash_files(transport, names, "sha256")
        wanted = [WantedFile(path, digests[path], entries[path].size, examine=False) for path in names]
        store = ContentStore(folder / "content")
        received = fetch(
            transport,
            wanted,
            store,
            examiner=Examiner(lambda _path, _content: None),
            origins=Origins(store.root, "here"),
        )
        if received.missing:
            raise SystemExit(f"{len(received.missing)} files were not copied")
    files = [
        PlannedFile(
            path, "file" if entry.kind == "f" else "directory", entry.mode, entry.uid, entry.gid, entry.mtime,
            entry.size if entry.kind == "f" else 0, digests.get(path, ""), "", "application", "is measured",
        )
        for path, entry in entries.items()
    ]  # fmt: skip
    save_plan(folder, make_plan(files, volumes=()))


def _assemble(folder: Path, _size: int) -> None:
    from containerize.content_store import ContentStore
    from containerize.image.secret_search import ImageSearch
    from containerize.image.write_image import write_image
    from containerize.plan.plan_json import load_plan
    from containerize.secret_values.workload_secrets import WorkloadSecrets
    from inventory.privacy.secrets.known_secrets import KnownSecrets

    plan = load_plan(folder)
    # As a build does it that knows a few passwords, and took these files from packages.
    known = KnownSecrets(f"Unlikely-{number}-Passw0rd".encode() for number in range(5))
    search = ImageSearch(WorkloadSecrets(known), frozenset(file.digest for file in plan.files))
    write_image(plan, ContentStore(folder / "content"), folder / "layers", folder / "image", search)


def _both(folder: Path, size: int) -> None:
    _copy(folder, size)
    _assemble(folder, size)


_STEPS: dict[str, Callable[[Path, int], None]] = {"grow": _grow, "copy": _copy, "assemble": _assemble, "both": _both}


if __name__ == "__main__":
    main()
