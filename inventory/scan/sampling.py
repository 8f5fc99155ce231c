"""Looks that follow a scan: what comes and goes, asked again and again at little cost.

A look asks three sections of the scan's hosts, counts what it saw, and is thrown away. Where a look could not be had
(the host was down, the line was cut), it is missing, and the next one comes at its time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from inventory.depth import Depth
from inventory.host import Host
from inventory.scan.collect_host import CollectionRequest
from inventory.scan.command_log import CommandLog
from inventory.scan.many_hosts import collect_hosts, local_workers
from inventory.scan.sample import SECTIONS, sample_of
from inventory.scan.scan_run import ScanOptions
from inventory.store.database import Store
from inventory.store.scan_records import Outcome, Scan
from inventory.store.sighting_store import Sampling, SightingStore
from inventory.store.snapshot_building import build_snapshot
from inventory.store.workspace import Workspace


@dataclass(frozen=True)
class SampleDone:
    """A sample of all hosts. ``answered`` of ``hosts`` answered; ``next_at`` is the start of the next one or None."""

    number: int
    answered: int
    hosts: int
    next_at: float | None


SampleProgress = Callable[[SampleDone], None]


class SampleClock(NamedTuple):
    """The time in seconds since the epoch, and waiting for a number of seconds."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def sampling_to_resume(store: Store, inventory: str, hosts: Sequence[Host], now: float) -> tuple[Scan, Sampling] | None:
    """The latest scan of these hosts, when the sampling after it was interrupted and its time is not over."""
    scan = next((each for each in reversed(store.scans()) if each.inventory == inventory), None)
    if scan is None or scan.finished is None or scan.hosts != tuple(host.name for host in hosts):
        return None
    sampling = SightingStore(store).sampling(scan)
    if sampling is None or sampling.ended is not None or now >= sampling.until:
        return None
    return scan, sampling


def run_sampling(
    scan: Scan,
    sampling: Sampling,
    hosts: Sequence[Host],
    workspace: Workspace,
    store: Store,
    options: ScanOptions,
    told: SampleProgress | None = None,
    clock: SampleClock | None = None,
) -> int:
    """Sample ``hosts`` until the time of ``sampling`` is over; return the number of samples.

    Samples begin at whole multiples of its interval; one that takes longer replaces those that it overlaps. A run that
    is killed is resumed by :func:`sampling_to_resume` with the samples taken so far. KeyboardInterrupt passes through.
    The caller holds ``workspace.lock("sampling")`` and not the workspace itself, so that other commands can run
    meanwhile.
    """
    now, sleep = clock or SampleClock()
    kept = SightingStore(store)
    asked = {result.host for result in store.hosts(scan) if result.outcome is Outcome.ANSWERED}
    waiting = [host for host in hosts if host.name in asked]
    question = CollectionRequest(
        options.connect,
        workspace.redaction_key(),
        options.host_seconds,
        Depth.QUICK,
        only=frozenset(SECTIONS),
        limits=options.limits,
    )
    log = CommandLog(workspace.ran)
    executor = options.executor or local_workers(len(waiting), options.forks)
    looks = 0
    try:
        while now() < sampling.until:
            answered = 0
            for one in collect_hosts(waiting, question, executor, options.forks):
                result = one.result
                log.write(one.deeds)
                if result.outcome is Outcome.ANSWERED and result.recording is not None:
                    seen = sample_of(build_snapshot(replace(result, reason=""), result.recording, Depth.QUICK))
                    kept.add(scan, result.host, result.taken, seen)
                    answered += 1
            kept.looked(scan)
            looks += 1
            next_at = _next(sampling, now())
            if told is not None:
                told(SampleDone(sampling.looks + looks, answered, len(waiting), next_at))
            if next_at is None:
                break
            while (left := next_at - now()) > 0:
                # In pieces, since a suspended machine stops the clock that sleep goes by.
                sleep(min(left, 10.0))
    finally:
        if options.executor is None:
            executor.shutdown(wait=False, cancel_futures=True)
    kept.end(scan, now())
    return looks


def _next(sampling: Sampling, now: float) -> float | None:
    """The start of the next sample; None when the time is over by then."""
    number = int((now - sampling.started) // sampling.every) + 1
    at = sampling.started + number * sampling.every
    return at if at < sampling.until else None
