"""Hosts assessed per second from stored snapshots, and what the plan of a large estate costs.

The estates are copies of the recorded one with connections and lines of their own (``tests.support.estate_copies``), in
a database, with their facts parsed. Each size is assessed in a process of its own, so that its peak of memory is its
own. Time is CPU time of that one process, reading of the database included. Each estate is assessed twice: what the
first look at a host finds out is kept, so the second time is that of every further report and export. ``BENCH_HOSTS``
names other sizes, ``BENCH_SERVICES`` how many services each host has beside what was recorded (0: hosts of 7.5
workloads, of which most are functions of the host; 6: eight services and six functions of the host). The last table is
the same estate with no facts kept: every recording is parsed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

SIZES = tuple(int(size) for size in os.environ.get("BENCH_HOSTS", "1000,3000,10000").split(","))
SERVICES = tuple(int(number) for number in os.environ.get("BENCH_SERVICES", "0,6").split(","))
PARSED_SIZE = 300

T = TypeVar("T")


def main() -> None:
    """Print the tables; ``bench_assess measure URL`` measures one database, ``make URL HOSTS SERVICES`` fills one."""
    if sys.argv[1:2] == ["measure"]:
        sys.stdout.write(json.dumps(_measure(sys.argv[2])))
        return
    if sys.argv[1:2] == ["make"]:
        _make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    console = Console(width=150)
    for services in SERVICES:
        table = Table(title=f"Assessing copies of the recorded estate on one core, {services} services a host added")
        for name in COLUMNS:
            table.add_column(name, justify="right")
        for size in SIZES:
            for row in _rows(size, services):
                table.add_row(*row)
        console.print(table)
    table = Table(title="The same where every recording has to be parsed")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for parsed in (False, True):
        for row in _rows(PARSED_SIZE, 0, parsed=parsed):
            table.add_row(*row)
    console.print(table)


COLUMNS = (
    "hosts", "assessed", "services", "findings", "assessed CPU s", "hosts/s", "port plan s", "applications s",
    "placement s", "waves s", "peak MB", "export s", "export MB", "peak MB then",
)  # fmt: skip


def _rows(size: int, services: int, *, parsed: bool = True) -> Iterator[list[str]]:
    """The first assessment, and the next one."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/assessment.db"
        own = [sys.executable, "-m", "tests.benchmarks.bench_assess"]
        subprocess.run([*own, "make", url, str(size), str(services)], check=True)
        if not parsed:
            _forget(url)
        for time_of in ("first", "again"):
            done = subprocess.run([*own, "measure", url], check=True, capture_output=True)
            found: dict[str, Any] = json.loads(done.stdout)
            yield [time_of if name == "assessed" else _shown(found[name]) for name in COLUMNS]


def _shown(value: float) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _make(url: str, hosts: int, services: int) -> None:
    from inventory.store.database import Store
    from tests.support.estate_copies import keep_copies

    with Store(url) as store:
        keep_copies(store, hosts, services)


def _forget(url: str) -> None:
    from inventory.store.cache.snapshot_cache import SnapshotCache
    from inventory.store.chosen_scan import latest_scan
    from inventory.store.database import Store

    with Store(url) as store:
        SnapshotCache(store, latest_scan(store)).drop()


def _measure(url: str) -> dict[str, float]:
    from assess import assessor as judging
    from assess import pipeline
    from assess.export.export_document import write_document
    from assess.planning import estate_planner
    from inventory.store.chosen_scan import latest_scan
    from inventory.store.database import Store
    from tests.support.judging import TARGET

    spent: Counter[str] = Counter()

    def timed(name: str, function: Callable[..., T]) -> Callable[..., T]:
        def run(*arguments: object, **named: object) -> T:
            begun = time.process_time()
            result = function(*arguments, **named)
            spent[name] += time.process_time() - begun
            return result

        return run

    judging.clients_of_ports = timed("ports", judging.clients_of_ports)
    judging.port_uses = timed("ports", judging.port_uses)
    estate_planner.solve = timed("placement", estate_planner.solve)
    estate_planner.plan_waves = timed("waves", estate_planner.plan_waves)
    finder = estate_planner.ApplicationFinder
    finder.add = timed("applications", finder.add)  # type: ignore[method-assign]
    finder.applications = timed("applications", finder.applications)  # type: ignore[method-assign]
    pipeline.local_target = lambda: TARGET
    with Store(url) as store:
        scan = latest_scan(store)
        begun = time.process_time()
        whole = pipeline.assess_scan(store, scan)
        judged = time.process_time() - begun
        peak = _peak()
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            written = 0

            def write(text: str) -> None:
                nonlocal written
                written += len(text)
                nowhere.write(text)

            begun = time.process_time()
            write_document(whole, write)
            export = time.process_time() - begun
    plan = whole.plan
    assert plan is not None
    hosts = len(whole.hosts)
    return {
        "hosts": hosts,
        "services": sum(each.instances for each in plan.applications),
        "findings": len(whole.findings),
        "assessed CPU s": judged,
        "hosts/s": hosts / judged,
        "port plan s": spent["ports"],
        "applications s": spent["applications"],
        "placement s": spent["placement"],
        "waves s": spent["waves"],
        "peak MB": peak,
        "export s": export,
        "export MB": written / 1e6,
        "peak MB then": _peak(),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
