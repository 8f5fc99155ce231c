"""Hosts per second, CPU and memory: a scan of each depth against ``ansible -m setup`` with pipelining.

All ask the same clones of a small host, in turn, with as many workers. CPU on the host is the CPU time of all its
processes, the ended ones included (a parent's times of waited-for children). CPU here is that of our own process tree,
and memory its largest proportional set size, looked at once a second, since looking costs more the more processes there
are. ``bare paramiko`` is the least that an SSH session can cost: it logs in and has ``cat`` send as many bytes as a
quick scan gets. The table prints medians of ROUNDS rounds. Judging and the report are not part of it.

    BENCH_CLONES=200 BENCH_WORKERS=32 BENCH_ROUNDS=3 python -m tests.benchmarks bench_scan
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from inventory.depth import Depth
from tests.estate import Estate, recipe
from tests.estate.running_host import RunningHost

CLONES = int(os.environ.get("BENCH_CLONES", "20"))
WORKERS = int(os.environ.get("BENCH_WORKERS", "32"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))

ANSIBLE = "ansible -m setup (pipelining)"
BARE = "bare paramiko, cat of as much as quick"

_SCAN = """
import sys
from pathlib import Path
from inventory.ansible.inventory_file import read_hosts

def load():
    import inventory.scan.scan_run, inventory.store.database, inventory.transports.ssh_client_choice

path = Path(sys.argv[1])
hosts = read_hosts(path, meanwhile=load)
from inventory.depth import Depth
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.store.scan_records import Outcome
from inventory.store.workspace import Workspace
workspace = Workspace.create(Path(sys.argv[2]))
with workspace.lock(), workspace.store(None) as store:
    options = ScanOptions(connect=workspace.connect_options(), forks=int(sys.argv[3]), depth=Depth(sys.argv[4]))
    outcome = scan_hosts(str(path), hosts, workspace, store, options, lambda *_: None)
    bad = [f"{r.host}: {r.reason}" for r in outcome.results if r.outcome is not Outcome.ANSWERED]
    if bad:
        sys.exit("; ".join(bad))
    recording = store.recording(outcome.scan, hosts[0].name)
    print(sum(len(part.content) for section in recording.sections for part in section.parts))
"""

_BARE = """
import sys
from pathlib import Path
import paramiko
from inventory.scan.many_hosts import local_workers

def ask(address, key, size):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(address, username="root", pkey=paramiko.Ed25519Key.from_private_key_file(key),
                   allow_agent=False, look_for_keys=False)
    _, out, _ = client.exec_command(f"cat /root/bench-{size}")
    got = len(out.read())
    client.close()
    return got

if __name__ == "__main__":
    key, forks, size, *addresses = sys.argv[1:]
    workers = local_workers(len(addresses), int(forks))
    for future in [workers.submit(ask, address, key, int(size)) for address in addresses]:
        assert future.result() == int(size)
    workers.shutdown()
"""


class Round(NamedTuple):
    """One run over all hosts: seconds of wall clock, of CPU here, of CPU on all hosts together; bytes here."""

    wall: float
    here: float
    there: float
    memory: int


def main() -> None:
    """Start the clones, measure, print, stop the clones."""
    names = [recipe.load("small01").clone(number).name for number in range(1, CLONES + 1)]
    with Estate.running(names) as estate, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        hosts = [host for host in estate.hosts() if host.name in names]
        inventory = _inventory(estate, hosts, place)
        sizes = {depth: _scan(inventory, place, depth) for depth in Depth}
        size = sizes[Depth.QUICK]
        for host in hosts:
            host.run("sh", "-c", f"head -c {size} /dev/urandom >/root/bench-{size}")
        addresses = [str(host.recipe.address) for host in hosts]
        contenders: dict[str, Callable[[], object]] = {
            f"assess --depth {depth} ({sizes[depth]:,} bytes)": partial(_scan, inventory, place, depth)
            for depth in Depth
        }
        contenders[ANSIBLE] = lambda: _ansible(inventory, place)
        contenders[BARE] = lambda: _bare(estate, size, addresses, place)
        rounds: dict[str, list[Round]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                rounds[name].append(_measure(run, hosts))
    _print(rounds)


def _inventory(estate: Estate, hosts: list[RunningHost], folder: Path) -> Path:
    """The clones at their own addresses: the forwarder that publishes them on loopback would be measured along."""
    lines = []
    for host in hosts:
        options = f"-o UserKnownHostsFile={estate.known_hosts}"
        lines.append(
            f"{host.name} ansible_host={host.recipe.address} ansible_user=root "
            f"ansible_ssh_private_key_file={estate.key} ansible_ssh_common_args='{options}'\n"
        )
    path = folder / "hosts.ini"
    path.write_text("".join(lines))
    return path


def _measure(run: Callable[[], object], hosts: list[RunningHost]) -> Round:
    there = _cpu_of_hosts(hosts)
    here = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    with _peak_memory() as peak:
        run()
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - here.ru_utime - here.ru_stime
    return Round(wall, cpu, _cpu_of_hosts(hosts) - there, peak[0])


@contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """The largest sum over our children, in a list of one."""
    peak = [0]
    over = threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _cpu_of_hosts(hosts: list[RunningHost]) -> float:
    """One look at all processes of this machine, each counted for the host whose first process it descends from."""
    total = 0.0
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for process in psutil.process_iter():
        try:
            times = process.cpu_times()
            children.setdefault(process.ppid(), []).append(process.pid)
        except psutil.NoSuchProcess:
            continue
        seconds[process.pid] = times.user + times.system + times.children_user + times.children_system
    waiting = [host.pid for host in hosts]
    while waiting:
        pid = waiting.pop()
        total += seconds.get(pid, 0.0)
        waiting += children.get(pid, [])
    return total


def _scan(inventory: Path, folder: Path, depth: Depth) -> int:
    """hosts.ini read, every host asked, every recording stored. The number of bytes that a host answered."""
    workspace = folder / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    command = [sys.executable, "-c", _SCAN, str(inventory), str(workspace), str(WORKERS), depth.value]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _bare(estate: Estate, size: int, addresses: list[str], folder: Path) -> None:
    # A file, since worker processes import what they are to run.
    script = folder / "bare.py"
    script.write_text(_BARE)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, str(script), str(estate.key), str(WORKERS), str(size), *addresses]
    subprocess.run(command, check=True, env=environment)


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
    for heading in ("", "hosts/s", "of ansible", "CPU on the host, ms", "of ansible", "CPU here, ms", "of ansible"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_column("memory here, MiB", justify="right")
    table.add_column("of ansible", justify="right")

    def medians(those: list[Round]) -> tuple[float, float, float, float]:
        return (
            CLONES / statistics.median(each.wall for each in those),
            statistics.median(each.there for each in those) / CLONES * 1000,
            statistics.median(each.here for each in those) / CLONES * 1000,
            statistics.median(each.memory for each in those) / 2**20,
        )

    peer = medians(rounds[ANSIBLE])
    for name, those in rounds.items():
        row = [name]
        for value, other, form in zip(medians(those), peer, (".1f", ".0f", ".0f", ".0f"), strict=True):
            row += [f"{value:{form}}", f"{value / other:.2f}"]
        table.add_row(*row)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
