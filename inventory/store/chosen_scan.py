"""The scan that a command is about: the one that was asked for, else the latest."""

from __future__ import annotations

from inventory.errors import WorkspaceError
from inventory.store.database import Store
from inventory.store.scan_records import Scan


def chosen_scan(store: Store, number: int | None) -> Scan:
    """The scan of this number, or the latest; raises WorkspaceError when there is none."""
    if number is None:
        return latest_scan(store)
    scan = store.scan(number)
    if scan is None:
        raise WorkspaceError(f"there is no scan {number} in this workspace; assess scans lists them")
    return scan


def latest_scan(store: Store) -> Scan:
    """The scan that reports are about; raises WorkspaceError when there is none."""
    scan = store.latest()
    if scan is None:
        raise WorkspaceError("there is no scan in this workspace yet; run: assess scan hosts.ini")
    return scan
