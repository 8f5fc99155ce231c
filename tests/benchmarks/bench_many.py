"""Building many services: one after the other (``--jobs 1``) beside several at once.

``BENCH_SCAN`` names a workspace with a scan whose hosts are up, such as the test estate's; it is copied, so nothing is
built in it. ``BENCH_SELECT`` selects what is built (``--all``), ``BENCH_JOBS`` the numbers of jobs (``1,2``),
``BENCH_ROUNDS`` how often each is measured, in turn. What is wanted: with two jobs at most 0.7 of the time of one, and
the same digests.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

SELECTION = shlex.split(os.environ.get("BENCH_SELECT", "--all"))
JOBS = tuple(int(number) for number in os.environ.get("BENCH_JOBS", "1,2").split(","))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1"))


def main() -> None:
    """Print the table; without BENCH_SCAN say what is missing."""
    scan = os.environ.get("BENCH_SCAN")
    if not scan:
        Console().print("many: skipped, since BENCH_SCAN names no workspace with a scan")
        return
    measured: dict[int, list[tuple[float, float]]] = {jobs: [] for jobs in JOBS}
    built: dict[int, dict[str, str]] = {}
    for _ in range(ROUNDS):
        for jobs in JOBS:
            seconds, cpu, built[jobs] = _build(Path(scan), jobs)
            measured[jobs].append((seconds, cpu))
    table = Table(title="Images of many services of scanned hosts")
    for name in ("jobs", "services", "s", "CPU s", "beside the first", "digests"):
        table.add_column(name, justify="left" if name == "digests" else "right")
    first = statistics.median(seconds for seconds, _ in measured[JOBS[0]])
    for jobs, rows in measured.items():
        seconds, cpu = (statistics.median(row[at] for row in rows) for at in (0, 1))
        same = "the same" if built[jobs] == built[JOBS[0]] else "DIFFERENT"
        table.add_row(str(jobs), str(len(built[jobs])), f"{seconds:.0f}", f"{cpu:.0f}", f"{seconds / first:.2f}", same)
    Console(width=100).print(table)


def _build(scan: Path, jobs: int) -> tuple[float, float, dict[str, str]]:
    """Seconds, CPU seconds, and digests by workload, of a build without anything that was built before."""
    with tempfile.TemporaryDirectory(prefix="assess-bench-", dir=os.environ.get("BENCH_DIR")) as folder:
        place = Path(folder) / "workspace"
        shutil.copytree(scan, place, ignore=shutil.ignore_patterns("builds", "content", "building.jsonl"))
        command = [sys.executable, "-m", "assess", "-q", "-w", str(place), "build", *SELECTION, "--json"]
        began, before = time.perf_counter(), os.times()
        done = subprocess.run([*command, "--jobs", str(jobs)], capture_output=True, check=False, text=True)
        seconds, after = time.perf_counter() - began, os.times()
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr)
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        rows = json.loads(done.stdout)["builds"]
        return seconds, cpu, {row["workload"]: row["digest"] for row in rows}


if __name__ == "__main__":
    main()
