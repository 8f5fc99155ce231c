"""Hosts judged per second, and what the plan of a large estate costs: snapshots of the recorded estate, copied.

Each size runs in a process of its own, so that its peak of memory is its own. ``BENCH_HOSTS`` names other sizes. Time
is CPU time of one process. Reading recordings is not part of it: see the benchmark of the store.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from rich.console import Console
from rich.table import Table

SIZES = tuple(int(size) for size in os.environ.get("BENCH_HOSTS", "500,1000,2000").split(","))
RECORDED = ("web01", "db01", "app01", "vm01")

T = TypeVar("T")


def main() -> None:
    """Print the table; as ``bench_assess measure SIZE`` measure one size."""
    if sys.argv[1:2] == ["measure"]:
        sys.stdout.write(json.dumps(_measure(int(sys.argv[2]))))
        return
    table = Table(title="Judging copies of the recorded estate on one core")
    for name in ("hosts", "workloads", "judge s", "hosts/s", "ports s", "plan s", "of it waves s", "peak MB"):
        table.add_column(name, justify="right")
    for size in SIZES:
        row = json.loads(
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.bench_assess", "measure", str(size)],
                check=True,
                capture_output=True,
            ).stdout
        )
        table.add_row(*(f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" for value in row))
    Console(width=120).print(table)


def _measure(size: int) -> list[float]:
    from assess import assessment as judging
    from assess.applications import find_applications
    from assess.dependencies import dependencies
    from assess.waves import plan_waves
    from tests.support.estate_recordings import recorded_host
    from tests.support.judging import TARGET
    from tests.support.snapshots import TAKEN

    recorded = [recorded_host(name) for name in RECORDED]
    snapshots = [
        replace(
            each,
            host=f"{each.host}-{number:05}",
            address=f"10.{number >> 14}.{number >> 6 & 255}.{(number & 63) * 4 + place}",
        )
        for number in range(size // len(RECORDED))
        for place, each in enumerate(recorded)
    ]
    spent: dict[str, float] = {}
    kept: dict[str, object] = {}

    def timed(name: str, function: Callable[..., T]) -> Callable[..., T]:
        def run(*arguments: object, **named: object) -> T:
            begun = time.process_time()
            result = function(*arguments, **named)
            spent[name] = time.process_time() - begun
            kept[name] = arguments[0]
            return result

        return run

    judging.port_plan = timed("ports", judging.port_plan)
    judging.plan_estate = timed("plan", judging.plan_estate)
    whole = timed("whole", judging.assess_estate)(snapshots, [TARGET], TAKEN, "hosts.ini")
    estate = kept["plan"]
    applications, edges = find_applications(estate.hosts), dependencies(estate)  # type: ignore[attr-defined]
    timed("waves", plan_waves)(applications, edges)
    judged = spent["whole"] - spent["ports"] - spent["plan"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hosts = len(snapshots)
    return [hosts, len(whole.workloads), judged, hosts / judged, spent["ports"], spent["plan"], spent["waves"], peak]


if __name__ == "__main__":
    main()
