"""Workspaces that hold scans of recorded hosts, as if these had just been asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assess.pipeline import assess_scan, keep_history, keep_names
from inventory.host import Host
from inventory.privacy.secrets.policy_version import POLICY
from inventory.store.cache.snapshot_cache import SnapshotCache
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Scan
from inventory.store.workspace import Workspace


def keep_scan(store: Store, results: Sequence[HostResult], inventory: str = "/hosts.ini") -> Scan:
    """A finished scan that brought home these results, judged and remembered as ``assess scan`` does."""
    scan = store.begin(inventory, [Host(result.host, result.address, result.groups) for result in results])
    for result in results:
        recording = result.recording
        if recording is not None:  # as this version would have brought it home
            result = replace(result, recording=replace(recording, redaction_policy=POLICY))
        store.save(scan, result)
    scan = store.finish(scan)
    snapshots = SnapshotCache(store, scan)
    assessment = assess_scan(store, scan, snapshots=snapshots)
    keep_names(store, assessment)
    keep_history(store, scan, assessment, snapshots)
    return scan


def workspace_of(path: Path, *scans: Sequence[HostResult]) -> Workspace:
    """A workspace at ``path`` with these scans in it."""
    workspace = Workspace.create(path)
    with workspace.store() as store:
        for results in scans:
            keep_scan(store, results)
    return workspace
