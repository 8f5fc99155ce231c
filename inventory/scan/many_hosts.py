"""Many hosts at once, on any ``concurrent.futures`` executor.

The workers of this machine get one host at a time, so that each result comes as soon as it is there. Another executor
(of a cluster) gets batches, since a call costs more there, and each batch is worked off by threads where it arrives.
Memory stays flat however many hosts there are: only so many calls are under way, and no result is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from inventory.host import Host
from inventory.platforms import Platform
from inventory.scan.collect_host import CollectedHost, CollectionRequest, collect_host
from inventory.scan.workers import Workers
from inventory.store.scan_records import HostResult, Outcome

THREADS_SUFFICE = 16
"""Below so many hosts the start of processes costs more than it brings (about 0.3 s of CPU each)."""

_BATCH = 16
_AHEAD = 2  # calls under way for each that can run, so that no worker waits for us


def local_workers(hosts: int, forks: int) -> Workers:
    """Workers for ``hosts`` hosts, ``forks`` at a time: threads for few, processes × threads for many."""
    forks = max(1, min(forks, hosts))
    processes = min(len(os.sched_getaffinity(0)), hosts // THREADS_SUFFICE)
    if processes < 2:
        return Workers(0, forks)
    return Workers(processes, -(-forks // processes))


def collect_hosts(
    hosts: Sequence[Host], question: CollectionRequest, executor: Executor, forks: int
) -> Iterator[CollectedHost]:
    """The result of each host, as they come. A worker that dies costs its own hosts only.

    Ending the iteration early cancels what has not begun.
    """
    if not isinstance(executor, Workers):
        # "local" means this machine, and not that of some worker.
        for host in (host for host in hosts if host.connection == "local"):
            yield collect_host(host, question)
        hosts = [host for host in hosts if host.connection != "local"]
    size = 1 if isinstance(executor, Workers) else _BATCH
    batches = iter([tuple(hosts[at : at + size]) for at in range(0, len(hosts), size)])
    under_way: dict[Future[list[CollectedHost]], tuple[Host, ...]] = {}
    most = max(1, -(-forks // size)) * _AHEAD
    try:
        while True:
            while len(under_way) < most and (batch := next(batches, None)) is not None:
                under_way[executor.submit(collect_batch, batch, question)] = batch
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield from _results(future, under_way.pop(future))
    finally:
        for future in under_way:
            future.cancel()


def collect_batch(hosts: Sequence[Host], question: CollectionRequest) -> list[CollectedHost]:
    """Ask a few hosts, all at once. Runs in the worker."""
    if len(hosts) == 1:
        return [collect_host(hosts[0], question)]
    with ThreadPoolExecutor(len(hosts)) as threads:
        return list(threads.map(lambda host: collect_host(host, question), hosts))


def _results(future: Future[list[CollectedHost]], batch: Sequence[Host]) -> list[CollectedHost]:
    try:
        return future.result()
    except Exception as error:  # ask_host raises nothing, so it is the worker that failed
        words = f"the worker that asked this host failed ({type(error).__name__}: {error}); scan again"
        blank = HostResult("", "", (), Platform.OTHER, Outcome.FAILED, words)
        return [CollectedHost(replace(blank, host=one.name, address=one.address, groups=one.groups)) for one in batch]
