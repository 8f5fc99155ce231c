"""The layer that a file belongs to, decided by the file and its package alone.

Digests of layers must not depend on what else was built, so nothing is moved to where it would be shared best. A file
of a package that every system of the distribution has (the essential packages and what they depend on) is ``base``, a
file of any other package is ``packages``, as its package shipped it; what a package tool writes of them all is
``records``; everything else, changed files included, is ``application``, which so stays the same when packages change.
A package of OWN_LAYER and more is its own layer, whatever comes with it: two services of one distribution share
the base, and each of the larger packages that both of them need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from containerize.plan.model import LayerName, PlannedFile

LAYERS: tuple[LayerName, ...] = ("base", "packages", "records", "application")
"""From the bottom to the top."""

OWN_LAYER = 512 << 10
"""Bytes of a package from which on it has its own layer. Ten workloads of Debian 12 that need 444 MB take 659 MB
with no such layers, 531 MB from 4 MB on, 476 MB from here on and 461 MB with a layer for every package.
"""

MOST_OWN_LAYERS = 60
"""Docker and Podman take 127 layers at most, and images built on top add some. OWN_LAYER doubles until the
packages of the image fit.
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """The entries of one layer in the order of its archive. ``package`` is set where one package fills it."""

    name: LayerName
    package: str
    files: tuple[PlannedFile, ...]


def layer_of(owners: Iterable[str], essential: frozenset[str], *, as_shipped: bool) -> LayerName:
    """The layer for a path with these owning packages. ``as_shipped``: its content is what the package brought."""
    packages = set(owners)
    if not packages or not as_shipped:
        return "application"
    return "base" if packages & essential else "packages"


def split_into_layers(files: Iterable[PlannedFile]) -> tuple[Layer, ...]:
    """The layers of an image from the bottom to the top, without empty ones.

    Every layer holds the directories above its files, also those that one below has: an engine unpacks a layer by
    itself, and what lies above a file would else belong to root and be open to all.
    """
    rows = tuple(files)
    directories = {file.path: file for file in rows if file.kind == "directory"}
    own = _own_layers(rows)
    groups: dict[tuple[LayerName, str], dict[str, PlannedFile]] = {}
    for file in rows:
        package = file.package if file.layer == "packages" and file.package in own else ""
        group = groups.setdefault((file.layer, package), {})
        group[file.path] = file
        parent = file.path.rpartition("/")[0]
        while parent and parent not in group:
            if parent in directories:
                group[parent] = directories[parent]
            parent = parent.rpartition("/")[0]
    order = sorted(groups, key=lambda key: (LAYERS.index(key[0]), key[1]))
    return tuple(Layer(name, package, _in_order(groups[name, package])) for name, package in order)


def _own_layers(files: Iterable[PlannedFile]) -> frozenset[str]:
    sizes: Counter[str] = Counter()
    for file in files:
        if file.layer == "packages" and file.package:
            sizes[file.package] += file.size
    least = OWN_LAYER
    while sum(size >= least for size in sizes.values()) > MOST_OWN_LAYERS:
        least *= 2
    return frozenset(package for package, size in sizes.items() if size >= least)


def _in_order(files: Mapping[str, PlannedFile]) -> tuple[PlannedFile, ...]:
    """By the bytes of the path, so that a directory comes before what is in it. UTF-8 sorts as its text does, but for
    what is not UTF-8.
    """
    if all(path.isascii() for path in files):
        return tuple(files[path] for path in sorted(files))
    return tuple(files[path] for path in sorted(files, key=lambda path: path.encode("utf-8", "surrogateescape")))
