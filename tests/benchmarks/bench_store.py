"""Many hosts in the store: seconds to keep and to read them again, and the most memory, on SQLite and PostgreSQL.

Hosts are replayed from the recordings of the estate, each size in a process of its own, so that its peak of memory is
its own. What is wanted: time in proportion to the number of hosts, and memory that does not depend on it.
``BENCH_HOSTS`` names other sizes.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIZES = tuple(int(size) for size in os.environ.get("BENCH_HOSTS", "1000,10000").split(","))
RECORDED = ("web01", "db01", "app01", "vm01")


def main() -> None:
    """Print the table; as ``bench_store measure URL SIZE`` measure one size."""
    if sys.argv[1:2] == ["measure"]:
        sys.stdout.write(json.dumps(_measure(sys.argv[2], int(sys.argv[3]))))
        return
    table = Table(title="Recordings of hosts, kept and read again by all parsers")
    names = ("database", "hosts", "keep s", "ms a host", "read s", "ms a host", "CPU s", "peak MB", "database MB")
    for name in names:
        table.add_column(name, justify="left" if name == "database" else "right")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = _server(stack)
        for size in SIZES:
            urls = {"SQLite": f"sqlite:///{folder}/{size}.db"}
            if server is not None:
                urls["PostgreSQL"] = server.database()
            for kind, url in urls.items():
                table.add_row(kind, *_row(url, size))
            (folder / f"{size}.db").unlink()
    Console(width=120).print(table)


def _server(stack: ExitStack) -> Any:
    from tests.support.postgresql import Cluster, programs

    if programs() is None:
        print("no PostgreSQL server on this machine: its rows are missing", file=sys.stderr)
        return None
    return stack.enter_context(Cluster.running())


def _row(url: str, size: int) -> list[str]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_store", "measure", url, str(size)]
    measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    keep, read = measured["keep"], measured["read"]
    return [
        f"{size:,}",
        f"{keep:.1f}",
        f"{keep / size * 1000:.1f}",
        f"{read:.1f}",
        f"{read / size * 1000:.1f}",
        f"{measured['cpu']:.1f}",
        f"{measured['peak'] / 1e6:.0f}",
        f"{measured['bytes'] / 1e6:.0f}",
    ]


def _measure(url: str, size: int) -> dict[str, float]:
    import sqlalchemy as sa

    from inventory.host import Host
    from inventory.store.database import Store
    from tests.support.estate_recordings import recorded_result

    results = [recorded_result(name) for name in RECORDED]
    hosts = [Host(f"host{number:05}", "192.0.2.1") for number in range(size)]
    with Store(url) as store:
        begun = time.perf_counter()
        scan = store.begin("/hosts.ini", hosts)
        for number, host in enumerate(hosts):
            store.save(scan, replace(results[number % len(results)], host=host.name))
        scan = store.finish(scan)
        kept = time.perf_counter()
        for _snapshot in store.snapshots(scan):
            pass
        ended = time.perf_counter()
        with store.reading() as connection:
            sqlite = connection.dialect.name == "sqlite"
            query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            own = sa.text(query if sqlite else "SELECT pg_database_size(current_database())")
            taken = connection.scalar(own)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "keep": kept - begun,
        "read": ended - kept,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * 1024,
        "bytes": float(taken or 0),
    }


if __name__ == "__main__":
    main()
