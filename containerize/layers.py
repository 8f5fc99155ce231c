"""Which layer a file belongs to: a rule that looks at the file alone.

Digests of layers must not depend on what else was built, so nothing is moved to where it would be shared best. A file
of a package that every system of the distribution has (the essential packages and what they depend on) is ``base``, a
file of any other package is ``packages``, as its package shipped it; everything else, changed files included, is
``application``. Two services of one distribution then share the base, and two of one kind share the packages.
"""

from __future__ import annotations

from collections.abc import Iterable

from containerize.plan import LayerName, PlannedFile

LAYERS: tuple[LayerName, ...] = ("base", "packages", "application")
"""From the bottom to the top."""


def layer_of(owners: Iterable[str], essential: frozenset[str], *, as_shipped: bool) -> LayerName:
    """The layer for a path with these owning packages. ``as_shipped``: its content is what the package brought."""
    packages = set(owners)
    if not packages or not as_shipped:
        return "application"
    return "base" if packages & essential else "packages"


def members(files: Iterable[PlannedFile], layer: LayerName) -> list[PlannedFile]:
    """The files of one layer in the order of its archive: by path, so a directory comes before what is in it."""
    return sorted(
        (file for file in files if file.layer == layer), key=lambda file: file.path.encode("utf-8", "surrogateescape")
    )
