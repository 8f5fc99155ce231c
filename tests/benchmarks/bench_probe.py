"""What sections about processes cost on a host with 600 processes and 20,000 open files, beside a program in C.

The host is a PID namespace of this machine. CPU is user and system time of the whole script and its children; the cost
of a script that asks nothing is taken off. The program in C reads the same files of the same processes and prints as
much: it is what the kernel itself takes. ``BENCH_PROCESSES`` and ``BENCH_FILES`` name other sizes. Needs root and cc.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from inventory.observation import Absent
from inventory.platforms import Platform
from inventory.probe.script import compose
from inventory.section import Section, Variant
from inventory.sections import SECTIONS

PROCESSES = int(os.environ.get("BENCH_PROCESSES", "600"))
FILES = int(os.environ.get("BENCH_FILES", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))

_OF_PROCESSES = "-l exe -l cwd -l root -d ns -f stat -f status -f cmdline -f environ -f cgroup -f limits"
READS = {"processes": _OF_PROCESSES.split(), "open_files": ["-d", "fd"], "libraries": ["-f", "maps"]}
"""What each section reads of every process, as options of read_proc."""
_ALL = [word for options in READS.values() for word in options]
_NONCE = "0123456789abcdef"


_NOTHING: Section[None] = Section(
    "nothing", "Asks nothing.", (Variant(Platform.POSIX, "part nothing :", lambda _: Absent("not asked")),)
)


def main() -> None:
    """Build the reader, fill a namespace, print the table; inside the namespace: measure."""
    if sys.argv[1:2] == ["measure"]:
        sys.stdout.write(json.dumps(_measure(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        reader = Path(folder) / "read_proc"
        source = Path(__file__).with_name("read_proc.c")
        subprocess.run(["cc", "-O2", "-o", str(reader), str(source)], check=True)
        inside = [sys.executable, "-m", "tests.benchmarks.bench_probe", "measure", str(reader)]
        done = subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc", *inside], check=True, stdout=subprocess.PIPE, text=True
        )
    table = Table(title=f"{PROCESSES} processes, {FILES:,} open files, median of {ROUNDS} rounds in turn")
    for name in ("section", "probe, ms CPU", "C, ms CPU", "ratio", "probe, KB", "C, KB"):
        table.add_column(name, justify="left" if name == "section" else "right")
    for row in json.loads(done.stdout):
        name, probe, c, probe_size, c_size = row
        table.add_row(name, f"{probe:.0f}", f"{c:.0f}", f"{probe / c:.1f}", f"{probe_size:,}", f"{c_size:,}")
    Console(width=120).print(table)


def _measure(reader: str) -> list[tuple[str, float, float, int, int]]:
    held = [_holder(FILES // PROCESSES) for _ in range(PROCESSES)]
    try:
        sections = {section.name: section for section in SECTIONS}
        # Who belongs to the probe is found out once for all sections, and by itself each of them pays for it.
        ways = {**{name: ((name,), options) for name, options in READS.items()}, "together": (tuple(READS), _ALL)}
        scripts = {name: compose([sections[one] for one in asked], _NONCE) for name, (asked, _) in ways.items()}
        nothing = compose([_NOTHING], _NONCE)
        rows = []
        for name, (_, options) in ways.items():
            probes, readers, sizes = [], [], (0, 0)
            for _ in range(ROUNDS):
                empty, _size = _cost(["sh", "-s"], nothing)
                probe, probe_size = _cost(["sh", "-s"], scripts[name])
                c, c_size = _cost([reader, *options])
                probes.append(probe - empty)
                readers.append(c)
                sizes = (probe_size >> 10, c_size >> 10)
            rows.append((name, statistics.median(probes), statistics.median(readers), *sizes))
        return rows
    finally:
        for process in held:
            process.kill()
            process.wait()


def _holder(files: int) -> subprocess.Popen[bytes]:
    """A process that holds so many files open."""
    descriptors = [os.open("/etc/passwd", os.O_RDONLY) for _ in range(max(0, files - 3))]
    try:
        return subprocess.Popen(["sleep", "1000"], pass_fds=descriptors, stdin=subprocess.DEVNULL)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _cost(command: Sequence[str], script: str = "") -> tuple[float, int]:
    """Milliseconds of CPU of a command with its children, and the bytes that it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=script.encode(), capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 1000, len(done.stdout)


if __name__ == "__main__":
    main()
