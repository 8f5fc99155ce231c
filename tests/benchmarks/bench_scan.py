"""Hosts per second and CPU on the host: this probe against ``ansible -m setup`` with pipelining.

Both ask the same clones of a small host, in turn, with as many workers. CPU on the host is the CPU time of all
its processes, the ended ones included (a parent's times of waited-for children). CPU here is that of our own process
tree. The tables print medians of ROUNDS rounds.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from tests.estate import Estate, recipe

CLONES = int(os.environ.get("BENCH_CLONES", "20"))
WORKERS = int(os.environ.get("BENCH_WORKERS", "20"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


class Round(NamedTuple):
    """One run over all hosts: seconds of wall clock, of CPU here, and of CPU on all hosts together."""

    wall: float
    here: float
    there: float


def main() -> None:
    """Start the clones, measure, print, stop the clones."""
    names = [recipe.load("small01").clone(number).name for number in range(1, CLONES + 1)]
    with Estate.running(names) as estate, tempfile.TemporaryDirectory() as folder:
        inventory = _inventory(estate, names, Path(folder))
        contenders = {
            "assess (paramiko, one exec)": lambda: _assess(inventory, Path(folder)),
            "ansible -m setup (pipelining)": lambda: _ansible(inventory, Path(folder)),
        }
        rounds: dict[str, list[Round]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                rounds[name].append(_measure(run, estate, names))
    _print(rounds)


def _inventory(estate: Estate, names: list[str], folder: Path) -> Path:
    """The clones at their own addresses: the forwarder that publishes them on loopback would be measured along."""
    lines = []
    for name in names:
        options = f"-o UserKnownHostsFile={estate.known_hosts}"
        lines.append(
            f"{name} ansible_host={estate.host(name).recipe.address} ansible_user=root "
            f"ansible_ssh_private_key_file={estate.key} ansible_ssh_common_args='{options}'\n"
        )
    path = folder / "hosts.ini"
    path.write_text("".join(lines))
    return path


def _measure(run: Callable[[], None], estate: Estate, names: list[str]) -> Round:
    there = _cpu_of_hosts(estate, names)
    here = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    run()
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - here.ru_utime - here.ru_stime
    return Round(wall, cpu, _cpu_of_hosts(estate, names) - there)


def _cpu_of_hosts(estate: Estate, names: list[str]) -> float:
    total = 0.0
    for name in names:
        init = psutil.Process(estate.host(name).pid)
        for process in [init, *init.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _assess(inventory: Path, folder: Path) -> None:
    workspace = folder / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    # hosts.ini read, every host asked, every recording stored. Judging and the report are not part of it.
    code = (
        "import sys; from pathlib import Path\n"
        "from inventory.hosts import read_hosts\n"
        "from inventory.scan import ScanOptions, scan_hosts\n"
        "from inventory.store.records import Outcome\n"
        "from inventory.store.workspace import Workspace\n"
        "path = Path(sys.argv[1]); hosts = read_hosts(path); workspace = Workspace.create(Path(sys.argv[2]))\n"
        "with workspace.lock(), workspace.store(None) as store:\n"
        "    options = ScanOptions(connect=workspace.connect_options(), forks=int(sys.argv[3]))\n"
        "    outcome = scan_hosts(str(path), hosts, workspace, store, options, lambda *_: None)\n"
        "    bad = [f'{r.host}: {r.reason}' for r in outcome.results if r.outcome is not Outcome.ANSWERED]\n"
        "    sys.exit('\\n'.join(bad) or 0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(inventory), str(workspace), str(WORKERS)], check=True)


def _ansible(inventory: Path, folder: Path) -> None:
    environment = {
        **os.environ,
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_FORKS": str(WORKERS),
        "ANSIBLE_LOCAL_TEMP": str(folder / "ansible"),
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=no",
    }
    ansible = Path(sys.executable).parent / "ansible"
    completed = subprocess.run(
        [str(ansible), "all", "-i", str(inventory), "-m", "setup"], env=environment, capture_output=True, check=False
    )
    if completed.returncode != 0:
        raise SystemExit(completed.stdout[-2000:].decode() + completed.stderr[-2000:].decode())


def _print(rounds: dict[str, list[Round]]) -> None:
    table = Table(title=f"{CLONES} hosts, {WORKERS} at a time, median of {ROUNDS} rounds in turn")
    for heading in ("", "hosts/s", "CPU on the host, ms each", "CPU here, ms each", "hosts/s, ratio to ansible"):
        table.add_column(heading, justify="left" if not heading else "right")
    speed = {name: statistics.median(CLONES / each.wall for each in those) for name, those in rounds.items()}
    slowest = min(speed.values())
    for name, those in rounds.items():
        table.add_row(
            name,
            f"{speed[name]:.1f}",
            f"{statistics.median(each.there for each in those) / CLONES * 1000:.0f}",
            f"{statistics.median(each.here for each in those) / CLONES * 1000:.0f}",
            f"{speed[name] / slowest:.1f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
