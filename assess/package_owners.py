"""Which package owns a path, answered from an index: a host has hundreds of owned paths and asks thousands of times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from inventory.model.packages import Package, Packages

_MERGED = ("/bin/", "/sbin/", "/lib/", "/lib64/")


class PackageOwners:
    """The owners of paths on one host. ``seen`` is False when its package database could not be read."""

    def __init__(self, packages: Packages | None) -> None:
        self.seen = packages is not None
        self._database = packages
        self._owners = (
            {
                "/usr" + owner.path if owner.path.startswith(_MERGED) else owner.path: owner.package
                for owner in packages.owners
            }
            if packages
            else {}
        )

    @cached_property
    def _packages(self) -> Mapping[str, Package]:
        return {each.name: each for each in self._database.packages} if self._database else {}

    def owner_of(self, path: str) -> str | None:
        """The package that owns ``path``, under its name with or without /usr; None when none does."""
        return self._owners.get("/usr" + path if path.startswith(_MERGED) else path)

    def source_of(self, package: str) -> str | None:
        """The source package that ``package`` was built from; None when it is not installed."""
        found = self._packages.get(package)
        return (found.source or found.name) if found else None

    def installed(self, package: str) -> Package | None:
        """The installed package of this name."""
        return self._packages.get(package)
