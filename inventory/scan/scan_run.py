"""A scan: all hosts asked, every answer kept as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from inventory.depth import Depth
from inventory.host import Host
from inventory.limits import HOST_SECONDS, Limits
from inventory.scan.collect_host import CollectionRequest
from inventory.scan.command_log import CommandLog
from inventory.scan.many_hosts import collect_hosts, local_workers
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Outcome, Scan
from inventory.store.workspace import Workspace
from inventory.transports.connect_options import ConnectOptions

RESUMABLE_SECONDS = 24 * 3600.0
"""Seconds for which an unfinished scan is resumed. Later, the answers of its first hosts are too old to go with new
ones, and the same command begins another scan.
"""

_DONE = (Outcome.ANSWERED, Outcome.UNSUPPORTED)


@dataclass(frozen=True)
class ScanOptions:
    """Options of a scan. ``forks`` hosts are asked at once, each for at most ``host_seconds``.

    ``executor`` takes hosts and stays the caller's; None: threads, or processes × threads for many hosts. ``new``
    starts another scan where an unfinished one of the same hosts would be resumed. ``shown`` is stored with the scan
    for people (``{"limit": "web*"}``). ``limits`` are those of each host. ``depth`` None: that of the scan which is
    resumed, and standard for another one.
    """

    connect: ConnectOptions = field(default_factory=ConnectOptions)
    forks: int = 32
    host_seconds: float = HOST_SECONDS
    depth: Depth | None = None
    limits: Limits = field(default_factory=Limits)
    new: bool = False
    executor: Executor | None = None
    shown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ScanOutcome:
    """A finished scan. ``results`` in inventory order, without recordings; ``resumed``: hosts done by a run before."""

    scan: Scan
    results: tuple[HostResult, ...]
    resumed: tuple[str, ...] = ()


Progress = Callable[[HostResult, int, int], None]
"""Called in the caller's thread after a host was stored: its result, the number of hosts that are done, and of all."""


def scan_hosts(
    inventory: str,
    hosts: Sequence[Host],
    workspace: Workspace,
    store: Store,
    options: ScanOptions | None = None,
    progress: Progress | None = None,
) -> ScanOutcome:
    """Ask ``hosts`` and store every answer in ``store`` as it arrives. No host's fault ends the scan.

    ``inventory`` is the absolute path of the hosts file. The caller holds ``workspace.lock()``. KeyboardInterrupt
    passes through; everything that ``progress`` was called for is stored, and the same call resumes the scan. Raises
    WorkspaceError when an answer cannot be stored.
    """
    options = options or ScanOptions()
    scan = None if options.new else _to_resume(store, inventory, hosts, options.depth)
    if scan is None:
        depth = options.depth or Depth.STANDARD
        scan = store.begin(inventory, hosts, {**options.shown, "depth": depth.value})
    key = workspace.redaction_key()
    question = CollectionRequest(options.connect, key, options.host_seconds, scan.depth, limits=options.limits)
    log = CommandLog(workspace.ran)
    # Hosts that could not be asked are asked again: what stood in the way may be gone.
    resumed = {result.host for result in store.hosts(scan) if result.outcome in _DONE}
    waiting = [host for host in hosts if host.name not in resumed]
    done = len(resumed)
    executor = options.executor or local_workers(len(waiting), options.forks)
    try:
        for asked in collect_hosts(waiting, question, executor, options.forks):
            if asked.bug:
                workspace.write_log(asked.result.host, asked.bug)
            log.write(asked.deeds)
            store.save(scan, asked.result)
            done += 1
            if progress is not None:
                progress(asked.result, done, len(hosts))
    finally:
        if options.executor is None:
            executor.shutdown(wait=False, cancel_futures=True)
    scan = store.finish(scan)
    return ScanOutcome(scan, store.hosts(scan), tuple(host.name for host in hosts if host.name in resumed))


def _to_resume(store: Store, inventory: str, hosts: Sequence[Host], depth: Depth | None) -> Scan | None:
    """The unfinished scan of the same hosts; another ``--limit`` is another scan, and so is another ``--depth``."""
    scan = store.unfinished(inventory)
    if scan is None or scan.hosts != tuple(host.name for host in hosts):
        return None
    if depth is not None and depth is not scan.depth:
        return None
    return scan if time.time() - scan.started < RESUMABLE_SECONDS else None
