"""The package that owns a path, from the package database of a host.

A host has hundreds of packages, and rules ask about a few. The answers of the first pass are cached, so that the second
need not decode the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from inventory.model.packages import Package, Packages
from inventory.observation import Found, Observation

LIBC_PACKAGES = ("libc6", "glibc", "libc6-amd64")
"""The C library of GNU, as distributions call it."""

_MERGED = ("/bin/", "/sbin/", "/lib/", "/lib64/")


class CachedPackages(msgspec.Struct, array_like=True, frozen=True):
    """Answers: who owns ``owners`` (None: no package does), and all ``packages`` that have one of the ``names``, in the
    order of the database.
    """

    owners: dict[str, str | None]
    names: frozenset[str]
    packages: tuple[Package, ...]


_NOTHING_CACHED = CachedPackages({}, frozenset(), ())


class PackageOwners:
    """The packages of one host. ``seen`` is False when its package database could not be read. Questions about
    ``cached`` facts are answered without it.
    """

    def __init__(self, packages: Observation[Packages], cached: CachedPackages = _NOTHING_CACHED) -> None:
        self.seen = isinstance(packages, Found)
        self._observed = packages
        self._cached = cached

    def owner_of(self, path: str) -> str | None:
        """The package that owns ``path``, under its name with or without /usr; None when none does."""
        if path in self._cached.owners:
            return self._cached.owners[path]
        return self._owners.get("/usr" + path if path.startswith(_MERGED) else path)

    def source_of(self, package: str) -> str | None:
        """The source package that ``package`` was built from; None when it is not installed."""
        found = self.installed(package)
        return (found.source or found.name) if found else None

    def installed(self, package: str) -> Package | None:
        """The installed package of this name; of several the last in the database."""
        return next(reversed(self._of_name(package)), None)

    def called(self, names: Collection[str]) -> tuple[Package, ...]:
        """The installed packages that have one of ``names``, in the order of the database."""
        known = self._cached_by_name if self._cached.names.issuperset(names) else self._by_name
        return tuple(package for name in known if name in names for package in known[name])

    def _of_name(self, name: str) -> Sequence[Package]:
        return (self._cached_by_name if name in self._cached.names else self._by_name).get(name, ())

    def cached(self, paths: Iterable[str], names: Iterable[str]) -> CachedPackages:
        """The answers about these paths, their owners and packages of these names."""
        owners = {path: self.owner_of(path) for path in paths}
        asked = frozenset(names).union(owner for owner in owners.values() if owner)
        return CachedPackages(owners, asked, self.called(asked))

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Package]]:
        return self._observed.value.by_name if isinstance(self._observed, Found) else {}

    @cached_property
    def _cached_by_name(self) -> Mapping[str, Sequence[Package]]:
        names: dict[str, list[Package]] = {}
        for package in self._cached.packages:
            names.setdefault(package.name, []).append(package)
        return names

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        if not isinstance(self._observed, Found):
            return {}
        return {
            "/usr" + owner.path if owner.path.startswith(_MERGED) else owner.path: owner.package
            for owner in self._observed.value.owners
        }
