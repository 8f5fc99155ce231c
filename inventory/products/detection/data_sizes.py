"""The size of a directory: the sum of its files where a deep scan measured it, or its file system."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from inventory.model.databases import DataPlace
from inventory.model.mounts import Mounts
from inventory.model.sizes import DirectorySize


def measure(mounts: Mounts | None, sizes: Iterable[DirectorySize]) -> Callable[[DataPlace], DataPlace]:
    """A function that adds the size to a place, where it is known."""
    measured = {each.path: each.size_bytes for each in sizes}
    used = {mount.target: mount.used_bytes for mount in mounts.mounts if not mount.bind} if mounts else {}

    def of(place: DataPlace) -> DataPlace:
        if (size := measured.get(place.path)) is not None:
            return replace(place, size_bytes=size, size_is="sum of its files")
        if (size := used.get(place.path)) is not None and place.path != "/":
            return replace(place, size_bytes=size, size_is="use of its file system")
        return place

    return of
